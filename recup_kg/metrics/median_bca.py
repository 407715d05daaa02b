"""Confidence interval of the median by the BCa bootstrap."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from statistics import median

from recup_kg.metrics.samples import DETERMINISTIC, advice, noted, untold
from recup_kg.quality import Metric, MetricOptions, MetricValue

RESAMPLES = 9999

METRIC = Metric(
    name="median-bca",
    label="median, interval by BCa bootstrap",
    definition="The median with the interval of the bias-corrected and accelerated bootstrap, 9,999 resamples, fixed seed. "
    "Narrower than that by ranks, and too narrow of few values (it covers 83 % instead of 95 % of three).",
    source="https://doi.org/10.1080/01621459.1987.10478410",
    unit="values",
    minimum=5,
    advised=10,
)


def compute(values: Sequence[float], options: MetricOptions) -> MetricValue:
    """The median and its interval by bootstrap."""
    failed = untold(METRIC, values)
    if failed:
        return failed
    n, middle = len(values), median(values)
    if min(values) == max(values):
        return MetricValue(METRIC.name, middle, n, low=middle, high=middle, note=DETERMINISTIC)
    low, high = bca_interval(values, options.confidence, options.seed)
    if low is None:
        note = "no interval: the jackknife of these values does not vary"
        return MetricValue(METRIC.name, middle, n, note=noted(note, advice(METRIC, n)))
    return MetricValue(METRIC.name, middle, n, low=low, high=high, note=advice(METRIC, n))


def bca_interval(
    values: Sequence[float], confidence: float, seed: int
) -> tuple[float, float] | tuple[None, None]:
    """The interval as `scipy.stats.bootstrap` gives it; (None, None) where it is degenerate."""
    import numpy as np
    from scipy import stats

    with warnings.catch_warnings():
        # A degenerate interval is told as such.
        warnings.simplefilter("ignore", stats.DegenerateDataWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        found = stats.bootstrap(
            (np.asarray(values, float),),
            np.median,
            confidence_level=confidence,
            n_resamples=RESAMPLES,
            method="BCa",
            random_state=np.random.default_rng(seed),
        ).confidence_interval
    low, high = float(found.low), float(found.high)
    return (low, high) if low == low and high == high else (None, None)
