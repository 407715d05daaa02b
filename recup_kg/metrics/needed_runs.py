"""How many runs a wanted width of the interval of the median takes."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from statistics import median

from recup_kg.metrics.median import rank_interval
from recup_kg.metrics.samples import DETERMINISTIC, noted, untold
from recup_kg.quality import Metric, MetricOptions, MetricValue

METRIC = Metric(
    name="needed-runs",
    label="more runs for the half-width",
    definition="How many more runs it takes until the interval of the median by ranks is no wider than the wanted share of the "
    "median to either side: widths shrink with the root of n.",
    source="https://doi.org/10.1145/2807591.2807644",
    unit="count",
    minimum=5,
    advised=10,
)


def compute(values: Sequence[float], options: MetricOptions) -> MetricValue:
    """How many more runs are needed; 0 where there are enough."""
    failed = untold(METRIC, values, positive=True)
    if failed:
        return failed
    n = len(values)
    if min(values) == max(values):
        return MetricValue(METRIC.name, 0, n, note=DETERMINISTIC)
    smallest = fewest(options.confidence)
    reached = half_width(values, options.confidence)
    if reached is None:
        range_width = (max(values) - min(values)) / 2 / median(values)
        needed = max(smallest, ceil(n * (range_width / options.half_width) ** 2))
        note = f"at least: {n} values reach no interval of {options.confidence:.0%}; half their range is {range_width:.1%}"
        return MetricValue(METRIC.name, needed - n, n, note=note)
    needed = max(smallest, ceil(n * (reached / options.half_width) ** 2))
    more = max(0, needed - n) if reached > options.half_width else 0
    says = f"half-width is {reached:.1%} of the median, wanted {options.half_width:.1%}"
    return MetricValue(METRIC.name, more, n, note=noted(says))


def half_width(values: Sequence[float], confidence: float) -> float | None:
    """Half the width of the interval by ranks, as a share of the median; None where there is no interval."""
    interval = rank_interval(values, confidence)
    return None if interval is None else (interval[1] - interval[0]) / 2 / median(values)


def fewest(confidence: float) -> int:
    """The fewest values whose whole range is an interval of the median: 1 - 2^(1 - n) reaches the confidence."""
    n = 2
    while 1 - 2.0 ** (1 - n) < confidence:
        n += 1
    return n
