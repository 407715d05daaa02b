"""How many runs it takes to see an effect."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, comb, inf, sqrt
from statistics import NormalDist

from recup_kg.metrics.samples import DETERMINISTIC, advice, noted, untold
from recup_kg.quality import Metric, MetricOptions, MetricValue

_NORMAL = NormalDist()

METRIC = Metric(
    name="needed-for-effect",
    label="runs in each group for the effect",
    definition="How many runs each of two groups needs so that a Mann-Whitney test sees the wanted effect with the wanted "
    "power, if both vary as these runs do: n = (z(1 - alpha/2) + z(power))^2 / (6 (P(Y > X) - 1/2)^2).",
    source="https://doi.org/10.1080/01621459.1987.10478478",
    unit="count",
    minimum=5,
    advised=10,
)


def compute(values: Sequence[float], options: MetricOptions) -> MetricValue:
    """How many runs each group needs, and the power of as many as there are."""
    failed = untold(METRIC, values, positive=True)
    if failed:
        return failed
    n = len(values)
    if min(values) == max(values):
        return MetricValue(METRIC.name, fewest(options.alpha), n, note=DETERMINISTIC)
    above = superiority(values, options.effect)
    needed = per_group(above, options.alpha, options.power)
    if needed == inf:
        return MetricValue(
            METRIC.name, None, n, note="can't tell: such an effect does not change any rank here"
        )
    says = f"power for {options.effect:+.0%} is {power(above, n, options.alpha):.0%} at {n} against {n}"
    return MetricValue(METRIC.name, needed, n, note=noted(says, advice(METRIC, n)))


def superiority(values: Sequence[float], effect: float) -> float:
    """P(Y > X) + P(Y = X) / 2 for Y one of the values made larger by the effect, X another one of them."""
    wins = [
        float(y * (1 + effect) > x) + 0.5 * float(y * (1 + effect) == x)
        for i, y in enumerate(values)
        for j, x in enumerate(values)
        if i != j
    ]
    return sum(wins) / len(wins)


def per_group(above: float, alpha: float, wanted: float) -> float:
    """Runs in each of two groups of equal size, by Noether's formula; never fewer than can reach the level at all."""
    if above <= 0.5:
        return inf
    z = _NORMAL.inv_cdf(1 - alpha / 2) + _NORMAL.inv_cdf(wanted)
    return max(fewest(alpha), ceil(z**2 / (6 * (above - 0.5) ** 2)))


def power(above: float, n: int, alpha: float) -> float:
    """The power of n against n, by the same approximation; 0 where no outcome reaches the level."""
    if n < fewest(alpha):
        return 0.0
    return _NORMAL.cdf(sqrt(6 * n) * (above - 0.5) - _NORMAL.inv_cdf(1 - alpha / 2))


def fewest(alpha: float) -> int:
    """The fewest runs in each group for which an exact two-sided rank test can reach the level."""
    n = 1
    while 2 / comb(2 * n, n) > alpha:
        n += 1
    return n
