"""Quartile coefficient of dispersion."""

from __future__ import annotations

from collections.abc import Sequence

from recup_kg.metrics.quantiles import quantile
from recup_kg.metrics.samples import DETERMINISTIC, advice, noted, untold
from recup_kg.quality import Metric, MetricOptions, MetricValue

METRIC = Metric(
    name="qcd",
    label="quartile coefficient of dispersion",
    definition="(Q3 - Q1) / (Q3 + Q1), quartiles by linear interpolation (type 7). The outer half of the values does not count.",
    source="https://doi.org/10.1080/09720510.2006.10701193",
    unit="share",
    minimum=5,
    advised=20,
)


def compute(values: Sequence[float], options: MetricOptions) -> MetricValue:
    """The quartile coefficient of dispersion."""
    failed = untold(METRIC, values, positive=True)
    if failed:
        return failed
    note = DETERMINISTIC if min(values) == max(values) else None
    return MetricValue(METRIC.name, qcd(values), len(values), note=noted(note, advice(METRIC, len(values))))


def qcd(values: Sequence[float]) -> float:
    """(Q3 - Q1) / (Q3 + Q1)."""
    first, third = quantile(values, 0.25), quantile(values, 0.75)
    return (third - first) / (third + first)
