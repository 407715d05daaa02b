"""Ratio of the largest to the smallest value."""

from __future__ import annotations

from collections.abc import Sequence

from recup_kg.metrics.samples import DETERMINISTIC, untold
from recup_kg.quality import Metric, MetricOptions, MetricValue

METRIC = Metric(
    name="max-min",
    label="maximum over minimum",
    definition="The largest value over the smallest. It can only grow with the number of runs.",
    source="https://doi.org/10.1145/2807591.2807644",
    minimum=2,
)


def compute(values: Sequence[float], options: MetricOptions) -> MetricValue:
    """The ratio."""
    failed = untold(METRIC, values, positive=True)
    if failed:
        return failed
    low, high = min(values), max(values)
    note = DETERMINISTIC if low == high else None
    return MetricValue(METRIC.name, high / low, len(values), note=note)
