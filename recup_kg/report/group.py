"""What the page of a run against a group shows, in the order in which it shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from recup_kg.compare.facts import Facts
from recup_kg.comparisons import ComparedRun, Evidence, Verdict
from recup_kg.errors import UnknownQuery
from recup_kg.explanations import Cause, Link
from recup_kg.group_comparisons import FrontierTask, GroupComparison
from recup_kg.report import strips
from recup_kg.report.evidence import Question, Questions
from recup_kg.report.pair import graph, listing, pair_values
from recup_kg.report.union import State, Union, UnionTask, union
from recup_kg.report.words import count, number, probability
from recup_kg.scores import NodeScore, Part, RunScore, TaskScore

WORTH = 1.0
"""Evidence (-log10 p) from which on a measurement is named beside a task."""
_PARTS = 4
_TASKS = 15
_TOP = 6
_CAUSES = 5


@dataclass(frozen=True, slots=True)
class Tile:
    """One part of the verdict, in a word and a sentence."""

    name: str
    verdict: Verdict
    reason: str
    captured: bool = True


@dataclass(frozen=True, slots=True)
class ScoredTask:
    """A task with its place in the frontier, and the measurements that lie apart most."""

    score: TaskScore
    place: FrontierTask | None
    parts: tuple[Part, ...]

    @property
    def symbol(self) -> str:
        """The mark of its place."""
        if self.place is not None:
            return State.FIRST.slug if self.place.first else State.INHERITED.slug
        return State.CANT_TELL.slug if self.score.verdict is Verdict.CANT_TELL else State.SAME.slug


@dataclass(frozen=True, slots=True)
class AskedLink:
    """A step of a chain with its query."""

    link: Link
    question: Question | None


@dataclass(frozen=True, slots=True)
class AskedCause:
    """A cause with the queries behind it and behind each step of its chain."""

    cause: Cause
    questions: tuple[Question, ...]
    chain: tuple[AskedLink, ...]
    numbers: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference run: its makespan in seconds, and why it was left out where it was."""

    run: ComparedRun
    makespan: float | None
    left_out: str | None


def group_values(
    comparison: GroupComparison, facts: tuple[Facts, Facts] | None, questions: Questions
) -> dict[str, Any]:
    """What the template of a group needs. `facts` are those of the typical reference and of the run, None where unreadable."""
    scores = comparison.scores
    places = {task.identifier: task for task in comparison.frontier}
    tasks = tuple(_scored(score, places) for score in scores.tasks)
    causes = tuple(
        _cause(cause, questions)
        for cause in (comparison.explanation.causes if comparison.explanation else ())
    )
    typical = comparison.typical
    values: dict[str, Any] = {
        "comparison": comparison,
        "tiles": _tiles(comparison),
        "tasks": listing(tasks, _TASKS),
        "top": tasks[:_TOP],
        "machines_scored": listing(scores.nodes, _TASKS),
        "makespan": strips.strip(comparison.makespan),
        "strips": tuple(map(strips.strip, comparison.distributions)),
        "causes": listing(causes, _CAUSES),
        "references": listing(references(comparison), _TASKS),
        "first_tasks": sum(task.first for task in comparison.frontier),
        "inherited_tasks": sum(not task.first for task in comparison.frontier),
        "typical": None,
    }
    if facts is not None:
        pair = pair_values(typical, *facts, questions)
        whole = union(typical, *facts)
        values["typical"] = {**pair, "graph": graph(judged(whole, comparison))}
    return values


def questions_of_group(comparison: GroupComparison) -> Questions:
    """The queries of the page: those about a pair are about the typical reference and the run."""
    typical = comparison.typical
    runs = (comparison.run, *comparison.group.runs)
    scope = {
        "reference": typical.reference.graph,
        "other": typical.other.graph,
        "comparison": typical.graph,
    }
    return Questions(scope, {run.name: run.graph for run in runs})


def judged(whole: Union, comparison: GroupComparison) -> Union:
    """The union, its tasks marked by the reference runs together instead of by the typical one alone."""
    places = {task.identifier: task for task in comparison.frontier}
    verdicts = {task.identifier: task.verdict for task in comparison.scores.tasks}
    return replace(whole, tasks=tuple(_judged(task, places, verdicts) for task in whole.tasks))


