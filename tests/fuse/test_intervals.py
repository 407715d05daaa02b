"""Bisection finds what looking at all pairs finds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from recup_kg.fuse.intervals import Intervals

TIMES = st.integers(0, 30).map(float)
STRETCHES = st.tuples(TIMES, TIMES).map(lambda pair: (min(pair), max(pair)))


@given(st.lists(STRETCHES, max_size=25), STRETCHES)
def test_the_same_as_by_looking_at_all(
    given_intervals: list[tuple[float, float]], asked: tuple[float, float]
) -> None:
    named = [(start, end, number) for number, (start, end) in enumerate(given_intervals)]
    expected = {number for start, end, number in named if start <= asked[0] and asked[1] <= end}
    intervals = Intervals(named)
    assert set(intervals.containing(*asked)) == expected
    only, count = intervals.only(*asked)
    assert count == min(len(expected), 2)
    assert only == (next(iter(expected)) if len(expected) == 1 else None)


@given(st.permutations([(0.0, 9.0, "a"), (2.0, 3.0, "b"), (2.0, 8.0, "c"), (5.0, 5.0, "d")]))
def test_the_order_does_not_matter(given_intervals: list[tuple[float, float, str]]) -> None:
    intervals = Intervals(given_intervals)
    assert sorted(intervals.containing(2.5, 3.0)) == ["a", "b", "c"]
    assert intervals.only(8.5, 9.0) == ("a", 1)
    assert intervals.only(9.5, 9.6) == (None, 0)


def test_an_interval_that_ends_before_it_starts_contains_nothing() -> None:
    assert len(Intervals([(5.0, 1.0, "x")])) == 0
