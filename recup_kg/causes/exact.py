"""Exact probabilities of small tables and rank sums, the smallest that the counts can give, and correction for many facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from math import erfc, exp, lgamma, sqrt

MOST_EXACT = 60
"""Of more values than this together, the probability of a rank sum is that of its normal approximation."""
_SAME = 1e-9
"""Relative difference below which two probabilities of tables are one and the same number."""


@lru_cache(maxsize=65536)
def fisher(deviating: int, deviating_total: int, others: int, others_total: int) -> float:
    """Two-sided p of a two by two table: `deviating` of `deviating_total` and `others` of `others_total` have the fact.

    Sum over all tables with these margins that are at most as probable (Fisher 1922, doi 10.2307/2340521).
    """
    low, logs = _tables(deviating + others, deviating_total, others_total)
    seen = logs[deviating - low]
    return min(1.0, sum(exp(log) for log in logs if log <= seen + _SAME))


@lru_cache(maxsize=65536)
def fisher_floor(having: int, deviating_total: int, others_total: int) -> float:
    """The smallest p that a table with these margins can give."""
    low, logs = _tables(having, deviating_total, others_total)
    return min(
        fisher(low + at, deviating_total, having - low - at, others_total) for at in (0, len(logs) - 1)
    )


def _tables(having: int, deviating_total: int, others_total: int) -> tuple[int, list[float]]:
    """The smallest count of deviating subjects that have the fact, and the logarithm of each table's probability from it on."""
    low, high = max(0, having - others_total), min(having, deviating_total)
    whole = _choose(deviating_total + others_total, having)
    return low, [
        _choose(deviating_total, count) + _choose(others_total, having - count) - whole
        for count in range(low, high + 1)
    ]


def _choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def rank_sum(first: Sequence[float], second: Sequence[float]) -> tuple[float, float]:
    """Two-sided p of the Wilcoxon-Mann-Whitney test and the smallest p that these values can give, exact with ties.

    The distribution of the rank sum over all ways to choose the first group (Mann & Whitney 1947, doi 10.1214/aoms/1177730491),
    with mean ranks for ties. Beyond `MOST_EXACT` values its normal approximation with the correction for ties.
    """
    doubled = _doubled_ranks([*first, *second])
    seen, k, n = sum(doubled[: len(first)]), len(first), len(doubled)
    lowest, highest = sum(sorted(doubled)[:k]), sum(sorted(doubled)[n - k :])
    if n > MOST_EXACT:
        return _normal(doubled, k, seen), min(_normal(doubled, k, lowest), _normal(doubled, k, highest))
    counts = _sums(tuple(sorted(doubled)), k)
    total, centre = sum(counts.values()), k * (n + 1)

    def tail(at: int) -> float:
        away = abs(at - centre)
        return sum(count for value, count in counts.items() if abs(value - centre) >= away) / total

    return tail(seen), min(tail(lowest), tail(highest))


def _doubled_ranks(values: Sequence[float]) -> list[int]:
    """Twice the mean rank of each value, which is whole."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0] * len(values)
    before = 0
    for _, tied in groupby(order, key=values.__getitem__):
        places = list(tied)
        for place in places:
            ranks[place] = 2 * before + len(places) + 1
        before += len(places)
    return ranks


@lru_cache(maxsize=256)
def _sums(ranks: tuple[int, ...], k: int) -> dict[int, int]:
    """How many choices of k ranks have each sum."""
    if 2 * k > len(ranks):
        whole = sum(ranks)
        return {whole - value: count for value, count in _sums(ranks, len(ranks) - k).items()}
    by_size: list[dict[int, int]] = [{0: 1}, *({} for _ in range(k))]
    for rank in ranks:
        for size in range(k, 0, -1):
            into = by_size[size]
            for value, count in by_size[size - 1].items():
                into[value + rank] = into.get(value + rank, 0) + count
    return by_size[k]


def _normal(doubled: Sequence[int], k: int, seen: int) -> float:
    n = len(doubled)
    ties = sum(size**3 - size for size in (len(list(tied)) for _, tied in groupby(sorted(doubled))))
    variance = k * (n - k) / 12 * (n + 1 - ties / (n * (n - 1)))
    if variance <= 0:
        return 1.0
    away = max(0.0, abs(seen / 2 - k * (n + 1) / 2) - 0.5)
    return min(1.0, erfc(away / sqrt(2 * variance)))


def holm(probabilities: Iterable[float]) -> list[float]:
    """Probabilities adjusted for their number, in the order given (Holm 1979, https://www.jstor.org/stable/4615733)."""
    given = list(probabilities)
    adjusted, largest = [0.0] * len(given), 0.0
    for rank, place in enumerate(sorted(range(len(given)), key=given.__getitem__)):
        largest = max(largest, min(1.0, given[place] * (len(given) - rank)))
        adjusted[place] = largest
    return adjusted


def holm_of_testable(tests: Sequence[tuple[float, float]], alpha: float) -> list[float]:
    """Holm's correction of (p, floor) over those only that could be significant at all; 1 for the others.

    Tarone's number of tests: the smallest K so that at most K have a floor of at most alpha / K (1990, doi 10.2307/2531456).
    Where none could be significant, all are corrected for all.
    """
    k = 1
    while sum(floor <= alpha / k for _, floor in tests) > k:
        k += 1
    testable = [at for at, (_, floor) in enumerate(tests) if floor <= alpha / k] or list(range(len(tests)))
    adjusted = dict(zip(testable, holm(tests[at][0] for at in testable), strict=True))
    return [adjusted.get(at, 1.0) for at in range(len(tests))]


def cliffs_delta(first: Sequence[float], second: Sequence[float]) -> float:
    """(#{x > y} - #{x < y}) / (n m), from -1 to 1 (Cliff 1993, doi 10.1037/0033-2909.114.3.494)."""
    n, m = len(first), len(second)
    doubled = _doubled_ranks([*first, *second])
    return (sum(doubled[:n]) - n * (n + 1) - n * m) / (n * m)
