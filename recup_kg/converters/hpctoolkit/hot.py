"""Which contexts of a tree go into the graph, and what procedures cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from recup_kg.converters.hpctoolkit.metrics import total
from recup_kg.converters.hpctoolkit.model import Context, Metric

HOT_SHARE = 0.8
"""The share of each primary metric that the hot contexts cover."""
HOT_LIMIT = 20_000
"""As many contexts the graph has at most; the table has all."""

Costs = Mapping[int, Mapping[int, float]]
"""The values of contexts, by the metric."""


def hot_contexts(
    contexts: Sequence[Context],
    costs: Costs,
    metrics: Iterable[Metric],
    share: float = HOT_SHARE,
    limit: int = HOT_LIMIT,
) -> set[int]:
    """The contexts on the hot paths.

    A context's own cost is its inclusive cost without that of the contexts below it. Of each primary metric those contexts
    are hot that cost most, until together they have that share of what all contexts cost (the fewest that do); contexts of
    the same cost follow each other as they do in the tree. All contexts above a hot one are on its path.
    From `limit` contexts on no further one is hot.
    """
    parents = {context.identifier: context.parent for context in contexts}
    order = {identifier: place for place, identifier in enumerate(parents)}
    found: set[int] = set()
    for metric in metrics:
        if not metric.primary:
            continue
        own = own_costs(parents, costs, metric)
        whole = total(own.values())
        covered = 0.0
        for identifier in sorted(own, key=lambda each: (-own[each], order[each])):
            if covered >= share * whole or len(found) >= limit:
                break
            covered += own[identifier]
            above: int | None = identifier
            while above is not None and above not in found:
                found.add(above)
                above = parents[above]
    return found


def own_costs(parents: Mapping[int, int | None], costs: Costs, of: Metric) -> dict[int, float]:
    """What each context costs itself, where that is more than nothing."""
    metric = of.identifier
    if not of.inclusive:
        found = {identifier: costs.get(identifier, {}).get(metric, 0.0) for identifier in parents}
        return {identifier: value for identifier, value in found.items() if value > 0}
    below: dict[int, list[float]] = {}
    for identifier, parent in parents.items():
        if parent is not None:
            below.setdefault(parent, []).append(costs.get(identifier, {}).get(metric, 0.0))
    found = {}
    for identifier in parents:
        value = costs.get(identifier, {}).get(metric)
        if value is not None:
            own = total((value, *(-cost for cost in below.get(identifier, ()))))
            # Sums of doubles of the tool differ from sums of ours in the last digits.
            if own > 1e-9 * abs(value):
                found[identifier] = own
    return found


def procedure_costs(
    contexts: Iterable[Context], costs: Costs, metrics: Iterable[Metric]
) -> dict[int, dict[int, float]]:
    """What each procedure costs, by metric: the sum over its contexts, none counted twice.

    With callees: of those that no other context of the procedure encloses. Without: of those whose cost is in no other's.
    """
    inclusive = [metric.identifier for metric in metrics if metric.inclusive and metric.additive]
    exclusive = [metric.identifier for metric in metrics if metric.exclusive and metric.additive]
    parts: dict[int, dict[int, list[float]]] = {}
    for context, procedure, outermost in _of_procedures(contexts):
        own = costs.get(context.identifier, {})
        wanted = (*(inclusive if outermost else ()), *(exclusive if context.boundary else ()))
        sums = parts.setdefault(procedure, {})
        for metric in wanted:
            if metric in own:
                sums.setdefault(metric, []).append(own[metric])
    return {
        procedure: {metric: total(values) for metric, values in sums.items()}
        for procedure, sums in parts.items()
    }


def _of_procedures(contexts: Iterable[Context]) -> Iterator[tuple[Context, int, bool]]:
    """The contexts that are procedures, which, and whether no context of the same one encloses them. Parents come first."""
    path: list[Context] = []
    around: dict[int | None, int] = {}
    for context in contexts:
        while path and path[-1].identifier != context.parent:
            around[path.pop().procedure] -= 1
        if context.procedure is not None and context.kind == "procedure":
            yield context, context.procedure, not around.get(context.procedure)
        path.append(context)
        around[context.procedure] = around.get(context.procedure, 0) + 1
