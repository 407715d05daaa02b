"""The tasks of two runs as one set: what was matched is one, each with how it deviates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from urllib.parse import unquote

from recup_kg.compare.facts import Facts, Ran, Task
from recup_kg.comparisons import Comparison, Deviation, Kind

_CLASS_QUERY = "ambiguous-tasks"


class State(Enum):
    """How a task of the union stands, the most noteworthy first; the value says it in words."""

    FIRST = "deviating first"
    ONLY_REFERENCE = "only in the reference"
    ONLY_OTHER = "only in the other run"
    INHERITED = "inheriting a deviation"
    AMBIGUOUS = "not told apart"
    CANT_TELL = "can't tell"
    NOT_CAPTURED = "not captured"
    SAME = "without a deviation"

    @property
    def slug(self) -> str:
        """The name of the state in identifiers."""
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True)
class UnionTask:
    """A matched pair, a task of one run only, or a class of tasks that can't be told apart.

    `reference` and `other` are identifiers of the source: one and one, one and none, or those of the class. `states` counts the
    tasks of a class whose members are in several states.
    """

    name: str
    step: str
    level: int
    reference: tuple[str, ...]
    other: tuple[str, ...]
    state: State
    deviations: tuple[Deviation, ...] = ()
    states: tuple[tuple[State, int], ...] = ()

    @property
    def counts(self) -> tuple[tuple[State, int], ...]:
        """How many tasks are in each state; of a class, as many as the run has of it that has more."""
        return self.states or ((self.state, max(len(self.reference), len(self.other))),)


@dataclass(frozen=True, slots=True)
class Union:
    """The tasks of both runs, and the dependencies between them: `edges` (parent, child by place) to whether each run has it."""

    tasks: tuple[UnionTask, ...]
    edges: Mapping[tuple[int, int], tuple[bool, bool]]
    of_reference: Mapping[str, int]
    of_other: Mapping[str, int]


def union(comparison: Comparison, reference: Facts, other: Facts) -> Union:
    """The union of two runs under the alignment of their comparison."""
    found = _Deviations.of(comparison)
    tasks = tuple(_tasks(comparison, reference, other, found))
    of_reference = {name: place for place, task in enumerate(tasks) for name in task.reference}
    of_other = {name: place for place, task in enumerate(tasks) for name in task.other}
    edges: dict[tuple[int, int], tuple[bool, bool]] = {}
    for side, facts, places in ((0, reference, of_reference), (1, other, of_other)):
        for child, parents in facts.parents.items():
            for parent in parents:
                key = places[parent], places[child]
                has = edges.get(key, (False, False))
                edges[key] = (has[0] or side == 0, has[1] or side == 1)
    return Union(tasks, edges, of_reference, of_other)


def step_name(step: str) -> str:
    """The name of a step from its IRI."""
    return unquote(step.rsplit("/", 1)[-1])


@dataclass(frozen=True, slots=True)
class _Deviations:
    """The deviations by the task of the reference, of the other run, and by the number of the class."""

    reference: Mapping[str, Sequence[Deviation]]
    other: Mapping[str, Sequence[Deviation]]
    classes: Mapping[int, Sequence[Deviation]]

    @classmethod
    def of(cls, comparison: Comparison) -> _Deviations:
        found: tuple[dict[str, list[Deviation]], dict[str, list[Deviation]], dict[int, list[Deviation]]] = (
            {},
            {},
            {},
        )
        for deviation in comparison.deviations:
            if deviation.reference_task is not None:
                found[0].setdefault(deviation.reference_task, []).append(deviation)
            elif deviation.other_task is not None:
                found[1].setdefault(deviation.other_task, []).append(deviation)
            elif deviation.evidence.query == _CLASS_QUERY:
                number = deviation.evidence.bindings["class"]
                found[2].setdefault(int(str(number)), []).append(deviation)
        return cls(*found)


def _tasks(comparison: Comparison, reference: Facts, other: Facts, found: _Deviations) -> Iterator[UnionTask]:
    ids = {task.iri: task.identifier for task in other.tasks.values()}
    partners = dict(comparison.alignment)
    classed: set[str] = set()
    classed_other: set[str] = set()
    for number, entry in enumerate(comparison.matching.classes):
        classed.update(entry.reference)
        classed_other.update(entry.other)
        yield _class(
            entry.name, entry.reference, entry.other, reference, other, found.classes.get(number, ())
        )
    taken: set[str] = set(classed_other)
    for name, task in sorted(reference.tasks.items()):
        if name in classed:
            continue
        partner = ids.get(partners.get(task.iri, ""))
        deviations = list(found.reference.get(name, ()))
        if partner is not None:
            taken.add(partner)
            deviations += found.other.get(partner, ())
        yield _one(task, None if partner is None else other.tasks[partner], deviations)
    for name, task in sorted(other.tasks.items()):
        if name not in taken:
            yield _one(None, task, found.other.get(name, ()))


def _class(
    name: str,
    members: Sequence[str],
    others: Sequence[str],
    reference: Facts,
    other: Facts,
    deviations: Sequence[Deviation],
) -> UnionTask:
    tasks = [*(reference.tasks[task] for task in members), *(other.tasks[task] for task in others)]
    return UnionTask(
        name=name,
        step=step_name(tasks[0].step) if tasks else name,
        level=min((task.level for task in tasks), default=0),
        reference=tuple(members),
        other=tuple(others),
        state=_deviating(deviations) or State.AMBIGUOUS,
        deviations=tuple(deviations),
    )


def _one(task: Task | None, partner: Task | None, deviations: Sequence[Deviation]) -> UnionTask:
    shown = task if task is not None else partner
    assert shown is not None
    return UnionTask(
        name=shown.identifier,
        step=step_name(shown.step),
        level=shown.level,
        reference=(task.identifier,) if task is not None else (),
        other=(partner.identifier,) if partner is not None else (),
        state=_state(task, partner, deviations),
        deviations=tuple(deviations),
    )


def _state(task: Task | None, partner: Task | None, deviations: Sequence[Deviation]) -> State:
    if task is None or partner is None:
        alone = State.ONLY_OTHER if task is None else State.ONLY_REFERENCE
        return (
            alone if any(deviation.kind is Kind.STRUCTURE for deviation in deviations) else State.NOT_CAPTURED
        )
    if {task.ran, partner.ran} == {Ran.YES, Ran.NO}:
        return State.ONLY_REFERENCE if task.ran is Ran.YES else State.ONLY_OTHER
    found = _deviating(deviations)
    if found is not None:
        return found
    return State.NOT_CAPTURED if Ran.UNKNOWN in (task.ran, partner.ran) else State.SAME


def _deviating(deviations: Sequence[Deviation]) -> State | None:
    told = [deviation for deviation in deviations if deviation.kind is not Kind.CAPTURE_GAP]
    if any(deviation.first for deviation in told):
        return State.FIRST
    return State.INHERITED if told else None
