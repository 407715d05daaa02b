"""Where the difference of two makespans lies: split over the critical paths, so that the parts add up exactly.

Where all tasks have start times, the critical path is walked back from the task that ended last, each time to the parent that
ended last (Kelley & Walker 1959). What lies between two tasks is queue and transfer where the source states such times, else
waiting. Where a task of the path has no parent, the walk goes on with the task that ended last before it could start: nothing
says that it waited for that one, so the time between them is explained by no task.

Where start times are missing, the path is the longest by run time, and what it does not explain stays unattributed: no start time
is made up. Times are summed in whole nanoseconds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from recup_kg.align.dag import topological
from recup_kg.compare.facts import Facts, Ran
from recup_kg.compare.waits import Waits, posix
from recup_kg.comparisons import Makespan, MakespanPart, MakespanStep

RUN = "run"
TRANSFER = "transfer"
QUEUE = "queue"
WAIT = "wait"
BEFORE = "before the first task"
BETWEEN = "between tasks without a dependency"
AFTER = "after the last task"
UNATTRIBUTED = "unattributed"

_NOTEWORTHY = 0.05
"""Share of the reference makespan from which on a difference is worth a sentence."""
_NANO = 10**9
_ORDER = (RUN, TRANSFER, QUEUE, WAIT, BEFORE, BETWEEN, AFTER, UNATTRIBUTED)
_ALWAYS = {True: (RUN, WAIT, BEFORE, AFTER), False: (RUN, UNATTRIBUTED)}
"""Parts that are named even where they are 0: by whether the tasks have start times."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A task of the path, with its parts in ns."""

    task: str
    parts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Split:
    """A path, and `rest`: what no task explains, in ns by part."""

    steps: tuple[_Step, ...]
    rest: Mapping[str, int]

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(step.task for step in self.steps)

    def total(self, part: str) -> int:
        return sum(step.parts.get(part, 0) for step in self.steps) + self.rest.get(part, 0)


@dataclass(frozen=True, slots=True)
class _Told:
    """Which of the times that are not computing both runs captured."""

    queues: bool
    transfers: bool


def split_makespan(reference: Facts, other: Facts, pairs: Mapping[str, str] | None = None) -> Makespan:
    """The makespans of two runs and their parts in seconds. `pairs` are the matched tasks, reference to other."""
    told = _Told(
        reference.waits.queues and other.waits.queues, reference.waits.transfers and other.waits.transfers
    )
    untold = _untold_waits(reference, other)
    reference, other = _that_may_have_run(reference), _that_may_have_run(other)
    if reference.makespan is None or other.makespan is None:
        message = "the makespan is not captured in " + _missing(reference, other)
        return Makespan(reference.makespan, other.makespan, (), (), (), message)
    timed = _has_times(reference) and _has_times(other)
    left, right = ((_by_time if timed else _by_run_time)(facts, told) for facts in (reference, other))
    named = {*_ALWAYS[timed], *(part for part in _ORDER if left.total(part) or right.total(part))}
    parts = tuple(
        MakespanPart(part, left.total(part) / _NANO, right.total(part) / _NANO)
        for part in _ORDER
        if part in named
    )
    message = _message(reference.makespan, other.makespan, parts, timed) + _untold(reference, other)
    return Makespan(
        reference.makespan,
        other.makespan,
        parts,
        left.path,
        right.path,
        message + (untold if timed else ""),
        tuple(_steps(left, right, pairs or {})),
    )


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


def _untold_waits(reference: Facts, other: Facts) -> str:
    """What only one run states is not split off in either."""
    one, two = reference.waits, other.waits
    names = [
        name
        for name, differ in (
            ("queues", one.queues != two.queues),
            ("transfers", one.transfers != two.transfers),
        )
        if differ
    ]
    return (
        f"; times of {' and '.join(names)} were captured in one run only, so they are not split off"
        if names
        else ""
    )


def _has_times(facts: Facts) -> bool:
    tasks = facts.tasks.values()
    return facts.started is not None and all(
        task.started is not None and task.run_time is not None for task in tasks
    )


@dataclass(frozen=True, slots=True)
class _Clock:
    """When each task started and ended, in ns from the start of the run, and `origin`, that start as POSIX time in s."""

    started: Mapping[str, int]
    ended: Mapping[str, int]
    origin: float

    def offset(self, time: float) -> int:
        """A POSIX time in ns from the start of the run; a double holds today's to the microsecond."""
        return round((time - self.origin) * 10**6) * 1000

    def by_end(self, task: str) -> tuple[int, str]:
        """Sorts tasks by their ends."""
        return self.ended[task], task


def _clock(facts: Facts) -> _Clock:
    clock = _Clock({}, {}, posix(str(facts.started)))
    started = {name: clock.offset(posix(str(task.started))) for name, task in facts.tasks.items()}
    ended = {name: begin + _nano(facts.tasks[name].run_time or 0.0) for name, begin in started.items()}
    return replace(clock, started=started, ended=ended)


def _by_time(facts: Facts, told: _Told) -> _Split:
    clock = _clock(facts)
    in_order = sorted(clock.ended, key=clock.by_end)
    ends = [clock.ended[name] for name in in_order]
    steps: dict[str, _Step] = {}
    rest = {BEFORE: 0, BETWEEN: 0, AFTER: _nano(facts.makespan or 0.0) - (ends[-1] if ends else 0)}
    task = in_order[-1] if in_order else None
    while task is not None:
        waits = facts.waits.tasks.get(facts.tasks[task].iri, Waits())
        parent = max(facts.parents[task], key=clock.by_end, default=None)
        if parent is not None and parent not in steps:
            previous = clock.ended[parent]
        else:
            previous = clock.started[task] - (_queued(clock, task, waits) if told.queues else 0)
            parent = _last_before(clock, in_order, bisect_right(ends, previous), task, steps)
            rest[BEFORE if parent is None else BETWEEN] += previous - (clock.ended[parent] if parent else 0)
        steps[task] = _Step(task, _parts(clock, facts, task, waits, previous, told))
        task = parent
    return _Split(tuple(reversed(steps.values())), rest)


