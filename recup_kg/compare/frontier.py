"""Which tasks deviate first, and which inherit it: O(V+E) along the dependencies of matched tasks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from recup_kg.align.dag import topological
from recup_kg.compare.facts import Facts

MOST_ROOTS = 1000
"""More roots than these are not carried along: it keeps the cost linear where thousands of tasks feed one."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What the queries found: reference data whose content differs, and reference tasks with another program or arguments."""

    data: frozenset[str]
    tasks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Frontier:
    """For each matched reference task the roots from which its inputs differ: tasks, or files that no task wrote."""

    roots: Mapping[str, tuple[str, ...]]

    def inherited(self, task: str) -> tuple[str, ...]:
        """The first deviations upstream of a task; empty where all its inputs are equal."""
        return self.roots.get(task, ())


def find_frontier(
    reference: Facts, other: Facts, pairs: Mapping[str, str], aligned: Mapping[str, str], changes: Changes
) -> Frontier:
    """The frontier. `pairs` and `aligned` are the matched tasks and data of the reference, with their partners."""
    matched_other = {partner: task for task, partner in pairs.items()}
    aligned_other = {partner: item for item, partner in aligned.items()}
    roots: dict[str, tuple[str, ...]] = {}
    for task in topological(reference.parents):
        if task not in pairs:
            continue
        found: dict[str, None] = {}
        for item in reference.use.inputs.get(task, ()):
            if item not in aligned or item in changes.data:
                found.update(dict.fromkeys(_origins(reference, item, roots, changes, pairs)))
        for item in other.use.inputs.get(pairs[task], ()):
            if item not in aligned_other:
                found.update(dict.fromkeys(_foreign_origins(other, item, roots, matched_other)))
        if found:
            roots[task] = tuple(found)[:MOST_ROOTS]
    return Frontier(roots)


def _origins(
    facts: Facts,
    item: str,
    roots: Mapping[str, tuple[str, ...]],
    changes: Changes,
    pairs: Mapping[str, str],
) -> Iterable[str]:
    """The roots behind a file: of its generators, which are roots themselves where nothing upstream of them differs."""
    generators = facts.generators.get(item, ())
    if not generators:
        return (item,)
    found: list[str] = []
    for task in generators:
        own = task not in pairs or task in changes.tasks or task not in roots
        found += [*roots.get(task, ()), *((task,) if own else ())]
    return found


def _foreign_origins(
    other: Facts, item: str, roots: Mapping[str, tuple[str, ...]], matched: Mapping[str, str]
) -> Iterable[str]:
    """The same for a file that is in the other run only."""
    generators = other.generators.get(item, ())
    if not generators:
        return (item,)
    found: list[str] = []
    for task in generators:
        partner = matched.get(task)
        found += roots.get(partner, (partner,)) if partner is not None else (task,)
    return found
