"""Nodes from the lists of a capture, with what ran on them, and the processes that its files name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from recup_kg.converters.dask.events import Events
from recup_kg.converters.dask.files import ROLES
from recup_kg.converters.dask.logs import Told
from recup_kg.converters.sources import head
from recup_kg.evidence.processes import Process
from recup_kg.evidence.scheduling import NodeRole
from recup_kg.records import Gap, Subject

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?")
LARGEST_LIST = 4 << 20


def listed(lists: dict[str, Path]) -> tuple[dict[str, tuple[str, ...]], list[Gap]]:
    """The names of the nodes of each role, in the order of the list, and what is no name in one."""
    found: dict[str, tuple[str, ...]] = {}
    gaps: list[Gap] = []
    for name, role in ROLES.items():
        if name not in lists:
            continue
        words = head(lists[name], LARGEST_LIST).decode(errors="surrogateescape").split()
        found[role] = tuple(dict.fromkeys(word for word in words if _NAME.fullmatch(word)))
        if len(found[role]) < len(set(words)) or not words:
            comment = "no name of a node" if words else "the list is empty"
            gaps.append(Gap("UnreadableValue", Subject("execution"), name, comment))
    return found, gaps


def roles(nodes: dict[str, tuple[str, ...]]) -> tuple[NodeRole, ...]:
    """What ran on each node."""
    names = dict.fromkeys(name for listed in nodes.values() for name in listed)
    return tuple(
        NodeRole(name, tuple(sorted(role for role, listed in nodes.items() if name in listed)))
        for name in sorted(names)
    )


def only(nodes: dict[str, tuple[str, ...]], role: str) -> str | None:
    """The node of that role, where the list names exactly one: every process of that role ran there."""
    names = nodes.get(role, ())
    return names[0] if len(names) == 1 else None


def processes(told: Events, logs: Told, nodes: dict[str, tuple[str, ...]]) -> tuple[Process, ...]:
    """The scheduler and the workers, by address."""
    schedulers = {*logs.schedulers, *(item.process for item in told.scheduler)} - {None}
    workers = {address for address in _workers(told, logs) if address is not None} - schedulers
    return (
        *_processes(schedulers, "scheduler", only(nodes, "scheduler")),
        *_processes(workers, "worker", only(nodes, "worker")),
    )


def _workers(told: Events, logs: Told) -> Iterator[str | None]:
    yield from (item.process for item in told.registrations)
    yield from (item.process for item in told.workers)
    yield from (item.worker for item in told.scheduler)
    for move in told.moves:
        yield move.who
        yield move.called_from
    yield from (item.identifier for item in logs.settings)


def _processes(addresses: Iterable[str | None], role: str, host: str | None) -> Iterator[Process]:
    for address in sorted(address for address in addresses if address is not None):
        yield Process(address, f"{role} {address}", host=host, address=address)
