"""What makes the outputs of a matched task differ: itself, its arguments, its environment, or its inputs; and what absorbs.

Root: nothing that differs upstream explains it. Propagated: its inputs differ. Absorbed: its outputs are equal
although its inputs or its arguments differ. Where the size of an input is not captured, or an artefact of recording,
a task is called no root: that it read the same is not known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from recup_kg.compare.context import Context
from recup_kg.compare.facts import Facts
from recup_kg.comparisons import Deviation, Kind

BEHAVIOUR = "behaviour root"
PARAMETER = "parameter root"
ENVIRONMENT = "environment root"
PROPAGATED = "propagated"

_WORDS = frozenset((Kind.PROGRAM, Kind.PARAMETER, Kind.SEED))


def with_roles(context: Context, found: Collection[Deviation]) -> Iterator[Deviation]:
    """The deviations, those of outputs with their role where it can be told."""
    reworded = _tasks_of(found, _WORDS)
    moved = _tasks_of(found, (Kind.PLACEMENT,))
    settings = any(deviation.reference_task is None and deviation.kind in _WORDS for deviation in found)
    surroundings = any(deviation.kind is Kind.ENVIRONMENT for deviation in found)
    for deviation in found:
        task = deviation.reference_task
        if deviation.kind is not Kind.OUTPUT or task is None:
            yield deviation
        elif task in reworded:
            yield replace(deviation, role=PARAMETER)
        elif context.frontier.inherited(task):
            yield replace(deviation, role=PROPAGATED)
        elif not _inputs_known(context, task):
            yield deviation
        elif settings:
            yield replace(deviation, role=PARAMETER)
        else:
            yield replace(deviation, role=ENVIRONMENT if surroundings or task in moved else BEHAVIOUR)


def absorbed(context: Context, found: Collection[Deviation]) -> tuple[str, ...]:
    """The matched tasks, by identifier of the reference, whose outputs are equal although their inputs or arguments differ."""
    reworded = _tasks_of(found, _WORDS)
    differing = _tasks_of(found, (Kind.OUTPUT,))
    return tuple(
        task
        for task in context.matching.pairs
        if task not in differing
        and (task in reworded or context.frontier.inherited(task))
        and _outputs_equal(context, task)
    )


def _tasks_of(found: Iterable[Deviation], kinds: Collection[Kind]) -> frozenset[str]:
    return frozenset(
        deviation.reference_task
        for deviation in found
        if deviation.kind in kinds and deviation.reference_task is not None
    )


def _inputs_known(context: Context, task: str) -> bool:
    """Whether what the task read was captured in both runs, with sizes that tell something."""
    sides = ((context.reference, task), (context.other, context.matching.pairs[task]))
    return all(
        name in facts.use.inputs and _sizes_known(facts, facts.use.inputs[name]) for facts, name in sides
    )


def _sizes_known(facts: Facts, items: Iterable[str]) -> bool:
    return all(facts.data[item].size is not None and not facts.unreliable_size(item) for item in items)


def _outputs_equal(context: Context, task: str) -> bool:
    """Whether all outputs have a partner of the same, known size."""
    items = context.reference.use.outputs.get(task, ())
    partners = [context.aligned.get(item) for item in items]
    if (
        not items
        or None in partners
        or len(items) != len(context.other.use.outputs.get(context.matching.pairs[task], ()))
    ):
        return False
    return all(
        context.reference.data[item].size == context.other.data[partner].size
        and context.reference.data[item].size is not None
        and not context.reference.unreliable_size(item)
        for item, partner in zip(items, partners, strict=True)
        if partner is not None
    )
