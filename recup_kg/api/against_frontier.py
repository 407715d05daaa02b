"""Which deviating tasks deviate first, and which inherit it from deviating tasks upstream.

A task inherits where what deviates of it is explained by what it was given: its inputs are larger or smaller because a
deviating task wrote more or less, and its times changed no more than they did; or it only waited for a task that took longer.
What deviates beyond that is a deviation of its own (methods.md, "Deviation").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log

from recup_kg.align.dag import CycleError, topological
from recup_kg.api import measured_terms as terms
from recup_kg.comparisons import Comparison, Verdict
from recup_kg.group_comparisons import FrontierTask
from recup_kg.measurements import MeasuredRun
from recup_kg.scores import NodeScore, Part, TaskScore
from recup_kg.vocab import RECUP

_WAITS = frozenset(
    (
        terms.WAIT,
        terms.FETCH,
        *(RECUP + name for name in ("queueDelay", "stageInTime", "engineDelay", "preScriptDelay")),
    )
)
"""What passes before a task computes: it tells of others, not of the task."""
_GIVEN = frozenset((terms.INPUT_SIZE, terms.INPUT_COUNT, RECUP + "stageInBytes", RECUP + "readBytes"))
_MADE = frozenset((terms.OUTPUT_SIZE, terms.OUTPUT_COUNT, RECUP + "stageOutBytes", RECUP + "writtenBytes"))
_ALPHA = 0.05
_TOLERANCE = 3.0
"""Robust spreads by which a time may differ beyond the ratio of the inputs and still be explained by it."""


def frontier(
    run: MeasuredRun, tasks: Sequence[TaskScore], nodes: Sequence[NodeScore], typical: Comparison
) -> tuple[FrontierTask, ...]:
    """The deviating tasks, the first deviations before those that inherit, the most deviating before others.

    Where the references are too few to tell of any task, those that stand apart take the place of deviating ones. `typical` tells
    whose outputs differ in content; the identifiers in it that count are those of the run.
    """
    deviating = {task.identifier: task for task in tasks if task.verdict is Verdict.DIFFERENT}
    told = Verdict.DIFFERENT if deviating else Verdict.CANT_TELL
    deviating = deviating or {task.identifier: task for task in tasks if stands_apart(task, len(tasks))}
    hosted = {name: sum(name in task.nodes for task in tasks) for name in {n.name for n in nodes}}
    slow = {
        node.name
        for node in nodes
        if node.verdict is told
        and node.score > 0
        and _hosts(node.name, deviating.values(), hosted[node.name])
    }
    content = _inherited_content(typical)
    found = []
    for identifier in _ordered(run.parents):
        if identifier in deviating:
            task = deviating[identifier]
            roots = _roots(task, run.parents, deviating, content)
            node = next((name for name in task.nodes if name in slow), None)
            found.append(FrontierTask(identifier, not roots, roots, node))
    return tuple(sorted(found, key=lambda task: (not task.first, -deviating[task.identifier].score)))


def stands_apart(task: TaskScore, tasks: int) -> bool:
    """Whether one of its measurements lies further from the references than chance lets any of all tasks (Bonferroni).

    That is by what the spread of few references says: it is no verdict.
    """
    if task.verdict is Verdict.SAME:
        return False
    values = tasks * max(len(task.parts), 1)
    return any(part.p is not None and part.p * values < _ALPHA for part in task.parts)


def _hosts(node: str, deviating: Iterable[TaskScore], all_tasks: int) -> bool:
    """Whether half of the tasks of a machine deviate, and two at least."""
    number = sum(node in task.nodes for task in deviating)
    return number > 1 and number * 2 >= all_tasks


@dataclass(frozen=True, slots=True)
class _Differing:
    """The parts of a task that differ on their own."""

    parts: tuple[Part, ...]

    def of(self, measurements: Iterable[str]) -> tuple[Part, ...]:
        """Those of some measurements."""
        wanted = frozenset(measurements)
        return tuple(part for part in self.parts if part.measurement in wanted)


def _differing(task: TaskScore) -> _Differing:
    return _Differing(tuple(part for part in task.parts if part.p is not None and part.p < _ALPHA))


def _roots(
    task: TaskScore,
    parents: Mapping[str, tuple[str, ...]],
    deviating: Mapping[str, TaskScore],
    content: Mapping[str, frozenset[str]],
) -> tuple[str, ...]:
    """The deviating tasks upstream that explain all that differs of a task; none where something of it is its own."""
    own = _differing(task)
    upstream = _nearest(task.identifier, parents, deviating)
    waited = tuple(name for name in upstream if _took_longer(deviating[name]))
    wrote = tuple(
        name
        for name in upstream
        if _differing(deviating[name]).of(_MADE) or name in content.get(task.identifier, frozenset())
    )
    given = own.of(_GIVEN)
    explained: dict[str, None] = {}
    for part in own.parts:
        if part.measurement in _WAITS:
            roots = waited
        elif part.measurement in _GIVEN:
            roots = wrote
        else:
            roots = wrote if _follows(part, given) else ()
        if not roots:
            return ()
        explained.update(dict.fromkeys(roots))
    return tuple(explained)


def _nearest(
    task: str, parents: Mapping[str, tuple[str, ...]], deviating: Mapping[str, TaskScore]
) -> tuple[str, ...]:
    """The deviating tasks upstream that no other deviating task lies before."""
    found: dict[str, None] = {}
    seen = {task}
    waiting = list(parents.get(task, ()))
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in deviating:
            found[name] = None
        else:
            waiting.extend(parents.get(name, ()))
    return tuple(sorted(found))


def _took_longer(task: TaskScore) -> bool:
    times = _differing(task).of((RECUP + "runTime", *_WAITS))
    return any(part.z is not None and part.z > 0 for part in times)


def _follows(part: Part, given: Iterable[Part]) -> bool:
    """Whether a part changed in the direction of what the task was given and not beyond its ratio by more than its spread."""
    if not part.ratio or part.ratio < 0 or not part.z:
        return False
    change = log(part.ratio)
    beyond = _TOLERANCE * abs(change / part.z)
    ratios = [log(cause.ratio) for cause in given if cause.ratio and cause.ratio > 0]
    return any(ratio * change > 0 and abs(change) - abs(ratio) <= beyond for ratio in ratios)


def _inherited_content(typical: Comparison) -> dict[str, frozenset[str]]:
    """For each task of the run the first deviations upstream whose output differs from that of the typical reference."""
    names = {
        deviation.reference_task: deviation.other_task
        for deviation in typical.deviations
        if deviation.reference_task is not None and deviation.other_task is not None
    }
    found: dict[str, set[str]] = {}
    for deviation in typical.deviations:
        if deviation.other_task is not None and deviation.inherited_from:
            roots = (names.get(root) or root for root in deviation.inherited_from)
            found.setdefault(deviation.other_task, set()).update(roots)
    return {task: frozenset(roots) for task, roots in found.items()}


def _ordered(parents: Mapping[str, tuple[str, ...]]) -> list[str]:
    try:
        return topological(parents)
    except CycleError:
        return sorted(parents)
