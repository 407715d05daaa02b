"""Quantiles by linear interpolation."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor


def quantile(values: Sequence[float], share: float) -> float:
    """The quantile of type 7 (Hyndman & Fan 1996, doi 10.1080/00031305.1996.10473566), as numpy and R compute it."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
