"""Intervals on a line, and which of them a stretch lies in: by sorting and bisection, not by looking at all pairs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Intervals(Generic[T]):
    """Named intervals that are asked for those that contain a stretch; both ends belong to an interval."""

    def __init__(self, given: Iterable[tuple[float, float, T]]) -> None:
        ordered = sorted((item for item in given if item[0] <= item[1]), key=lambda item: (item[0], item[1]))
        self._starts = [item[0] for item in ordered]
        self._items = ordered
        # The latest end among an interval and those before it: where it is too early, none before can contain the stretch.
        self._reach: list[float] = []
        for item in ordered:
            self._reach.append(max(item[1], self._reach[-1]) if self._reach else item[1])

    def __len__(self) -> int:
        return len(self._items)

    def containing(self, start: float, end: float) -> Iterator[T]:
        """The names of the intervals that contain the whole stretch, the latest start first."""
        index = bisect_right(self._starts, start) - 1
        while index >= 0 and self._reach[index] >= end:
            if self._items[index][1] >= end:
                yield self._items[index][2]
            index -= 1

    def only(self, start: float, end: float) -> tuple[T | None, int]:
        """The interval that alone contains the stretch, or None, with the number of those that do (2 stands for more)."""
        found: T | None = None
        count = 0
        for name in self.containing(start, end):
            count += 1
            if count > 1:
                return None, 2
            found = name
        return found, count
