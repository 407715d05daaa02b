"""What a process was, told from the command line that a tool recorded."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum

from recup_kg.fuse.facts import Group


class Role(Enum):
    """What a process was for a Dask cluster."""

    SPAWNED = "process that a nanny started"
    WORKER = "dask worker"
    SCHEDULER = "dask scheduler"
    HELPER = "helper process"
    LAUNCHER = "launcher"
    OTHER = "other process"


_PATTERNS = (
    (Role.LAUNCHER, re.compile(r"^\S*\b(mpiexec|mpirun|srun|aprun|jsrun|orterun|prterun|palsrun)(\.\S+)?\s")),
    (Role.HELPER, re.compile(r"multiprocessing[. ](resource_tracker|semaphore_tracker|forkserver)\b")),
    (Role.SPAWNED, re.compile(r"spawn_main\(|--multiprocessing-fork")),
    (Role.SCHEDULER, re.compile(r"\bdask[ -]scheduler\b|distributed\.cli\.dask_scheduler")),
    (Role.WORKER, re.compile(r"\bdask[ -](?:cuda[ -])?worker\b|distributed\.cli\.dask_worker")),
)


def role(command: str | None) -> Role:
    """What the process of a command line was.

    `dask worker` starts its worker as a process of `multiprocessing` (its nanny stays), unless told `--no-nanny`.
    """
    text = f"{command or ''} "
    return next((found for found, pattern in _PATTERNS if pattern.search(text)), Role.OTHER)


def worker_groups(groups: Iterable[Group]) -> tuple[Group, ...]:
    """The process groups that were Dask workers: those that nannies started; where there are none, `dask worker` itself."""
    listed = [(role(group.command), group) for group in groups]
    spawned = tuple(group for found, group in listed if found is Role.SPAWNED)
    started = tuple(group for found, group in listed if found is Role.WORKER)
    return spawned or started
