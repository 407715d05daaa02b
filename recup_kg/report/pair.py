"""What the page of a pair of runs shows, in the order in which it shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from recup_kg.compare.facts import Facts
from recup_kg.comparisons import (
    UNEXPLAINED,
    Comparison,
    CoverageEntry,
    Deviation,
    Kind,
)
from recup_kg.report import dag, split, timeline, times
from recup_kg.report.evidence import Questions, Row, evidence_row
from recup_kg.report.fold import Fold, Folded, fold, unfolded
from recup_kg.report.shapes import Picture
from recup_kg.report.union import State, Union, UnionTask, union

OPEN = 12
"""Rows of a long table that are shown at once."""
LISTED = 200
"""Rows of a long table that are in the page at all; how many more there are is said."""
_TASKS = 40
"""Tasks of a step that are listed."""
_UNFOLDED = 60
"""Up to so many tasks the graph is drawn task by task as well."""
_STEPS = 24
_PATH = 20
_OPEN_OF_A_KIND = 6
_CONFIGURATION = (Kind.ENVIRONMENT, Kind.PROGRAM, Kind.PARAMETER, Kind.SEED, Kind.INPUT)


@dataclass(frozen=True, slots=True)
class Statement:
    """A deviation with the query behind it."""

    deviation: Deviation
    row: Row | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A long table: the rows shown at once, those behind a click, and how many are not in the page."""

    shown: tuple[Any, ...]
    more: tuple[Any, ...]
    left_out: int

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self.shown) + len(self.more) + self.left_out


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many deviations of a kind there are, and the first of them."""

    kind: Kind
    number: int
    example: Deviation


@dataclass(frozen=True, slots=True)
class StepTasks:
    """A box of the graph with its tasks."""

    anchor: str
    fold: Fold
    tasks: tuple[UnionTask, ...]
    left_out: int

    @property
    def noteworthy(self) -> bool:
        """Whether there is anything but tasks without a deviation in it."""
        return self.fold.state is not State.SAME


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine: how many tasks it ran in each run, and their run times together in seconds (None: not captured)."""

    name: str
    tasks: tuple[int, int]
    seconds: tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Graph:
    """The union graph: folded, and task by task where it is small."""

    picture: Picture
    tasks: Picture | None
    states: tuple[tuple[State, int], ...]
    steps: tuple[StepTasks, ...]
    remarks: tuple[str, ...]
    total: int

    @property
    def quiet(self) -> int:
        """How many boxes have only tasks without a deviation."""
        return sum(not step.noteworthy for step in self.steps)


def listing(rows: Iterable[Any], shown: int = OPEN, listed: int = LISTED) -> Listing:
    """Rows as a table that is not longer than a page bears."""
    found = tuple(rows)
    if shown and len(found) <= shown + 3:
        return Listing(found, (), 0)
    return Listing(found[:shown], found[shown:listed], max(0, len(found) - listed))


def pair_values(
    comparison: Comparison, reference: Facts, other: Facts, questions: Questions
) -> dict[str, Any]:
    """What the templates of a pair need."""
    whole = union(comparison, reference, other)
    statements = tuple(Statement(d, evidence_row(questions, d.evidence)) for d in comparison.deviations)
    gaps = [one for one in statements if one.deviation.kind is Kind.CAPTURE_GAP]
    first = [one for one in statements if one.deviation.first and one not in gaps]
    inherited = [one for one in statements if not one.deviation.first and one not in gaps]
    steps = times.by_step(whole, reference, other)
    return {
        "comparison": comparison,
        "kinds": kinds(comparison.deviations),
        "first": by_kind(first, _OPEN_OF_A_KIND),
        "inherited": by_kind(inherited, 0),
        "gaps": listing(gaps),
        "differences": listing(differences(statements)),
        "graph": graph(whole),
        "waterfall": split.picture(comparison.makespan),
        "paths": split.paths(comparison.makespan, _PATH),
        "unexplained": split.unexplained(comparison.makespan, sorted(UNEXPLAINED)),
        "split_question": questions.ask("makespan-parts"),
        "steps": listing(steps, _STEPS),
        "step_times": times.picture(steps[:_STEPS]),
        "timelines": _timelines(comparison, reference, other, whole),
        "machines": listing(machines(reference, other), _STEPS),
        "coverage": comparison.coverage,
        "summary": coverage_summary(comparison.coverage),
        "makespan_more": comparison.makespan.difference or 0.0,
    }


@dataclass(frozen=True, slots=True)
class ByKind:
    """Statements by kind of deviation, in the order of their ranks."""

    kinds: tuple[tuple[Kind, Listing], ...]

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(found.total for _, found in self.kinds)


