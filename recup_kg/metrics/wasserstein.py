"""Wasserstein distance."""

from __future__ import annotations

from collections.abc import Sequence

from recup_kg.metrics.samples import untold_of_two
from recup_kg.quality import Metric, MetricOptions, MetricValue

METRIC = Metric(
    name="wasserstein",
    label="Wasserstein W1",
    definition="How far values must be moved on average to make one group the other: the area between both distribution "
    "functions.",
    source="https://doi.org/10.1137/1118101",
    unit="values",
    groups=2,
    minimum=2,
)


def compute(values: Sequence[float], reference: Sequence[float], options: MetricOptions) -> MetricValue:
    """W1 in the unit of the values."""
    failed = untold_of_two(METRIC, values, reference)
    if failed:
        return failed
    return MetricValue(METRIC.name, wasserstein(values, reference), len(values), len(reference))


def wasserstein(values: Sequence[float], reference: Sequence[float]) -> float:
    """W1, as `scipy.stats.wasserstein_distance` gives it."""
    from scipy import stats

    return float(stats.wasserstein_distance(values, reference))
