"""Which action depends on which: one that used what another made, or a part of it. Nothing else makes a dependency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import networkx

from recup_kg.converters.rocrate.crate import Crate
from recup_kg.records import Gap, Subject


def dependencies(
    crate: Crate, tasks: Sequence[str], used: Mapping[str, Sequence[str]], made: Mapping[str, Sequence[str]]
) -> tuple[dict[str, tuple[str, ...]], list[Gap]]:
    """The parents of each task, and a gap for each group of tasks that use each other's data: no order is known among those."""
    makers: dict[str, list[str]] = {}
    for task in tasks:
        for name in crate.closure(made[task], "hasPart"):
            makers.setdefault(name, []).append(task)
    parents = {
        task: dict.fromkeys(
            maker
            for name in crate.closure(used[task], "hasPart")
            for maker in makers.get(name, ())
            if maker != task
        )
        for task in tasks
    }
    gaps = []
    edges = networkx.DiGraph([(parent, task) for task, before in parents.items() for parent in before])
    for group in networkx.strongly_connected_components(edges):
        if len(group) > 1:
            first = next(task for task in tasks if task in group)
            comment = f"{len(group)} actions used what each other made: no order is known among them"
            gaps.append(
                Gap("ConflictingValue", Subject("task", first), crate.where(first, "object"), comment)
            )
            for task in group:
                parents[task] = {parent: None for parent in parents[task] if parent not in group}
    return {task: tuple(before) for task, before in parents.items()}, gaps
