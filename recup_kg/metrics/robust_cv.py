"""Robust coefficient of variation."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from recup_kg.metrics.samples import DETERMINISTIC, advice, noted, untold
from recup_kg.quality import Metric, MetricOptions, MetricValue

NORMAL_CONSISTENT = 1.4826
"""Makes the median absolute deviation of a normal distribution its standard deviation."""

METRIC = Metric(
    name="robust-cv",
    label="robust coefficient of variation",
    definition="1.4826 times the median absolute deviation over the median: the CV of the middle half of the values.",
    source="https://doi.org/10.1080/01621459.1993.10476408",
    unit="share",
    minimum=5,
    advised=20,
)


def compute(values: Sequence[float], options: MetricOptions) -> MetricValue:
    """The robust coefficient of variation."""
    failed = untold(METRIC, values, positive=True)
    if failed:
        return failed
    note = DETERMINISTIC if min(values) == max(values) else None
    return MetricValue(
        METRIC.name, robust_cv(values), len(values), note=noted(note, advice(METRIC, len(values)))
    )


def robust_cv(values: Sequence[float]) -> float:
    """1.4826 MAD / median."""
    middle = median(values)
    return NORMAL_CONSISTENT * median(abs(value - middle) for value in values) / middle
