"""Dependencies that follow from data: a task depends on the one that made what it used, or a part of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from recup_kg.align.dag import CycleError, topological


@dataclass(frozen=True, slots=True)
class Dependencies:
    """The parents of each task, and the groups of tasks that used what each other made: no order is known among those."""

    parents: Mapping[str, tuple[str, ...]]
    circles: tuple[tuple[str, ...], ...]


def dependencies(
    tasks: Sequence[str],
    used: Mapping[str, Iterable[str]],
    made: Mapping[str, Iterable[str]],
    *,
    stated: Mapping[str, Iterable[str]] | None = None,
    with_parts: Callable[[Iterable[str]], Iterable[str]] = lambda names: names,
) -> Dependencies:
    """The dependencies that a source states and those that follow from what tasks used and made.

    `with_parts` gives things together with their parts. Nothing else makes a dependency: not time, not the order of a file.
    """
    makers: dict[str, list[str]] = {}
    for task in tasks:
        for name in with_parts(made[task]):
            makers.setdefault(name, []).append(task)
    parents = {
        task: _parents(task, with_parts(used[task]), makers, (stated or {}).get(task, ())) for task in tasks
    }
    circles = _circles(tasks, parents)
    for group in circles:
        members = set(group)
        for task in group:
            parents[task] = {parent: None for parent in parents[task] if parent not in members}
    return Dependencies({task: tuple(before) for task, before in parents.items()}, circles)


def _circles(tasks: Sequence[str], parents: Mapping[str, Mapping[str, None]]) -> tuple[tuple[str, ...], ...]:
    """The strongly connected components of more than one task, in the order of the tasks."""
    try:
        topological({task: tuple(before) for task, before in parents.items()})
    except CycleError:
        import networkx

        graph = networkx.DiGraph([(parent, task) for task, before in parents.items() for parent in before])
        position = {task: index for index, task in enumerate(tasks)}
        groups = (
            sorted(group, key=position.__getitem__) for group in networkx.strongly_connected_components(graph)
        )
        return tuple(
            sorted((tuple(group) for group in groups if len(group) > 1), key=lambda group: position[group[0]])
        )
    return ()


def _parents(
    task: str, used: Iterable[str], makers: Mapping[str, Sequence[str]], stated: Iterable[str]
) -> dict[str, None]:
    found = dict.fromkeys(parent for parent in stated if parent != task)
    found.update(dict.fromkeys(maker for name in used for maker in makers.get(name, ()) if maker != task))
    return found
