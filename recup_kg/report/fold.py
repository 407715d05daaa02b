"""The union graph folded, so that thousands of tasks are a picture: by step, and by level where steps feed each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recup_kg.report.layout import components, layers
from recup_kg.report.union import State, Union, UnionTask
from recup_kg.report.words import count

MOST = 60
"""More boxes than these are no picture: what does not deviate is folded further, by layer."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Tasks that are one box. `states` counts tasks of the union by state; `inside` counts dependencies between its tasks."""

    name: str
    steps: tuple[str, ...]
    tasks: tuple[UnionTask, ...]
    inside: int = 0

    @property
    def reference(self) -> int:
        """How many tasks of the reference are in it."""
        return sum(len(task.reference) for task in self.tasks)

    @property
    def other(self) -> int:
        """How many tasks of the other run are in it."""
        return sum(len(task.other) for task in self.tasks)

    @property
    def states(self) -> Mapping[State, int]:
        """How many tasks are in each state; of a class, as many as the run has of it that has more."""
        counts: Counter[State] = Counter()
        for task in self.tasks:
            for state, number in task.counts:
                counts[state] += number
        return {state: counts[state] for state in State if counts[state]}

    @property
    def state(self) -> State:
        """The most noteworthy of its tasks' states."""
        return next(iter(self.states))


@dataclass(frozen=True, slots=True)
class FoldEdge:
    """Dependencies between two folds, how many of the reference and of the other run."""

    source: int
    target: int
    reference: int
    other: int


@dataclass(frozen=True, slots=True)
class Folded:
    """The folded graph; `remarks` say what was folded beyond steps."""

    folds: tuple[Fold, ...]
    edges: tuple[FoldEdge, ...]
    remarks: tuple[str, ...] = ()


def fold(union: Union, most: int = MOST) -> Folded:
    """The union by step; steps that feed each other in a circle by step and level, or as one where that is too much."""
    remarks: list[str] = []
    keys: list[tuple[str, ...]] = [(task.step,) for task in union.tasks]
    circles = _circles(keys, union)
    if circles:
        by_level: list[tuple[str, ...]] = [
            (task.step, f"level {task.level}") if (task.step,) in circles else (task.step,)
            for task in union.tasks
        ]
        if len(set(by_level)) <= most and not _circles(by_level, union):
            keys = by_level
            remarks.append("steps that feed each other are split by their distance from the start")
        else:
            keys = [circles.get(key, key) for key in keys]
            remarks.append("steps that feed each other in a circle are one box")
    folded = _folded(union, keys)
    if len(folded.folds) <= most:
        return Folded(folded.folds, folded.edges, tuple(remarks))
    folded = _folded(union, _by_layer(union, folded, keys))
    remarks.append("steps without a deviation that are as far from the start are one box")
    return Folded(folded.folds, folded.edges, tuple(remarks))


def unfolded(union: Union) -> Folded:
    """Each task of the union, or class, as a box of its own."""
    return _folded(union, [(task.step, str(place)) for place, task in enumerate(union.tasks)], single=True)


def _circles(keys: Sequence[tuple[str, ...]], union: Union) -> dict[tuple[str, ...], tuple[str, ...]]:
    """The keys that feed each other in a circle, each with a key for all of its circle."""
    names = list(dict.fromkeys(keys))
    place = {key: number for number, key in enumerate(names)}
    edges = {(place[keys[one]], place[keys[two]]) for one, two in union.edges if keys[one] != keys[two]}
    return {
        names[member]: tuple(part for other in group for part in names[other])
        for group in components(len(names), sorted(edges))
        if len(group) > 1
        for member in group
    }


def _folded(union: Union, keys: Sequence[tuple[str, ...]], single: bool = False) -> Folded:
    order = _order(union, keys)
    place = {key: number for number, key in enumerate(order)}
    members: list[list[UnionTask]] = [[] for _ in order]
    for key, task in zip(keys, union.tasks, strict=True):
        members[place[key]].append(task)
    counts: dict[tuple[int, int], list[int]] = {}
    inside: Counter[int] = Counter()
    for (one, two), sides in union.edges.items():
        edge = place[keys[one]], place[keys[two]]
        if edge[0] == edge[1]:
            inside[edge[0]] += 1
            continue
        total = counts.setdefault(edge, [0, 0])
        total[0] += sides[0]
        total[1] += sides[1]
    folds = tuple(
        Fold(
            name=tasks[0].name if single else _name(key, tasks),
            steps=tuple(sorted({task.step for task in tasks})),
            tasks=tuple(sorted(tasks, key=_noteworthy)),
            inside=inside[number],
        )
        for number, (key, tasks) in enumerate(zip(order, members, strict=True))
    )
    edges = tuple(FoldEdge(*edge, *total) for edge, total in sorted(counts.items()))
    return Folded(folds, edges)


def _order(union: Union, keys: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The keys by the level at which they begin, then by name: the same in every run of the program."""
    first: dict[tuple[str, ...], int] = {}
    for key, task in zip(keys, union.tasks, strict=True):
        first[key] = min(first.get(key, task.level), task.level)
    return sorted(first, key=lambda key: (first[key], key))


def _name(key: tuple[str, ...], tasks: Sequence[UnionTask]) -> str:
    if len(key) > 1 and key[1].startswith("level "):
        return f"{key[0]} ({key[1]})"
    steps = sorted({task.step for task in tasks})
    return steps[0] if len(steps) == 1 else count(len(steps), "step")


def _noteworthy(task: UnionTask) -> tuple[int, int, int, str]:
    rank = min((deviation.rank for deviation in task.deviations), default=0)
    return list(State).index(task.state), rank, task.level, task.name


def _by_layer(union: Union, folded: Folded, keys: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The keys, where folds of one layer that do not deviate share one."""
    depth = layers(len(folded.folds), [(edge.source, edge.target) for edge in folded.edges])
    quiet = {
        key: ("", f"layer {depth[number]}")
        for number, key in enumerate(_order(union, keys))
        if folded.folds[number].state in (State.SAME, State.AMBIGUOUS, State.NOT_CAPTURED)
    }
    return [quiet.get(key, key) for key in keys]
