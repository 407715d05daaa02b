"""Hartigan's dip statistic."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise


def dip(ordered: Sequence[float]) -> float:
    """The largest distance of the empirical distribution function from the nearest unimodal one; the values are sorted.

    Between 1/(2n) and 1/4. Hartigan & Hartigan 1985, doi 10.1214/aos/1176346577, and algorithm AS 217, doi 10.2307/2347485: the
    modal interval shrinks as long as the greatest convex minorant and the least concave majorant over it part further than
    either parts from the values outside of it.
    """
    n = len(ordered)
    largest = 1.0
    if n < 2 or ordered[0] == ordered[-1]:
        return largest / (2 * n)
    before, after = _minorant(ordered), _majorant(ordered)
    low, high = 0, n - 1
    while True:
        minorant = _knots(high, low, before)[::-1]
        majorant = _knots(low, high, after)
        apart, left, right = _widest(ordered, minorant, majorant)
        if apart < largest:
            break
        under = _farthest(ordered, [knot for knot in minorant if knot <= left], 1)
        over = _farthest(ordered, [knot for knot in majorant if knot >= right], -1)
        largest = max(largest, under, over)
        if (left, right) == (low, high):
            break
        low, high = left, right
    return largest / (2 * n)


def _minorant(ordered: Sequence[float]) -> list[int]:
    """Of each point the knot before it on the greatest convex minorant of the points up to it."""
    before = [0] * len(ordered)
    for j in range(1, len(ordered)):
        k = j - 1
        while k and _rise(ordered, before[k], k, j) >= 0:
            k = before[k]
        before[j] = k
    return before


def _majorant(ordered: Sequence[float]) -> list[int]:
    """Of each point the knot after it on the least concave majorant of the points from it on."""
    last = len(ordered) - 1
    after = [last] * len(ordered)
    for j in range(last - 1, -1, -1):
        k = j + 1
        while k < last and _rise(ordered, j, k, after[k]) <= 0:
            k = after[k]
        after[j] = k
    return after


def _rise(ordered: Sequence[float], one: int, two: int, three: int) -> float:
    """Positive where the middle point lies on or above the line of the others (ranks over values), negative where below."""
    return (ordered[three] - ordered[two]) * (two - one) - (ordered[two] - ordered[one]) * (three - two)


def _knots(start: int, end: int, neighbour: Sequence[int]) -> list[int]:
    """The knots of a hull from one point to another."""
    found = [start]
    while found[-1] != end:
        found.append(neighbour[found[-1]])
    return found


def _widest(
    ordered: Sequence[float], minorant: Sequence[int], majorant: Sequence[int]
) -> tuple[float, int, int]:
    """How far majorant and minorant are apart at most, in ranks, and the knots between which they are."""
    if len(minorant) == len(majorant) == 2:
        return 1.0, minorant[0], majorant[-1]
    apart, left, right = 0.0, minorant[0], majorant[-1]
    for one, two in pairwise(minorant):
        for knot in majorant[1:]:
            if one <= knot < two:
                distance = knot - one + 1 - _line(ordered, one, two, knot)
                if distance >= apart:
                    apart, left, right = distance, one, knot
    for one, two in pairwise(majorant):
        for knot in minorant[:-1]:
            if one < knot <= two:
                distance = _line(ordered, one, two, knot) - (knot - one - 1)
                if distance >= apart:
                    apart, left, right = distance, knot, two
    return apart, left, right


def _farthest(ordered: Sequence[float], knots: Sequence[int], sign: int) -> float:
    """How far the values are from a hull at most, in ranks: above the minorant (1) or below the majorant (-1)."""
    farthest = 0.0
    for one, two in pairwise(knots):
        farthest = max(farthest, 1.0)
        if two - one > 1 and ordered[two] != ordered[one]:
            distances = (sign * (k - one - _line(ordered, one, two, k)) + 1 for k in range(one, two + 1))
            farthest = max(farthest, *distances)
    return farthest


def _line(ordered: Sequence[float], one: int, two: int, at: int) -> float:
    """How many ranks above the first point the line of two points is, at the value of a third."""
    if ordered[two] == ordered[one]:
        return float(two - one)
    return (ordered[at] - ordered[one]) * (two - one) / (ordered[two] - ordered[one])
