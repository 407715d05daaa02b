"""Kruskal-Wallis test."""

from __future__ import annotations

from collections.abc import Sequence

from recup_kg.metrics.samples import noted, untold_of_two
from recup_kg.quality import Metric, MetricOptions, MetricValue

METRIC = Metric(
    name="kruskal-wallis",
    label="Kruskal-Wallis H",
    definition="Whether two groups or more are of one distribution, by ranks; p by the chi-squared approximation, which is rough "
    "below five values in a group.",
    source="https://doi.org/10.1080/01621459.1952.10483441",
    groups=2,
    minimum=2,
    advised=5,
)


def compute(values: Sequence[float], reference: Sequence[float], options: MetricOptions) -> MetricValue:
    """H and p of two groups."""
    failed = untold_of_two(METRIC, values, reference)
    if failed:
        return failed
    n, m = len(values), len(reference)
    statistic, p = kruskal_wallis((values, reference))
    rough = "p is rough: fewer than 5 in a group" if min(n, m) < METRIC.advised else None
    return MetricValue(METRIC.name, statistic, n, m, p=p, note=noted(rough))


def kruskal_wallis(groups: Sequence[Sequence[float]]) -> tuple[float, float]:
    """H and p of any number of groups, as `scipy.stats.kruskal` gives them; (0, 1) where all values are equal."""
    from scipy import stats

    if len({value for group in groups for value in group}) == 1:
        return 0.0, 1.0
    found = stats.kruskal(*groups)
    return float(found.statistic), float(found.pvalue)
