"""Energy distance."""

from __future__ import annotations

from collections.abc import Sequence

from recup_kg.metrics.samples import untold_of_two
from recup_kg.quality import Metric, MetricOptions, MetricValue

METRIC = Metric(
    name="energy",
    label="energy distance",
    definition="sqrt(2 E|X - Y| - E|X - X'| - E|Y - Y'|): 0 only for equal distributions. In the root of the unit of the values.",
    source="https://doi.org/10.1002/wics.1375",
    groups=2,
    minimum=2,
)


def compute(values: Sequence[float], reference: Sequence[float], options: MetricOptions) -> MetricValue:
    """The energy distance."""
    failed = untold_of_two(METRIC, values, reference)
    if failed:
        return failed
    return MetricValue(METRIC.name, energy(values, reference), len(values), len(reference))


def energy(values: Sequence[float], reference: Sequence[float]) -> float:
    """The energy distance, as `scipy.stats.energy_distance` gives it."""
    from scipy import stats

    return float(stats.energy_distance(values, reference))