def _last_before(
    clock: _Clock, in_order: Sequence[str], count: int, task: str, taken: Mapping[str, object]
) -> str | None:
    """Of the first `count` tasks by end, the last that started before the task; as clocks may differ, none is taken twice."""
    for place in range(count - 1, -1, -1):
        name = in_order[place]
        if clock.started[name] < clock.started[task] and name not in taken:
            return name
    return None


def _queued(clock: _Clock, task: str, waits: Waits) -> int:
    """ns between the task's coming to the queue and its start."""
    if waits.queued is not None:
        return max(_nano(waits.queued), 0)
    begin = clock.started[task]
    ready = [at for at in map(clock.offset, waits.ready) if at <= begin]
    return begin - max(ready) if ready else 0


def _parts(
    clock: _Clock, facts: Facts, task: str, waits: Waits, previous: int, told: _Told
) -> dict[str, int]:
    """The parts of the time from the end of the task before to the end of this one; they add up to it."""
    begin, run = clock.started[task], clock.ended[task] - clock.started[task]
    gap = begin - previous
    queue = min(_queued(clock, task, waits), max(gap, 0)) if told.queues else 0
    fetched = _covered(
        ((clock.offset(a), clock.offset(b)) for a, b in waits.fetched), previous, begin - queue
    )
    staged = min(_nano(waits.staged or 0.0), run)
    before, within = (fetched, staged) if told.transfers else (0, 0)
    return {
        RUN: run - within,
        TRANSFER: before + within,
        QUEUE: queue,
        WAIT: gap - queue - before,
    }


def _covered(intervals: Iterable[tuple[int, int]], begin: int, end: int) -> int:
    """How much of the time from begin to end the union of the intervals covers."""
    total, reached = 0, begin
    for low, high in sorted(intervals):
        low, high = max(low, reached), min(high, end)
        if high > low:
            total += high - low
            reached = high
    return total


def _by_run_time(facts: Facts, told: _Told) -> _Split:
    length: dict[str, int] = {}
    previous: dict[str, str | None] = {}
    for name in topological(facts.parents):
        before = max(facts.parents[name], key=length.__getitem__, default=None)
        previous[name] = before
        length[name] = (length[before] if before else 0) + _nano(facts.tasks[name].run_time or 0.0)
    task: str | None = max(sorted(length), key=length.__getitem__, default=None)
    steps: list[_Step] = []
    while task is not None:
        run = _nano(facts.tasks[task].run_time or 0.0)
        waits = facts.waits.tasks.get(facts.tasks[task].iri, Waits())
        staged = min(_nano(waits.staged or 0.0), run) if told.transfers else 0
        steps.append(_Step(task, {RUN: run - staged, TRANSFER: staged}))
        task = previous[task]
    steps.reverse()
    explained = sum(sum(step.parts.values()) for step in steps)
    return _Split(tuple(steps), {UNATTRIBUTED: _nano(facts.makespan or 0.0) - explained})


def _steps(left: _Split, right: _Split, pairs: Mapping[str, str]) -> Iterator[MakespanStep]:
    """The tasks of both paths in the order of the paths, matched ones together."""
    others = {step.task: step for step in right.steps}
    taken: set[str] = set()
    for step in left.steps:
        partner = pairs.get(step.task)
        found = others.get(partner) if partner is not None else None
        if found is not None:
            taken.add(found.task)
        yield _step(step, found)
    for step in right.steps:
        if step.task not in taken:
            yield _step(None, step)


def _step(one: _Step | None, two: _Step | None) -> MakespanStep:
    sides = [step.parts if step is not None else {} for step in (one, two)]
    parts = tuple(
        MakespanPart(part, sides[0].get(part, 0) / _NANO, sides[1].get(part, 0) / _NANO)
        for part in _ORDER
        if any(side.get(part) for side in sides)
    )
    return MakespanStep(one.task if one else None, two.task if two else None, parts)


def _nano(seconds: float) -> int:
    return round(seconds * _NANO)


def _message(reference: float, other: float, parts: Sequence[MakespanPart], timed: bool) -> str:
    difference = other - reference
    if abs(difference) <= _NOTEWORTHY * max(reference, 1e-9):
        return f"the makespans differ by {difference:+,.2f} s"
    largest = max(parts, key=lambda part: abs(part.difference))
    shares = ", ".join(f"{part.part} {part.difference:+,.2f} s" for part in parts)
    text = f"the makespan changed by {difference:+,.2f} s: {shares}"
    if timed:
        return f"{text}; most of it is {_PHRASES[largest.part]}"
    if largest.part == TRANSFER:
        return f"{text}; most of it is moving data on the longest path"
    if largest.part == UNATTRIBUTED:
        return f"{text}; it can't be attributed to any task: no start times were captured, and run times don't explain it"
    return f"{text}; most of it is run time on the longest path"


_PHRASES = {
    RUN: "run time on the critical path",
    TRANSFER: "moving data on the critical path",
    QUEUE: "queueing of tasks of the critical path",
    WAIT: "waiting between tasks of the critical path",
    BEFORE: "time before the first task",
    BETWEEN: "time between tasks of which nothing says that one waited for the other",
    AFTER: "time after the last task",
}
