"""Cliff's delta."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist

from recup_kg.metrics.samples import noted, untold_of_two
from recup_kg.quality import Metric, MetricOptions, MetricValue

METRIC = Metric(
    name="cliffs-delta",
    label="Cliff's delta",
    definition="(#{x > y} - #{x < y}) / (n m): 1 where every value of the group is above every one of the reference, 0 where "
    "neither is above. Interval after Cliff, unbiased variance, asymmetric.",
    source="https://doi.org/10.1037/0033-2909.114.3.494",
    groups=2,
    minimum=2,
    advised=10,
)
_SIZES = ((0.147, "negligible"), (0.33, "small"), (0.474, "medium"))
"""Romano et al. 2006, as most of this field names sizes of effects."""


def compute(values: Sequence[float], reference: Sequence[float], options: MetricOptions) -> MetricValue:
    """Delta and its interval."""
    failed = untold_of_two(METRIC, values, reference)
    if failed:
        return failed
    n, m = len(values), len(reference)
    delta = cliffs_delta(values, reference)
    low, high = delta_interval(values, reference, options.confidence)
    size = next((name for limit, name in _SIZES if abs(delta) < limit), "large")
    few = f"n < {METRIC.advised}: not yet settled" if min(n, m) < METRIC.advised else None
    return MetricValue(METRIC.name, delta, n, m, low=low, high=high, note=noted(size, few))


def cliffs_delta(values: Sequence[float], reference: Sequence[float]) -> float:
    """(#{x > y} - #{x < y}) / (n m), -1 to 1. Raises `ZeroDivisionError` where a group is empty."""
    return sum(_dominances(values, reference)) / (len(values) * len(reference))


def delta_interval(
    values: Sequence[float], reference: Sequence[float], confidence: float
) -> tuple[float, float]:
    """The interval of delta (Feng & Cliff 2004, doi 10.22237/jmasm/1099267560), at least two values in each group.

    Where the groups don't overlap no variance is observed; the outer value is then that of the smaller group's size alone.
    """
    n, m = len(values), len(reference)
    delta, z = cliffs_delta(values, reference), NormalDist().inv_cdf((1 + confidence) / 2)
    if abs(delta) == 1:
        inner = (min(n, m) - z**2) / (min(n, m) + z**2)
        return (inner, 1.0) if delta > 0 else (-1.0, -inner)
    variance = _variance(values, reference, delta)
    spread = z * sqrt(variance) * sqrt((1 - delta**2) ** 2 + z**2 * variance)
    centre, scale = delta - delta**3, 1 - delta**2 + z**2 * variance
    return max(-1.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def _variance(values: Sequence[float], reference: Sequence[float], delta: float) -> float:
    """The unbiased estimate of the variance of delta, not below (1 - delta^2) / (n m - 1)."""
    n, m = len(values), len(reference)
    rows = [dominance / m - delta for dominance in _dominances(values, reference)]
    columns = [-dominance / n - delta for dominance in _dominances(reference, values)]
    ordered = sorted(reference)
    ties = sum(bisect_right(ordered, x) - bisect_left(ordered, x) for x in values)
    squares = n * m - ties - n * m * delta**2
    total = m**2 * sum(r * r for r in rows) + n**2 * sum(c * c for c in columns) - squares
    return max(total / (n * m * (n - 1) * (m - 1)), (1 - delta**2) / (n * m - 1))


def _dominances(values: Sequence[float], reference: Sequence[float]) -> list[int]:
    """Of each value: how many of the reference it is above, less how many it is below."""
    ordered = sorted(reference)
    return [bisect_left(ordered, x) - (len(ordered) - bisect_right(ordered, x)) for x in values]
