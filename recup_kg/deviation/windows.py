"""Medians, and median deviations from them, of sorted series without some of their values, for many such parts at once."""

from __future__ import annotations

import numpy as np

from recup_kg.deviation.layout import Booleans, Floats, Integers


class Remaining:
    """Sorted series without the values of each part: `ordered` by rank and series, `ranks` by part, run and series.

    `captured` says by run and series what is a value, `members` which runs each part has. `number` of values are left, by part
    and series.
    """

    def __init__(self, ordered: Floats, ranks: Integers, captured: Booleans, members: Integers) -> None:
        self._ordered = ordered
        # A value of place k among those left has the rank k + (how many of the part lie below it).
        self._below = np.sort(ranks, axis=1) - np.arange(ranks.shape[1])[:, None]
        self.number: Integers = captured.sum(axis=0) - captured[members].sum(axis=1)
        place = np.maximum(self.number - 1, 0) * 0.5
        self._low, self._high = np.floor(place).astype(np.int64), np.ceil(place).astype(np.int64)
        self._share = place - self._low

    def medians(self) -> Floats:
        """The median of what is left, NaN where nothing is."""
        return self._between(self._at(self._low), self._at(self._high))

    def deviations(self, centre: Floats) -> Floats:
        """The median of the absolute deviations from the medians.

        The k + 1 values that lie nearest are neighbours. The first window of that length whose upper end lies as far as its
        lower one, or the one before it, is theirs: found by bisection.
        """
        width = self._low
        first, last = np.zeros_like(width), np.maximum(self.number - 1, 0) - width
        for _ in range(int(last.max(initial=0)).bit_length() + 1):
            middle = (first + last) // 2
            far = self._at(middle + width) - centre >= centre - self._at(middle)
            last, first = np.where(far, middle, last), np.where(far, first, np.minimum(middle + 1, last))
        upper = self._far(first + width, centre)
        lower = np.where(first > 0, self._far(first - 1, centre), np.inf)
        nearest, start = np.minimum(upper, lower), np.where(lower < upper, first - 1, first)
        beyond = start + width + 1
        after = np.where(beyond < self.number, self._far(beyond, centre), np.inf)
        before = np.where(start > 0, self._far(start - 1, centre), np.inf)
        following = np.where(self._high > self._low, np.minimum(before, after), nearest)
        return self._between(nearest, following)

    def _far(self, place: Integers, centre: Floats) -> Floats:
        found: Floats = np.abs(self._at(place) - centre)
        return found

    def _at(self, place: Integers) -> Floats:
        """The value of a place among those left."""
        rank = place + (self._below <= place[:, None, :]).sum(axis=1)
        found: Floats = np.take_along_axis(self._ordered, np.clip(rank, 0, len(self._ordered) - 1), axis=0)
        return found

    def _between(self, low: Floats, high: Floats) -> Floats:
        found: Floats = np.where(self.number > 0, low + (high - low) * self._share, np.nan)
        return found
