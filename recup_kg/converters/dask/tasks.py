"""Tasks and their outputs, from everything that the capture tells of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TypedDict

from recup_kg.align.assemble import UNSIGNED
from recup_kg.align.tokens import logical_name
from recup_kg.converters.dask.events import Events
from recup_kg.converters.dask.keys import group, prefix
from recup_kg.converters.dask.runs import (
    DONE,
    FAILED,
    Run,
    by_task,
    last,
    run_time,
    runs,
    shows_result,
)
from recup_kg.evidence.scheduling import StateTransition
from recup_kg.records import DataObject, Gap, Subject, TaskExecution, Timestamp

_ASSIGNED = "processing"


class Ran(Enum):
    """Whether a task ran, as far as the capture tells."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(slots=True)
class Known:
    """The events by task: `parents` of those that a graph defines, `moved` the bytes that transfers state of an output."""

    scheduler: dict[str, list[StateTransition]]
    workers: dict[str, list[StateTransition]]
    parents: dict[str, tuple[str, ...]]
    moved: dict[str, set[int]]
    labels: Mapping[str, tuple[str | None, str | None]]
    transferred: frozenset[tuple[str | None, str, str]]
    gaps: list[Gap] = field(default_factory=list)
    mistaken: int = 0

    @property
    def identifiers(self) -> list[str]:
        """The keys of all tasks."""
        return sorted({*self.parents, *self.scheduler, *self.workers})


def known(told: Events) -> Known:
    """The events of a capture by task."""
    parents: dict[str, tuple[str, ...]] = {}
    gaps: list[Gap] = []
    for submission in told.submissions:
        for task, before in submission.tasks:
            earlier = parents.get(task)
            if earlier is not None and earlier != before:
                comment = "this graph gives other dependencies than an earlier one; the task has all of them"
                gaps.append(Gap("ConflictingValue", Subject("task", task), submission.where, comment))
                before = tuple(sorted({*earlier, *before}))
            parents[task] = before
    moved: dict[str, set[int]] = {}
    for move in told.moves:
        for key, size in move.sizes:
            moved.setdefault(key, set()).add(size)
    transferred = frozenset(
        (move.called_from, move.start.written, move.stop.written)
        for move in told.moves
        if move.incoming and move.start is not None and move.stop is not None
    )
    return Known(
        by_task(told.scheduler), by_task(told.workers), parents, moved, told.labels, transferred, gaps
    )


def outputs(found: Known) -> tuple[DataObject, ...]:
    """The output of each task, and the data that tasks got from elsewhere, with the size where one is stated."""
    identifiers = found.identifiers
    tasks = set(identifiers)
    others = {before for parents in found.parents.values() for before in parents} | set(found.moved)
    return tuple(
        DataObject(key, logical_name(key), _size(found, key), (key,) if key in tasks else ())
        for key in (*identifiers, *sorted(others - tasks))
    )


def tasks(found: Known, states: Mapping[str, Ran], node: str | None) -> tuple[TaskExecution, ...]:
    """A task for each key; `node` is where all workers ran, if that is known."""
    identifiers = found.identifiers
    defined = set(identifiers)
    return tuple(_task(found, key, states[key], defined, node) for key in identifiers)


def states(found: Known, silent_workers: bool) -> dict[str, Ran]:
    """Whether each task ran. `silent_workers` says that some worker reported no transition of its own, or that none may have.

    What the scheduler's transitions don't show did not run, unless other files show that these are not all. Without them a
    task that no worker reports may have run on a worker that reports nothing.
    """
    shown = {key: _ran(found, key) for key in found.identifiers}
    complete = bool(found.scheduler) and all(
        key in found.scheduler for key, ran in shown.items() if ran and key in found.parents
    )
    decided = complete or (bool(found.workers) and not silent_workers)
    absent = Ran.NO if decided else Ran.UNKNOWN
    return {key: Ran.YES if ran else absent for key, ran in shown.items()}


def _ran(found: Known, key: str) -> bool:
    own = found.workers.get(key, ())
    if key in found.moved or shows_result(own) or runs(own):
        return True
    ends = FAILED | {DONE}
    return any(
        item.to_state == DONE or (item.from_state == _ASSIGNED and item.to_state in ends)
        for item in found.scheduler.get(key, ())
    )


