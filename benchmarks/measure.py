"""Whole processes measured by the operating system: wall seconds, processor seconds and peak memory of each finished run."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall and processor time in seconds, peak resident memory in bytes."""

    wall: float
    cpu: float
    memory: int


def run(command: Sequence[str], before: Callable[[], object] | None = None) -> Cost:
    """The cost of one run. Raises RuntimeError where it fails."""
    if before is not None:
        before()
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr is not None
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError(f"{' '.join(command)}: {errors.decode(errors='replace')[-500:]}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)


def repeat(command: Sequence[str], times: int, before: Callable[[], object] | None = None) -> Cost:
    """The median of several runs, each figure by itself."""
    costs = [run(command, before) for _ in range(times)]
    return Cost(
        median(cost.wall for cost in costs),
        median(cost.cpu for cost in costs),
        int(median(cost.memory for cost in costs)),
    )


def python(module: str, *arguments: str) -> list[str]:
    """A command that runs a module with this interpreter."""
    return [sys.executable, "-m", module, *arguments]
