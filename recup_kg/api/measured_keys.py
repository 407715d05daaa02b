"""One name for the same task in all runs that are read together.

It is the canonical id where the runs have the same tasks. A run that has others is aligned to one that has what most have. Tasks
that can't be told apart in one of the runs share a key in all, unless what is around them, or the source's own identifiers,
tell them apart in all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from recup_kg.align.match import Matching, MatchTask, match

Canonical: TypeAlias = Mapping[str, str]
"""The canonical id of each task of a run, by the source's identifier."""
Keys: TypeAlias = dict[str, str]
"""The key of each task of a run, by the source's identifier."""
Reader: TypeAlias = Callable[[int], Sequence[MatchTask]]
"""Gives the tasks of a run, by its number, as matching sees them."""


@dataclass(slots=True)
class _Classes:
    """Keys that stand for one another: the smallest of a class is its name (union-find)."""

    up: dict[str, str] = field(default_factory=dict)

    def name(self, key: str) -> str:
        """The name of the class of a key."""
        while key in self.up:
            key = self.up[key]
        return key

    def merge(self, keys: Iterable[str]) -> str:
        """Make one class of several keys; its name."""
        names = sorted({self.name(key) for key in keys})
        self.up.update(dict.fromkeys(names[1:], names[0]))
        return names[0]


def shared_keys(
    runs: Sequence[Canonical], neighbourhoods: Sequence[Mapping[str, str]], read: Reader
) -> list[Keys]:
    """The keys of the tasks of each run.

    `neighbourhoods` are their signatures by identifier; `read` is asked of the runs whose tasks differ from those of the most.
    """
    if not runs:
        return []
    shapes = [tuple(sorted(run.values())) for run in runs]
    usual = Counter(shapes).most_common(1)[0][0]
    pivot = shapes.index(usual)
    classes = _Classes()
    aligned: dict[tuple[str, ...], Mapping[str, str]] = {usual: {key: key for key in usual}}
    found: list[Keys] = []
    for number, (run, shape) in enumerate(zip(runs, shapes, strict=True)):
        if shape not in aligned:
            keys = _aligned(runs[pivot], run, match(read(pivot), read(number)), classes)
            by_canonical = _by_canonical(run, keys)
            if by_canonical is None:
                found.append(keys)
                continue
            aligned[shape] = by_canonical
        found.append({task: aligned[shape][canonical] for task, canonical in run.items()})
    named = [{task: classes.name(key) for task, key in keys.items()} for keys in found]
    around = _told_apart(named, neighbourhoods, ":")
    return _told_apart(around, [{task: task for task in run} for run in runs], "/")


def _aligned(pivot: Canonical, run: Canonical, matching: Matching, classes: _Classes) -> Keys:
    """The keys of a run that has other tasks than the pivot, whose keys are its canonical ids."""
    other = {partner: pivot[task] for task, partner in matching.pairs.items() if task in pivot}
    for entry in matching.classes:
        keys = [pivot[task] for task in entry.reference if task in pivot]
        if keys:
            other.update(dict.fromkeys(entry.other, classes.merge(keys)))
    taken = set(pivot.values())
    # What is in this run only must not pass for a task of the pivot that happens to have its canonical id.
    alone = {task: f"{key}+" if key in taken else key for task, key in run.items() if task not in other}
    return {task: other.get(task) or alone[task] for task in run}


def _by_canonical(run: Canonical, keys: Keys) -> Mapping[str, str] | None:
    """The key of each canonical id, None where tasks of one have several."""
    found: dict[str, str] = {}
    for task, canonical in run.items():
        if found.setdefault(canonical, keys[task]) != keys[task]:
            return None
    return found


def _told_apart(runs: Sequence[Keys], marks: Sequence[Mapping[str, str]], joint: str) -> list[Keys]:
    """Tasks that share a key get the mark of each behind it where every run has the same marks of them."""
    members: list[dict[str, list[str]]] = []
    for keys, mark in zip(runs, marks, strict=True):
        found: dict[str, list[str]] = {}
        for task, key in keys.items():
            found.setdefault(key, []).append(mark.get(task, ""))
        members.append(found)
    several = {key for found in members for key, of_tasks in found.items() if len(of_tasks) > 1}
    marked = {
        key
        for key in several
        if len({tuple(sorted(found.get(key, ()))) for found in members}) == 1
        and len(set(members[0][key])) > 1
    }
    return [
        {task: f"{key}{joint}{mark[task]}" if key in marked else key for task, key in keys.items()}
        for keys, mark in zip(runs, marks, strict=True)
    ]
