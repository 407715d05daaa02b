"""Where the difference of two makespans lies: split over the critical paths, so that the parts add up exactly.

Where all tasks have start times, the critical path is walked back from the task that ended last, each time to the parent that
ended last (Kelley & Walker 1959); waiting is what lies between. Where they have none, the path is the longest by run time, and
what it does not explain stays unattributed: no start time is made up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from recup_kg.align.dag import topological
from recup_kg.compare.facts import Facts, Ran
from recup_kg.comparisons import Makespan, MakespanPart

RUN = "run"
WAIT = "wait"
BEFORE = "before the first task"
AFTER = "after the last task"
UNATTRIBUTED = "unattributed"

_NOTEWORTHY = 0.05
"""Share of the reference makespan from which on a difference is worth a sentence."""


@dataclass(frozen=True, slots=True)
class _Split:
    path: tuple[str, ...]
    parts: dict[str, float]


def split_makespan(reference: Facts, other: Facts) -> Makespan:
    """The makespans of two runs and their parts in seconds."""
    reference, other = _that_may_have_run(reference), _that_may_have_run(other)
    if reference.makespan is None or other.makespan is None:
        message = "the makespan is not captured in " + _missing(reference, other)
        return Makespan(reference.makespan, other.makespan, (), (), (), message)
    timed = _has_times(reference) and _has_times(other)
    left, right = (_by_time(facts) if timed else _by_run_time(facts) for facts in (reference, other))
    parts = tuple(MakespanPart(name, left.parts[name], right.parts[name]) for name in left.parts)
    message = _message(reference.makespan, other.makespan, parts, timed) + _untold(reference, other)
    return Makespan(reference.makespan, other.makespan, parts, left.path, right.path, message)


def _that_may_have_run(facts: Facts) -> Facts:
    """The run without the tasks that it planned and did not execute: they took no time."""
    tasks = {name: task for name, task in facts.tasks.items() if task.ran is not Ran.NO}
    if len(tasks) == len(facts.tasks):
        return facts
    parents = {name: tuple(p for p in facts.parents[name] if p in tasks) for name in tasks}
    return replace(facts, tasks=tasks, parents=parents)


def _missing(reference: Facts, other: Facts) -> str:
    if reference.makespan is None and other.makespan is None:
        return "either run"
    return "the reference" if reference.makespan is None else "the other run"


def _untold(reference: Facts, other: Facts) -> str:
    """What the path lacks: tasks whose run time was not captured lengthen it by nothing, so it is a lower bound."""
    missing = sum(task.run_time is None for facts in (reference, other) for task in facts.tasks.values())
    return f"; {missing} run times were not captured, so the path is a lower bound" if missing else ""


def _has_times(facts: Facts) -> bool:
    tasks = facts.tasks.values()
    return facts.started is not None and all(
        task.started is not None and task.run_time is not None for task in tasks
    )


def _by_time(facts: Facts) -> _Split:
    started = {task.identifier: _seconds(facts, task.started) for task in facts.tasks.values()}
    ended = {name: begin + (facts.tasks[name].run_time or 0.0) for name, begin in started.items()}
    task: str | None = max(sorted(ended), key=ended.__getitem__, default=None)
    path: list[str] = []
    while task is not None:
        path.append(task)
        task = max(facts.parents[task], key=ended.__getitem__, default=None)
    path.reverse()
    run = sum(facts.tasks[name].run_time or 0.0 for name in path)
    wait = sum(started[after] - ended[before] for before, after in pairwise(path))
    before = started[path[0]] if path else 0.0
    after = (facts.makespan or 0.0) - run - wait - before
    return _Split(tuple(path), {RUN: run, WAIT: wait, BEFORE: before, AFTER: after})


def _by_run_time(facts: Facts) -> _Split:
    length: dict[str, float] = {}
    previous: dict[str, str | None] = {}
    for name in topological(facts.parents):
        before = max(facts.parents[name], key=length.__getitem__, default=None)
        previous[name] = before
        length[name] = (length[before] if before else 0.0) + (facts.tasks[name].run_time or 0.0)
    task: str | None = max(sorted(length), key=length.__getitem__, default=None)
    run = length[task] if task else 0.0
    path: list[str] = []
    while task is not None:
        path.append(task)
        task = previous[task]
    return _Split(tuple(reversed(path)), {RUN: run, UNATTRIBUTED: (facts.makespan or 0.0) - run})


def _seconds(facts: Facts, started: str | None) -> float:
    """Seconds from the start of the run to a time."""
    run, task = (datetime.fromisoformat(str(time)) for time in (facts.started, started))
    if (run.tzinfo is None) != (task.tzinfo is None):
        run, task = run.replace(tzinfo=None), task.replace(tzinfo=None)
    return (task - run).total_seconds()


def _message(reference: float, other: float, parts: Sequence[MakespanPart], timed: bool) -> str:
    difference = other - reference
    if abs(difference) <= _NOTEWORTHY * max(reference, 1e-9):
        return f"the makespans differ by {difference:+,.2f} s"
    largest = max(parts, key=lambda part: abs(part.difference))
    shares = ", ".join(f"{part.part} {part.difference:+,.2f} s" for part in parts)
    text = f"the makespan changed by {difference:+,.2f} s: {shares}"
    if timed:
        return f"{text}; most of it is {_PHRASES[largest.part]}"
    if largest.part == UNATTRIBUTED:
        return f"{text}; it can't be attributed to any task: no start times were captured, and run times don't explain it"
    return f"{text}; most of it is run time on the longest path"


_PHRASES = {
    RUN: "run time on the critical path",
    WAIT: "waiting between tasks of the critical path",
    BEFORE: "time before the first task",
    AFTER: "time after the last task",
}
