"""Coefficient of variation."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, stdev

from recup_kg.metrics.samples import DETERMINISTIC, advice, noted, untold
from recup_kg.quality import Metric, MetricOptions, MetricValue

METRIC = Metric(
    name="cv",
    label="coefficient of variation",
    definition="Standard deviation (n - 1) over mean. Outliers and a second mode make it large; see qcd and modality.",
    source="https://doi.org/10.1145/2807591.2807644",
    unit="share",
    minimum=5,
    advised=20,
)


def compute(values: Sequence[float], options: MetricOptions) -> MetricValue:
    """The coefficient of variation."""
    failed = untold(METRIC, values, positive=True)
    if failed:
        return failed
    note = DETERMINISTIC if min(values) == max(values) else None
    return MetricValue(METRIC.name, cv(values), len(values), note=noted(note, advice(METRIC, len(values))))


def cv(values: Sequence[float]) -> float:
    """s / mean, s with n - 1. Raises `statistics.StatisticsError` of fewer than two values."""
    return stdev(values) / fmean(values)
