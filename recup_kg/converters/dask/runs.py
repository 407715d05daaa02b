"""Which runs of a task the transitions show, and which of them is the one that counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from recup_kg.converters.dask.values import seconds
from recup_kg.evidence.scheduling import StateTransition
from recup_kg.records import Timestamp

RUNNING = frozenset(("executing", "long-running"))
UNDECIDED = frozenset(("cancelled", "resumed"))
"""States of a worker in which a computation goes on although its result may not be wanted any more.

https://distributed.dask.org/en/stable/worker-state.html
"""
DONE = "memory"
FAILED = frozenset(("erred", "error"))
_ELSEWHERE = frozenset(("fetch", "flight", "memory"))
"""A worker has, or was told to get, the result of a task: some worker computed it."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a task on one worker, by that worker's clock. `outcome` is the state that it led to, None if that isn't told."""

    worker: str | None
    start: Timestamp | None
    end: Timestamp | None
    outcome: str | None


def by_task(transitions: Iterable[StateTransition]) -> dict[str, list[StateTransition]]:
    """The transitions of each task, by time as far as one clock goes and else as the file has them."""
    found: dict[str, list[StateTransition]] = defaultdict(list)
    for transition in transitions:
        found[transition.task].append(transition)
    for listed in found.values():
        listed.sort(key=_when)
    return found


def runs(transitions: Sequence[StateTransition]) -> list[Run]:
    """The runs of one task, of its transitions in order. Each worker's transitions are looked at alone."""
    by_worker: dict[str | None, list[StateTransition]] = defaultdict(list)
    for transition in transitions:
        by_worker[transition.process].append(transition)
    return [run for worker, listed in by_worker.items() for run in _of_worker(worker, listed)]


def shows_result(transitions: Iterable[StateTransition]) -> bool:
    """Whether transitions of workers show that the result of the task existed somewhere."""
    return any(transition.to_state in _ELSEWHERE for transition in transitions)


def last(found: Sequence[Run]) -> Run | None:
    """The last successful run, else the last one; of several workers, whose clocks differ, it is the last as they tell it."""
    successful = [run for run in found if run.outcome == DONE]
    return max(successful or found, key=_ended, default=None)


def run_time(run: Run) -> float | None:
    """The seconds between start and end, by one clock."""
    start, end = seconds(run.start), seconds(run.end)
    return float(end - start) if start is not None and end is not None and end >= start else None


def _of_worker(worker: str | None, transitions: Sequence[StateTransition]) -> list[Run]:
    found: list[Run] = []
    start: StateTransition | None = None
    for transition in transitions:
        before, after = transition.from_state, transition.to_state
        if after in RUNNING:
            if start is not None and before not in RUNNING | UNDECIDED:
                found.append(Run(worker, start.time, None, None))
                start = None
            start = start or transition
        elif before in RUNNING | UNDECIDED and after not in UNDECIDED:
            if start is not None or before in RUNNING:
                found.append(Run(worker, start.time if start else None, transition.time, after))
            start = None
    if start is not None:
        found.append(Run(worker, start.time, None, None))
    return found


def _when(transition: StateTransition) -> tuple[Decimal, int]:
    moment = seconds(transition.time)
    return (Decimal(0) if moment is None else moment), transition.position or 0


def _ended(run: Run) -> Decimal:
    moment = seconds(run.end)
    if moment is None:
        moment = seconds(run.start)
    return Decimal(0) if moment is None else moment
