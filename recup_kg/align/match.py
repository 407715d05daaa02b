"""Which task of one execution is which of another.

Keys from strong to weak; a key pairs two tasks only where it is unique among what is left on both sides. Then rounds in which
matched neighbours are anchors. What still shares a key is an *ambiguous class*: its tasks are compared together, never paired by
accident. Identifiers of tasks are not looked at. Linear in tasks and dependencies for each pass.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from recup_kg.align.dag import children_of
from recup_kg.align.tokens import is_simple, logical_name, program_name, without_run_tokens

Key = Hashable | None


@dataclass(frozen=True, slots=True)
class MatchTask:
    """A task as matching sees it. `name` is None where it only repeats the identifier."""

    identifier: str
    name: str | None
    step: str
    program: str | None
    arguments: tuple[str, ...] | None
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    parents: tuple[str, ...]
    canonical: str
    local: str
    neighbourhood: str


@dataclass(frozen=True, slots=True)
class AmbiguousClass:
    """Tasks that can't be told from each other: those of the reference and those of the other execution."""

    name: str
    reference: tuple[str, ...]
    other: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matching:
    """The pairs (reference, other), the ambiguous classes, and what is in one execution only; all by identifier."""

    pairs: Mapping[str, str]
    classes: tuple[AmbiguousClass, ...]
    only_reference: tuple[str, ...]
    only_other: tuple[str, ...]


class _Side:
    """The tasks of one execution that are not matched yet, and the pair numbers of those that are."""

    def __init__(self, tasks: Sequence[MatchTask]) -> None:
        self.tasks = {task.identifier: task for task in tasks}
        self.left = dict.fromkeys(self.tasks)
        self.pair: dict[str, int] = {}
        self.children = children_of({task.identifier: task.parents for task in tasks})

    def unique(self, key: Callable[[MatchTask], Key]) -> dict[Hashable, str]:
        """The tasks that are left and whose key no other of them has."""
        found: dict[Hashable, str] = {}
        repeated = set()
        for identifier in self.left:
            value = key(self.tasks[identifier])
            if value is None:
                continue
            if value in found:
                repeated.add(value)
            found[value] = identifier
        return {value: identifier for value, identifier in found.items() if value not in repeated}

    def groups(self, key: Callable[[MatchTask], Key]) -> dict[Hashable, list[str]]:
        """The tasks that are left, by key."""
        found: dict[Hashable, list[str]] = {}
        for identifier in self.left:
            value = key(self.tasks[identifier])
            if value is not None:
                found.setdefault(value, []).append(identifier)
        return found

    def take(self, identifier: str, pair: int) -> None:
        """Note that a task is matched."""
        del self.left[identifier]
        self.pair[identifier] = pair

    def anchored(self, task: MatchTask) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The pair numbers of the matched parents and children of a task."""
        parents = sorted(self.pair[parent] for parent in task.parents if parent in self.pair)
        children = sorted(self.pair[child] for child in self.children[task.identifier] if child in self.pair)
        return tuple(parents), tuple(children)


def match(reference: Sequence[MatchTask], other: Sequence[MatchTask]) -> Matching:
    """The matching of the tasks of two executions."""
    first, second = _Side(reference), _Side(other)
    pairs: dict[str, str] = {}
    for key in _KEYS:
        _pair_unique(first, second, key, key, pairs)
    while _pair_by_anchors(first, second, pairs):
        pass
    classes = _classes(first, second)
    return Matching(pairs, classes, tuple(first.left), tuple(second.left))


def _pair_unique(
    first: _Side,
    second: _Side,
    first_key: Callable[[MatchTask], Key],
    second_key: Callable[[MatchTask], Key],
    pairs: dict[str, str],
) -> int:
    left, right = first.unique(first_key), second.unique(second_key)
    shared = [key for key in left if key in right]
    for key in shared:
        number = len(pairs)
        first.take(left[key], number)
        second.take(right[key], number)
        pairs[left[key]] = right[key]
    return len(shared)


def _pair_by_anchors(first: _Side, second: _Side, pairs: dict[str, str]) -> int:
    """One round: tasks of one program, then any tasks, whose matched neighbours are the same."""
    found = 0
    for key in (_anchored_program, _anchored, _program_and_anchors):
        found += _pair_unique(first, second, _bind(key, first), _bind(key, second), pairs)
    return found


def _bind(key: Callable[[_Side, MatchTask], Key], side: _Side) -> Callable[[MatchTask], Key]:
    return lambda task: key(side, task)


def _anchored_program(side: _Side, task: MatchTask) -> Key:
    anchors = side.anchored(task)
    return (_base(task), anchors) if anchors[0] or anchors[1] else None


def _anchored(side: _Side, task: MatchTask) -> Key:
    parents, children = side.anchored(task)
    complete = len(parents) == len(task.parents) and len(children) == len(side.children[task.identifier])
    return (parents, children) if parents and children and complete else None


def _classes(first: _Side, second: _Side) -> tuple[AmbiguousClass, ...]:
    found: list[AmbiguousClass] = []
    for key in (_neighbourhood, _local, None):
        left = first.groups(key or _bind(_program_and_anchors, first))
        right = second.groups(key or _bind(_program_and_anchors, second))
        for value, members in left.items():
            if value in right:
                others = right[value]
                name = without_run_tokens(first.tasks[members[0]].step)
                found.append(AmbiguousClass(name, tuple(members), tuple(others)))
                _drop(first, members)
                _drop(second, others)
    return tuple(found)


def _drop(side: _Side, members: Iterable[str]) -> None:
    for member in members:
        del side.left[member]


def _program_and_anchors(side: _Side, task: MatchTask) -> Key:
    return _base(task), side.anchored(task)


def _base(task: MatchTask) -> str:
    if task.program is not None and is_simple(task.program):
        return program_name(task.program)
    return task.step


def _exact(task: MatchTask) -> Key:
    return (
        task.neighbourhood,
        task.name,
        task.program,
        task.arguments,
        tuple(sorted(task.inputs)),
        tuple(sorted(task.outputs)),
    )


def _exact_local(task: MatchTask) -> Key:
    return (task.local, task.name, task.arguments, tuple(sorted(task.inputs)), tuple(sorted(task.outputs)))


def _neighbourhood(task: MatchTask) -> Key:
    return task.neighbourhood


def _canonical(task: MatchTask) -> Key:
    return task.canonical


def _local(task: MatchTask) -> Key:
    return task.local


def _program_and_outputs(task: MatchTask) -> Key:
    return (_base(task), _logical(task.outputs)) if task.outputs else None


def _outputs(task: MatchTask) -> Key:
    return _logical(task.outputs) if task.outputs else None


def _program_and_arguments(task: MatchTask) -> Key:
    if not task.arguments:
        return None
    return _base(task), tuple(sorted(map(without_run_tokens, task.arguments)))


def _program_and_inputs(task: MatchTask) -> Key:
    return (_base(task), _logical(task.inputs)) if task.inputs else None


def _logical(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(map(logical_name, names)))


_KEYS: tuple[Callable[[MatchTask], Key], ...] = (
    _exact,
    _exact_local,
    _neighbourhood,
    _canonical,
    _local,
    _program_and_outputs,
    _outputs,
    _program_and_arguments,
    _program_and_inputs,
)
