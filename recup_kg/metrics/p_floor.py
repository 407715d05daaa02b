"""The smallest probability that groups of a size can give."""

from __future__ import annotations

from math import comb


def rank_floor(n: int, m: int) -> float:
    """The smallest two-sided p of an exact rank test of n against m values: 2 / C(n + m, n), at most 1. One-sided it is half."""
    return min(1.0, 2 / comb(n + m, n))


def rank_floor_text(n: int, m: int) -> str:
    """The floor as a fraction, one-sided and two-sided."""
    orders = comb(n + m, n)
    if orders < 2:
        return "none"
    return f"1/{orders} one-sided, {'1/' + str(orders // 2) if orders % 2 == 0 else '2/' + str(orders)} two-sided"
