"""Kolmogorov-Smirnov distance."""

from __future__ import annotations

from collections.abc import Sequence

from recup_kg.metrics.p_floor import rank_floor
from recup_kg.metrics.samples import untold_of_two
from recup_kg.quality import Metric, MetricOptions, MetricValue

METRIC = Metric(
    name="kolmogorov-smirnov",
    label="Kolmogorov-Smirnov D",
    definition="The largest distance between the shares of both groups that are below any one value, with its two-sided p.",
    source="https://doi.org/10.1214/aoms/1177730256",
    groups=2,
    minimum=2,
)


def compute(values: Sequence[float], reference: Sequence[float], options: MetricOptions) -> MetricValue:
    """D and p."""
    failed = untold_of_two(METRIC, values, reference)
    if failed:
        return failed
    n, m = len(values), len(reference)
    statistic, p = kolmogorov_smirnov(values, reference)
    return MetricValue(METRIC.name, statistic, n, m, p=p, p_floor=rank_floor(n, m))


def kolmogorov_smirnov(values: Sequence[float], reference: Sequence[float]) -> tuple[float, float]:
    """D and the two-sided p, as `scipy.stats.ks_2samp` gives them."""
    from scipy import stats

    found = stats.ks_2samp(values, reference)
    return float(found.statistic), float(found.pvalue)
