"""Faults of a trace as a whole, found before anything is made of it: each is one clear line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from recup_kg.align.dag import CycleError, topological
from recup_kg.converters.wfformat.neutral import Neutral, NeutralTask
from recup_kg.errors import MalformedSource
from recup_kg.records import Gap, Subject


def edges(path: Path, tasks: Sequence[NeutralTask]) -> dict[str, tuple[str, ...]]:
    """The parents of each task: those that it names, and the tasks that name it as a child.

    Raises `MalformedSource` for duplicate identifiers, for parents and children that don't exist, and for cycles.
    """
    parents = _stated_parents(path, tasks)
    for task in tasks:
        for position, child in enumerate(task.children or ()):
            if child not in parents:
                raise _dangling(path, "child", child, f"{task.where}.children[{position}]")
            parents[child].setdefault(task.identifier)
    return {task: tuple(before) for task, before in parents.items()}


def order(path: Path, tasks: Sequence[NeutralTask], parents: dict[str, tuple[str, ...]]) -> list[str]:
    """The identifiers of the tasks, each after its parents."""
    try:
        return topological(parents)
    except CycleError as error:
        where = next(task.where for task in tasks if task.identifier == error.cycle[0])
        shown = " -> ".join(error.cycle if len(error.cycle) <= 6 else (*error.cycle[:5], "…"))
        raise MalformedSource(
            path,
            f"the dependencies form a cycle: {shown}",
            where=f"{where}.parents",
            advice="a task can't depend on itself",
        ) from error


def one_sided(neutral: Neutral) -> Iterator[Gap]:
    """A gap for each dependency that only one of its two tasks states, where tasks state both sides."""
    if all(task.children is None for task in neutral.tasks):
        return
    up = {(parent, task.identifier) for task in neutral.tasks for parent in task.parents}
    down = {(task.identifier, child) for task in neutral.tasks for child in task.children or ()}
    where = {task.identifier: task.where for task in neutral.tasks}
    for parent, child in sorted(up - down):
        yield _one_sided(child, f"{where[child]}.parents", "parent", parent)
    for parent, child in sorted(down - up):
        yield _one_sided(parent, f"{where[parent]}.children", "child", child)


def duplicates(neutral: Neutral) -> Iterator[Gap]:
    """A gap for each entry that a list of a task names again."""
    for task in neutral.tasks:
        for name, entries in (
            ("parents", task.parents),
            ("children", task.children),
            ("inputFiles", task.inputs),
            ("outputFiles", task.outputs),
            ("machines", task.executed.machines if task.executed else None),
        ):
            place = task.executed_where if name == "machines" else task.where
            yield from _repeated(task.identifier, f"{place}.{name}", entries or ())


def _stated_parents(path: Path, tasks: Sequence[NeutralTask]) -> dict[str, dict[str, None]]:
    parents: dict[str, dict[str, None]] = {}
    for task in tasks:
        if task.identifier in parents:
            raise MalformedSource(
                path,
                f"task {task.identifier!r} is there twice",
                where=task.where,
                advice="task ids must be unique",
            )
        parents[task.identifier] = dict.fromkeys(task.parents)
    for task in tasks:
        for position, parent in enumerate(task.parents):
            if parent not in parents:
                raise _dangling(path, "parent", parent, f"{task.where}.parents[{position}]")
    return parents


def _dangling(path: Path, relation: str, task: str, where: str) -> MalformedSource:
    return MalformedSource(
        path,
        f"no task {task!r}, which is named as {relation}",
        where=where,
        advice="add it or remove it there",
    )


def _one_sided(task: str, where: str, relation: str, other: str) -> Gap:
    comment = f"only this task states the dependency: {other!r} is its {relation}, which does not say so"
    return Gap("OneSidedDependency", Subject("task", task), where, comment, _json(other))


def _repeated(task: str, where: str, entries: Sequence[str]) -> Iterator[Gap]:
    if len(set(entries)) == len(entries):
        return
    seen: set[str] = set()
    for position, entry in enumerate(entries):
        if entry in seen:
            comment = f"{entry!r} stands in this list before"
            yield Gap("DuplicateEntry", Subject("task", task), f"{where}[{position}]", comment, _json(entry))
        seen.add(entry)


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
