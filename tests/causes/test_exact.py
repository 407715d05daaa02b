"""Exact probabilities against SciPy, and against values that can be counted by hand."""

from __future__ import annotations

from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact, mannwhitneyu

from recup_kg.causes.exact import (
    cliffs_delta,
    fisher,
    fisher_floor,
    holm,
    holm_of_testable,
    rank_sum,
)

counts = st.integers(0, 12)
values = st.lists(st.integers(0, 9).map(float), min_size=1, max_size=9)


def test_fisher_of_an_exact_separation_is_one_table_of_all() -> None:
    assert fisher(8, 8, 0, 12) == pytest.approx(1 / comb(20, 8))
    assert fisher_floor(8, 8, 12) == fisher(8, 8, 0, 12)


def test_two_against_eight_can_give_no_p_below_one_in_45() -> None:
    assert fisher_floor(2, 2, 8) == pytest.approx(1 / 45)


@given(counts, counts, counts, counts)
def test_fisher_is_that_of_scipy(a: int, b: int, c: int, d: int) -> None:
    expected = float(fisher_exact([[a, b], [c, d]]).pvalue)
    assert fisher(a, a + b, c, c + d) == pytest.approx(expected, rel=1e-6)


@given(counts, counts, counts, counts)
def test_no_table_has_a_p_below_the_floor(a: int, b: int, c: int, d: int) -> None:
    assert fisher(a, a + b, c, c + d) >= fisher_floor(a + c, a + b, c + d) * (1 - 1e-9)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=14, unique=True), st.data())
def test_rank_sum_without_ties_is_that_of_scipy(numbers: list[float], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(numbers) - 1))
    one, two = numbers[:cut], numbers[cut:]
    expected = float(mannwhitneyu(one, two, method="exact").pvalue)
    assert rank_sum(one, two)[0] == pytest.approx(expected, rel=1e-9)


@given(values, values)
def test_rank_sum_with_ties_lies_between_its_floor_and_one(one: list[float], two: list[float]) -> None:
    p, floor = rank_sum(one, two)
    assert 0 < floor <= p <= 1
    assert rank_sum(two, one)[0] == pytest.approx(p)


def test_ties_count_by_mean_ranks() -> None:
    # Ranks 1.5, 1.5, 3 of three values: of the three choices of one, two have the sum 1.5, as far from the centre as none.
    assert rank_sum([3.0], [1.0, 1.0]) == (pytest.approx(1 / 3), pytest.approx(1 / 3))


def test_many_values_have_the_normal_approximation_of_scipy() -> None:
    one, two = [float(x % 17) for x in range(60)], [float(x % 17) + 1.5 for x in range(80)]
    expected = float(mannwhitneyu(one, two, method="asymptotic").pvalue)
    assert rank_sum(one, two)[0] == pytest.approx(expected, rel=1e-6)


def test_equal_values_tell_nothing() -> None:
    assert rank_sum([1.0] * 40, [1.0] * 40) == (1.0, 1.0)


def test_holm_multiplies_the_smallest_by_all_and_never_falls() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.6]) == [1.0, 1.0]
    assert holm([]) == []


def test_what_can_never_be_significant_is_no_test() -> None:
    tests = [(0.001, 0.001), *[(0.4, 0.2)] * 50]
    assert holm_of_testable(tests, 0.05)[0] == pytest.approx(0.001)
    assert holm_of_testable(tests, 0.05)[1:] == [1.0] * 50


def test_where_nothing_can_be_significant_all_are_corrected_for_all() -> None:
    assert holm_of_testable([(0.2, 0.2), (0.3, 0.2)], 0.05) == pytest.approx([0.4, 0.4])


@settings(max_examples=50)
@given(values, values)
def test_cliffs_delta_is_its_definition(one: list[float], two: list[float]) -> None:
    more = sum(x > y for x in one for y in two) - sum(x < y for x in one for y in two)
    assert cliffs_delta(one, two) == pytest.approx(more / (len(one) * len(two)))
