"""Mann-Whitney test."""

from __future__ import annotations

from collections.abc import Sequence

from recup_kg.metrics.p_floor import rank_floor, rank_floor_text
from recup_kg.metrics.samples import noted, untold_of_two
from recup_kg.quality import Metric, MetricOptions, MetricValue

EXACT_UP_TO = 20
"""Values in the smaller group up to which the distribution of U is counted exactly where no values are equal."""

METRIC = Metric(
    name="mann-whitney",
    label="Mann-Whitney U",
    definition="How often a value of the group is above one of the reference (ties half), with the two-sided p that both are of "
    "one distribution: exact for small groups without ties.",
    source="https://doi.org/10.1214/aoms/1177730491",
    unit="count",
    groups=2,
    minimum=2,
)


def compute(values: Sequence[float], reference: Sequence[float], options: MetricOptions) -> MetricValue:
    """U, p and its floor."""
    failed = untold_of_two(METRIC, values, reference)
    if failed:
        return failed
    n, m = len(values), len(reference)
    statistic, p = mann_whitney(values, reference)
    floor = rank_floor(n, m)
    note = f"p is at least {rank_floor_text(n, m)}" if floor > options.alpha / 10 else None
    if floor > options.alpha:
        note = noted(note, f"can't reach {options.alpha:.3g}")
    return MetricValue(METRIC.name, statistic, n, m, p=p, p_floor=floor, note=note)


def mann_whitney(values: Sequence[float], reference: Sequence[float]) -> tuple[float, float]:
    """U of the values and the two-sided p, as `scipy.stats.mannwhitneyu` gives them."""
    from scipy import stats

    ties = len({*values, *reference}) < len(values) + len(reference)
    exact = not ties and min(len(values), len(reference)) <= EXACT_UP_TO
    if len({*values, *reference}) == 1:
        return len(values) * len(reference) / 2, 1.0
    found = stats.mannwhitneyu(values, reference, method="exact" if exact else "asymptotic")
    return float(found.statistic), float(found.pvalue)
