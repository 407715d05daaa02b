"""Wasserstein distance over the median of the reference."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from recup_kg.metrics.samples import untold_of_two
from recup_kg.metrics.wasserstein import wasserstein
from recup_kg.quality import Metric, MetricOptions, MetricValue

METRIC = Metric(
    name="wasserstein-relative",
    label="W1 over median",
    definition="Wasserstein W1 over the median of the reference: without a unit, so that quantities can be held side by side.",
    source="https://doi.org/10.1137/1118101",
    groups=2,
    minimum=2,
)


def compute(values: Sequence[float], reference: Sequence[float], options: MetricOptions) -> MetricValue:
    """W1 over the median of the reference."""
    failed = untold_of_two(METRIC, values, reference, positive=True)
    if failed:
        return failed
    distance = wasserstein(values, reference) / median(reference)
    return MetricValue(METRIC.name, distance, len(values), len(reference))