def references(comparison: GroupComparison) -> tuple[Reference, ...]:
    """The reference runs in their order."""
    screened = dict(comparison.scores.screened)
    return tuple(
        Reference(run, makespan, screened.get(run.name))
        for run, makespan in zip(comparison.group.runs, comparison.makespan.references, strict=True)
    )


def _judged(
    task: UnionTask, places: Mapping[str, FrontierTask], verdicts: Mapping[str, Verdict]
) -> UnionTask:
    if task.state in (State.ONLY_REFERENCE, State.ONLY_OTHER):
        return task
    found = Counter(_state(name, places, verdicts) for name in task.other)
    alone = max(0, len(task.reference) - len(task.other))
    if alone:
        found[State.CANT_TELL] += alone
    counts = tuple((state, found[state]) for state in State if found[state])
    return replace(task, state=counts[0][0], states=counts)


def _state(name: str, places: Mapping[str, FrontierTask], verdicts: Mapping[str, Verdict]) -> State:
    if name in places:
        return State.FIRST if places[name].first else State.INHERITED
    untold = verdicts.get(name, Verdict.CANT_TELL) is Verdict.CANT_TELL
    return State.CANT_TELL if untold else State.SAME


def _scored(score: TaskScore, places: Mapping[str, FrontierTask]) -> ScoredTask:
    parts = sorted(score.parts, key=lambda part: -part.evidence)
    worth = [part for part in parts if part.evidence >= WORTH]
    return ScoredTask(score, places.get(score.identifier), tuple(worth or parts[:1])[:_PARTS])


def _cause(cause: Cause, questions: Questions) -> AskedCause:
    asked = tuple(found for evidence in cause.evidence if (found := _asked(questions, evidence)))
    chain = tuple(AskedLink(link, _asked(questions, link.evidence)) for link in cause.chain)
    return AskedCause(cause, tuple(dict.fromkeys(asked)), chain, _numbers(cause))


def _asked(questions: Questions, evidence: Evidence) -> Question | None:
    try:
        return questions.asked(evidence)
    except UnknownQuery:
        return None


def _numbers(cause: Cause) -> str:
    said = [
        f"separation {cause.separation:.2f}",
        f"{cause.with_fact:,} with it, {cause.without_fact:,} without",
    ]
    if cause.effect is not None:
        said.append(f"Cliff's delta {number(round(cause.effect, 2))}")
    if cause.ratio is not None:
        said.append(f"ratio of medians {number(cause.ratio, 3)}")
    if cause.p is not None:
        floor = "" if cause.p_floor is None else f" (floor {probability(cause.p_floor)})"
        said.append(f"p {probability(cause.p)}{floor}")
    if cause.p_adjusted is not None:
        said.append(f"corrected {probability(cause.p_adjusted)}")
    return ", ".join(said)


def _tiles(comparison: GroupComparison) -> tuple[Tile, ...]:
    """The run, its machines and its tasks; and whether it did the same as the typical reference."""
    scores = comparison.scores
    same = [aspect for aspect in comparison.typical.aspects if aspect.name != "performance"]
    return (
        Tile("the run as a whole", scores.run.verdict, _run(scores.run)),
        _several("machines", "machine", scores.nodes),
        _several("tasks", "task", scores.tasks),
        *(Tile(aspect.name, aspect.verdict, aspect.reason, aspect.captured) for aspect in same[:4]),
    )


def _run(run: RunScore) -> str:
    p = f"p {probability(run.p)}, " if run.p is not None else ""
    needed = f"; {count(run.needed, 'more reference')} needed to tell" if run.needed else ""
    return f"{p}smallest that {count(run.n, 'reference')} can give {probability(run.p_floor)}{needed}"


def _several(name: str, noun: str, scored: Sequence[TaskScore] | Sequence[NodeScore]) -> Tile:
    if not scored:
        return Tile(name, Verdict.CANT_TELL, f"no {noun} of the run has a score", False)
    verdicts = [one.verdict for one in scored]
    deviating, untold = verdicts.count(Verdict.DIFFERENT), verdicts.count(Verdict.CANT_TELL)
    reason = f"{deviating:,} of {count(len(scored), noun)} {'deviates' if deviating == 1 else 'deviate'}"
    if untold:
        reason += f"; of {untold:,} it can't be told"
    verdict = Verdict.DIFFERENT if deviating else Verdict.CANT_TELL if untold else Verdict.SAME
    return Tile(name, verdict, reason)