def _size(found: Known, key: str) -> int | None:
    stated = stated_size(found, key)
    if stated is not None:
        return stated
    sizes = found.moved.get(key, set())
    if len(sizes) > 1:
        comment = f"transfers state different sizes of this: {', '.join(map(str, sorted(sizes)))} bytes"
        found.gaps.append(Gap("ConflictingValue", Subject("data", key), "column keys of transfers", comment))
        return None
    return next(iter(sizes), None)


def stated_size(found: Known, key: str) -> int | None:
    """The size of a task's output as the scheduler states it, the last time it was made."""
    sizes = [item.size for item in found.scheduler.get(key, ()) if item.size is not None]
    return sizes[-1] if sizes else None


def _task(found: Known, key: str, ran: Ran, defined: set[str], node: str | None) -> TaskExecution:
    label, stated_group = found.labels.get(key, (None, None))
    step = label or prefix(key)
    before = found.parents.get(key)
    executed = ran is Ran.YES
    facts: _Facts = _ran_facts(found, key, bool(before), node) if executed else {}
    return TaskExecution(
        identifier=key,
        name=step,
        step=step,
        level=0,
        parents=tuple(parent for parent in before or () if parent in defined),
        inputs=before,
        outputs=(key,),
        signatures=UNSIGNED,
        executed=executed,
        group=stated_group or group(key),
        **facts,
    )


class _Facts(TypedDict, total=False):
    """What is known of a task that ran."""

    started: Timestamp | None
    ended: Timestamp | None
    run_time: float | int | None
    status: str | None
    worker: str | None
    thread: int | None
    nodes: tuple[str, ...] | None


def _ran_facts(found: Known, key: str, has_inputs: bool, node: str | None) -> _Facts:
    own = found.scheduler.get(key, [])
    done = _decisive(own)
    seen = runs(found.workers.get(key, ()))
    if done is not None and done.worker is not None:
        # The scheduler decides which worker's result counts.
        seen = [run for run in seen if run.worker == done.worker]
    run = last(seen)
    computed = done if done is not None and _is_computation(found, has_inputs, done) else None
    worker = done.worker if done is not None and done.worker else run.worker if run else None
    return {
        "started": run.start if run else computed.began if computed else None,
        "ended": run.end if run else computed.ended if computed else None,
        "run_time": _duration(run, computed),
        "status": _status(done, run, own),
        "worker": worker,
        "thread": done.thread if done else None,
        "nodes": None if node is None or worker is None else (node,),
    }


def _decisive(transitions: Sequence[StateTransition]) -> StateTransition | None:
    """The scheduler's last word on a result of the task: that it is in memory, else that it failed."""
    ends = [item for item in transitions if item.from_state == _ASSIGNED]
    done = [item for item in ends if item.to_state == DONE]
    failed = [item for item in ends if item.to_state in FAILED]
    listed = done or failed
    return listed[-1] if listed else None


def _is_computation(found: Known, has_inputs: bool, done: StateTransition) -> bool:
    """Whether begin, end and duration are of the computation: of a task that first got its inputs, they are of that transfer."""
    if done.began is None or done.ended is None:
        return False
    if (done.worker, done.began.written, done.ended.written) in found.transferred:
        found.mistaken += 1
        return False
    # Without the transfers, what a task with inputs did first can't be told.
    return bool(found.transferred) or not has_inputs


def _duration(run: Run | None, computed: StateTransition | None) -> float | int | None:
    if computed is not None and computed.duration is not None and (run is None or run.outcome == DONE):
        return computed.duration
    return run_time(run) if run is not None and run.outcome is not None else None


def _status(
    done: StateTransition | None, run: Run | None, transitions: Sequence[StateTransition]
) -> str | None:
    """How the task's last run ended: the state that it led to, and not that its result was released since."""
    if done is not None:
        return done.to_state
    if run is not None:
        return run.outcome
    return DONE if any(item.to_state == DONE for item in transitions) else None