def by_kind(statements: Sequence[Statement], shown: int) -> ByKind:
    """Statements as a table for each kind."""
    found: dict[Kind, list[Statement]] = {}
    for statement in statements:
        found.setdefault(statement.deviation.kind, []).append(statement)
    return ByKind(tuple((kind, listing(rows, shown)) for kind, rows in found.items()))


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference of configuration, with all tasks that it concerns."""

    kind: Kind
    message: str
    tasks: tuple[str, ...]
    row: Row | None


def differences(statements: Sequence[Statement]) -> tuple[Difference, ...]:
    """The differences of environment, programs, parameters and inputs: what is the same for several tasks is one."""
    found: dict[tuple[Kind, str], list[Statement]] = {}
    for statement in statements:
        deviation = statement.deviation
        if deviation.kind in _CONFIGURATION:
            message = _without_task(deviation)
            found.setdefault((deviation.kind, message), []).append(statement)
    ordered = sorted(found.items(), key=lambda item: _CONFIGURATION.index(item[0][0]))
    return tuple(
        Difference(
            kind,
            message,
            tuple(task for one in same if (task := one.deviation.reference_task or one.deviation.other_task)),
            same[0].row,
        )
        for (kind, message), same in ordered
    )


def _without_task(deviation: Deviation) -> str:
    """What is said of a task, so that the same of another task is the same."""
    of_task = deviation.reference_task is not None or deviation.other_task is not None
    return deviation.message.removeprefix(f"{deviation.name} ") if of_task else deviation.message


def kinds(deviations: Sequence[Deviation]) -> tuple[tuple[str, tuple[KindCount, ...]], ...]:
    """The kinds of first deviations, of inherited ones, and of capture gaps, each with the mark that it has in the page."""
    gaps = [deviation for deviation in deviations if deviation.kind is Kind.CAPTURE_GAP]
    told = [deviation for deviation in deviations if deviation.kind is not Kind.CAPTURE_GAP]
    first = [deviation for deviation in told if deviation.first]
    inherited = [deviation for deviation in told if not deviation.first]
    chosen = ((State.FIRST, first), (State.INHERITED, inherited), (State.NOT_CAPTURED, gaps))
    return tuple((state.slug, _counted(found)) for state, found in chosen if found)


def _counted(deviations: Sequence[Deviation]) -> tuple[KindCount, ...]:
    counts = Counter(deviation.kind for deviation in deviations)
    examples = {deviation.kind: deviation for deviation in reversed(deviations)}
    order = sorted(counts, key=lambda kind: examples[kind].rank)
    return tuple(KindCount(kind, counts[kind], examples[kind]) for kind in order)


def graph(whole: Union) -> Graph:
    """The union as pictures, with the tasks of each box."""
    folded = fold(whole)
    states = Counter(dict.fromkeys(State, 0))
    for box in folded.folds:
        states.update(box.states)
    steps = tuple(_step(number, box) for number, box in enumerate(folded.folds))
    small = len(whole.tasks) <= _UNFOLDED and len(folded.folds) < len(whole.tasks)
    return Graph(
        picture=dag.picture(folded, _label(folded), lambda number: steps[number].anchor),
        tasks=dag.task_picture(unfolded(whole), "The tasks of both runs, one box each") if small else None,
        states=tuple((state, states[state]) for state in State if states[state]),
        steps=steps,
        remarks=folded.remarks,
        total=sum(states.values()),
    )


def machines(reference: Facts, other: Facts) -> tuple[Machine, ...]:
    """The machines of both runs, those that ran most tasks first; none where no task names its machine."""
    tasks: dict[str, list[int]] = {}
    seconds: dict[str, list[float | None]] = {}
    for side, facts in enumerate((reference, other)):
        for task, nodes in facts.nodes.items():
            for node in nodes:
                tasks.setdefault(node, [0, 0])[side] += 1
                run_time = facts.tasks[task].run_time
                total = seconds.setdefault(node, [None, None])
                if run_time is not None:
                    total[side] = (total[side] or 0.0) + run_time
    order = sorted(tasks, key=lambda node: (-sum(tasks[node]), node))
    return tuple(
        Machine(node, (tasks[node][0], tasks[node][1]), (seconds[node][0], seconds[node][1]))
        for node in order
    )


def coverage_summary(entries: Sequence[CoverageEntry]) -> tuple[int, int, int]:
    """How many properties both runs captured in full, in part, and neither captured."""
    full = sum(state(entry.reference) == state(entry.other) == "captured" for entry in entries)
    neither = sum(state(entry.reference) == state(entry.other) == "not captured" for entry in entries)
    return full, len(entries) - full - neither, neither


def state(counts: tuple[int, int] | None) -> str:
    """Whether a property was captured of everything that could have it."""
    if counts is None or not counts[0]:
        return "not captured"
    return "captured" if counts[0] >= counts[1] else "in part"


def _label(folded: Folded) -> str:
    deviating = sum(box.state is not State.SAME for box in folded.folds)
    return f"The steps of both runs: {len(folded.folds)} boxes, {deviating} of them with something to tell"


def _step(number: int, box: Fold) -> StepTasks:
    listed = box.tasks[:_TASKS]
    return StepTasks(f"step-{number}", box, listed, len(box.tasks) - len(listed))


@dataclass(frozen=True, slots=True)
class Times:
    """The timeline of one run, with what it leaves out."""

    name: str
    side: str
    picture: Picture | None
    note: str


def _timelines(comparison: Comparison, reference: Facts, other: Facts, whole: Union) -> tuple[Times, ...]:
    told = (
        timeline.timeline(reference, whole, comparison.makespan.reference_path, reference=True),
        timeline.timeline(other, whole, comparison.makespan.other_path, reference=False),
    )
    end = max(one.end for one in told if one.spans) if any(one.spans for one in told) else 0.0
    return tuple(
        Times(
            one.name,
            side,
            timeline.picture(one, end) if one.spans else None,
            timeline.folded(one) if one.spans else "start times were not captured",
        )
        for one, side in zip(told, ("reference", "other run"), strict=True)
    )
