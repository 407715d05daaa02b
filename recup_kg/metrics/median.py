"""Median, with its confidence interval by ranks."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from statistics import median

from recup_kg.metrics.samples import DETERMINISTIC, noted, untold
from recup_kg.quality import Metric, MetricOptions, MetricValue

METRIC = Metric(
    name="median",
    label="median, interval by ranks",
    definition="The middle value. Its interval is between the two values whose ranks enclose the median of the population "
    "with at least the wanted confidence, whatever the distribution.",
    source="https://doi.org/10.1145/2807591.2807644",
    unit="values",
    minimum=5,
    advised=6,
)


def compute(values: Sequence[float], options: MetricOptions) -> MetricValue:
    """The median and its interval by ranks."""
    failed = untold(METRIC, values)
    if failed:
        return failed
    n = len(values)
    interval = rank_interval(values, options.confidence)
    low, high = (None, None) if interval is None else interval[:2]
    note = DETERMINISTIC if min(values) == max(values) else None
    if interval is None:
        note = noted(note, f"no interval: {n} values reach {1 - 2 ** (1 - n):.1%} confidence at most")
    return MetricValue(METRIC.name, median(values), n, low=low, high=high, note=note)


def rank_interval(values: Sequence[float], confidence: float) -> tuple[float, float, float] | None:
    """The values of rank k and n + 1 - k with the largest k for which the interval covers the median with `confidence`, and how
    sure it really is: 1 - 2 P(Binomial(n, 1/2) < k), exactly. None where even the whole range does not.

    Conover, Practical Nonparametric Statistics, 3rd ed., section 3.2.
    """
    ordered, n = sorted(values), len(values)
    below, rank, covered = 0.0, 0, 0.0
    for k in range(1, n // 2 + 1):
        below += comb(n, k - 1) / 2**n
        if 1 - 2 * below < confidence:
            break
        rank, covered = k, 1 - 2 * below
    return (ordered[rank - 1], ordered[n - rank], covered) if rank else None
