"""Ratio of the medians of two groups."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, exp, log
from statistics import NormalDist, median

from recup_kg.metrics.samples import noted, untold_of_two
from recup_kg.quality import Metric, MetricOptions, MetricValue

EXACT_UP_TO = 400
"""Products of group sizes up to which the ranks of the interval are counted exactly."""

METRIC = Metric(
    name="ratio-of-medians",
    label="ratio of medians",
    definition="Median of the group over that of the reference. Its interval is that of the shift of the logarithms that "
    "Mann-Whitney ranks can't tell from none (Hodges-Lehmann, Moses).",
    source="https://doi.org/10.1214/aoms/1177704172",
    groups=2,
)


def compute(values: Sequence[float], reference: Sequence[float], options: MetricOptions) -> MetricValue:
    """The ratio, with its interval where the groups are large enough for one."""
    failed = untold_of_two(METRIC, values, reference, positive=True)
    if failed:
        return failed
    n, m = len(values), len(reference)
    ratio = median(values) / median(reference)
    interval = shift_interval(list(map(log, values)), list(map(log, reference)), options.confidence)
    low, high = (None, None) if interval is None else map(exp, interval)
    note = None
    if n == m == 1:
        note = "one run against one: a difference, no test"
    elif interval is None:
        note = f"no interval: {n} against {m} are too few for one of {options.confidence:.0%}"
    return MetricValue(METRIC.name, ratio, n, m, low=low, high=high, note=noted(note))


def shift_interval(
    values: Sequence[float], reference: Sequence[float], confidence: float
) -> tuple[float, float] | None:
    """The interval of the shift between two groups from their ordered differences; None where they are too few for one.

    Hollander, Wolfe & Chicken, Nonparametric Statistical Methods, 3rd ed., section 4.3.
    """
    n, m = len(values), len(reference)
    rank = _rank(n, m, (1 - confidence) / 2)
    if not rank:
        return None
    differences = sorted(x - y for x in values for y in reference)
    return differences[rank - 1], differences[-rank]


def _rank(n: int, m: int, tail: float) -> int:
    """The largest number k of outermost differences with P(U < k) <= tail."""
    if n * m > EXACT_UP_TO:
        spread = (n * m * (n + m + 1) / 12) ** 0.5
        return max(0, int(n * m / 2 + NormalDist().inv_cdf(tail) * spread))
    counts, total, below = _u_counts(n, m), comb(n + m, n), 0
    for k, count in enumerate(counts):
        below += count
        if below / total > tail:
            return k
    return 0


def _u_counts(n: int, m: int) -> list[int]:
    """How many orders of n and m values give each U from 0 to nm: the coefficients of the Gaussian binomial."""
    counts = [1] + [0] * (n * m)
    for i in range(1, n + 1):
        for u in range(n * m, m + i - 1, -1):
            counts[u] -= counts[u - m - i]
        for u in range(i, n * m + 1):
            counts[u] += counts[u - i]
    return counts
