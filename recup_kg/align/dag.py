"""Order of tasks along their dependencies."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence


class CycleError(ValueError):
    """The dependencies form a cycle; `cycle` names its tasks in order."""

    def __init__(self, cycle: Sequence[str]) -> None:
        self.cycle = tuple(cycle)
        super().__init__(" -> ".join(self.cycle))


def children_of(parents: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """For each task the tasks that depend on it."""
    children: dict[str, list[str]] = {task: [] for task in parents}
    for task, before in parents.items():
        for parent in before:
            children[parent].append(task)
    return children


def topological(parents: Mapping[str, Sequence[str]]) -> list[str]:
    """The tasks, each after its parents (Kahn 1962, O(V+E)). Raises `CycleError`."""
    children = children_of(parents)
    waiting = {task: len(before) for task, before in parents.items()}
    ready = deque(task for task, count in waiting.items() if count == 0)
    order: list[str] = []
    while ready:
        task = ready.popleft()
        order.append(task)
        for child in children[task]:
            waiting[child] -= 1
            if waiting[child] == 0:
                ready.append(child)
    if len(order) < len(parents):
        raise CycleError(_cycle(parents, {task for task, count in waiting.items() if count > 0}))
    return order


def levels(order: Sequence[str], parents: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The longest distance of each task from a task without parents, in edges."""
    level: dict[str, int] = {}
    for task in order:
        level[task] = max((level[parent] + 1 for parent in parents[task]), default=0)
    return level


def _cycle(parents: Mapping[str, Sequence[str]], remaining: set[str]) -> list[str]:
    """One cycle among the tasks that never became ready: each of them has a parent among them."""
    task = min(remaining)
    seen: dict[str, int] = {}
    path: list[str] = []
    while task not in seen:
        seen[task] = len(path)
        path.append(task)
        task = next(parent for parent in parents[task] if parent in remaining)
    return [*path[seen[task] :], task][::-1]
