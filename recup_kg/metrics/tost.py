"""Equivalence by two one-sided tests."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, log, log1p, sqrt
from statistics import fmean, variance

from recup_kg.metrics.samples import noted, untold_of_two
from recup_kg.quality import Metric, MetricOptions, MetricValue

METRIC = Metric(
    name="tost",
    label="TOST, ratio of geometric means",
    definition="Whether two groups are equivalent: the (1 - 2 alpha) interval of the ratio of their geometric means lies inside "
    "1/(1 + theta) to 1 + theta. Two one-sided Welch tests of the logarithms; p is the larger of both.",
    source="https://doi.org/10.1177/1948550617697177",
    groups=2,
    minimum=3,
    advised=10,
)


def compute(values: Sequence[float], reference: Sequence[float], options: MetricOptions) -> MetricValue:
    """The ratio of the geometric means, its (1 - 2 alpha) interval, p and what follows; theta is `options.effect`."""
    failed = untold_of_two(METRIC, values, reference, positive=True)
    if failed:
        return failed
    n, m = len(values), len(reference)
    logs, others = list(map(log, values)), list(map(log, reference))
    difference, low, high, p = tost(logs, others, log1p(options.effect), options.alpha)
    verdict = "equivalent" if p < options.alpha else "equivalence not shown"
    few = f"n < {METRIC.advised}: not yet settled" if min(n, m) < METRIC.advised else None
    note = noted(f"{verdict} within {options.effect:.1%}", few)
    return MetricValue(METRIC.name, exp(difference), n, m, low=exp(low), high=exp(high), p=p, note=note)


def tost(
    values: Sequence[float], reference: Sequence[float], theta: float, alpha: float
) -> tuple[float, float, float, float]:
    """Difference of means, its (1 - 2 alpha) interval, and the larger p of the two Welch tests against -theta and theta."""
    from scipy import stats

    n, m = len(values), len(reference)
    one, two = variance(values) / n, variance(reference) / m
    difference, error = fmean(values) - fmean(reference), sqrt(one + two)
    if error == 0:
        return difference, difference, difference, 0.0 if abs(difference) < theta else 1.0
    freedom = (one + two) ** 2 / (one**2 / (n - 1) + two**2 / (m - 1))
    margin = float(stats.t.ppf(1 - alpha, freedom)) * error
    above = float(stats.t.sf((difference + theta) / error, freedom))
    below = float(stats.t.cdf((difference - theta) / error, freedom))
    return difference, difference - margin, difference + margin, max(above, below)
