"""Metrics of two groups against scipy, exact enumeration and published values."""

from __future__ import annotations

from itertools import combinations
from math import comb, exp, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from recup_kg.metrics.cliffs_delta import cliffs_delta, delta_interval
from recup_kg.metrics.corrections import benjamini_hochberg, holm
from recup_kg.metrics.energy import energy
from recup_kg.metrics.kolmogorov_smirnov import kolmogorov_smirnov
from recup_kg.metrics.kruskal_wallis import compute as compute_kruskal_wallis
from recup_kg.metrics.kruskal_wallis import kruskal_wallis
from recup_kg.metrics.mann_whitney import compute, mann_whitney
from recup_kg.metrics.p_floor import rank_floor, rank_floor_text
from recup_kg.metrics.ratio_of_medians import compute as compute_ratio
from recup_kg.metrics.ratio_of_medians import shift_interval
from recup_kg.metrics.tost import compute as compute_tost
from recup_kg.metrics.tost import tost
from recup_kg.metrics.wasserstein import wasserstein
from recup_kg.quality import MetricOptions
from tests.metrics.samples import FAST, SLOW

OPTIONS = MetricOptions()
GROUP = st.lists(st.floats(0.1, 1e4), min_size=2, max_size=15)
WHOLE = st.lists(st.integers(1, 30), min_size=2, max_size=12)


@given(x=GROUP, y=GROUP)
@settings(max_examples=40, deadline=None)
def test_distances_are_those_of_scipy(x: list[float], y: list[float]) -> None:
    assert wasserstein(x, y) == stats.wasserstein_distance(x, y)
    assert energy(x, y) == stats.energy_distance(x, y)
    expected = stats.ks_2samp(x, y)
    assert kolmogorov_smirnov(x, y) == (expected.statistic, expected.pvalue)


@given(x=WHOLE, y=WHOLE)
@settings(max_examples=40, deadline=None)
def test_rank_tests_are_those_of_scipy(x: list[int], y: list[int]) -> None:
    ties = len({*x, *y}) < len(x) + len(y)
    if len({*x, *y}) > 1:
        expected = stats.mannwhitneyu(x, y, method="asymptotic" if ties else "exact")
        assert mann_whitney(x, y) == (expected.statistic, expected.pvalue)
        h = stats.kruskal(x, y)
        assert kruskal_wallis((x, y)) == (h.statistic, h.pvalue)


def test_two_against_eight_can_reach_one_in_45() -> None:
    assert 1 / comb(10, 2) == 1 / 45
    assert rank_floor(2, 8) == 2 / 45
    assert rank_floor_text(2, 8) == "1/45 one-sided, 2/45 two-sided"
    assert rank_floor_text(3, 3) == "1/20 one-sided, 1/10 two-sided"
    assert rank_floor_text(1, 0) == "none"
    found = compute(FAST, SLOW, OPTIONS)
    assert (found.value, found.p, found.p_floor) == (0, pytest.approx(2 / 45), pytest.approx(2 / 45))
    assert found.note == "p is at least 1/45 one-sided, 2/45 two-sided"


def test_three_against_three_say_that_they_can_not_reach_the_level() -> None:
    note = compute((1.0, 2.0, 3.0), (4.0, 5.0, 6.0), OPTIONS).note
    assert note == "p is at least 1/20 one-sided, 1/10 two-sided; can't reach 0.05"


@pytest.mark.parametrize(("n", "m"), [(2, 3), (3, 4), (4, 4), (2, 8)])
def test_the_floor_is_what_enumeration_gives(n: int, m: int) -> None:
    values = range(n + m)
    found = min(
        mann_whitney([float(v) for v in chosen], [float(v) for v in values if v not in chosen])[1]
        for chosen in combinations(values, n)
    )
    assert found == pytest.approx(rank_floor(n, m))


@given(x=WHOLE, y=WHOLE)
def test_cliffs_delta_is_its_definition(x: list[int], y: list[int]) -> None:
    above = sum(a > b for a in x for b in y)
    below = sum(a < b for a in x for b in y)
    assert cliffs_delta(x, y) == pytest.approx((above - below) / (len(x) * len(y)))
    assert cliffs_delta(y, x) == pytest.approx(-cliffs_delta(x, y))
    low, high = delta_interval(x, y, 0.95)
    assert -1 <= low <= cliffs_delta(x, y) <= high <= 1


def test_cliffs_delta_of_its_author() -> None:
    # Cliff 1993, table 1: alcoholics and non-alcoholics; the interval by summing over the whole matrix of dominances.
    x = (1, 4, 6, 7, 7, 14, 14, 18, 19, 20, 21, 24, 25, 26, 26, 26, 27, 28, 28, 30, 33, 33, 44, 45, 50)
    y = (3, 3, 3, 5, 10, 10, 11, 12, 12, 13, 13, 14, 15, 15, 15, 15, 16, 18, 22, 23, 25)
    matrix = np.sign(np.subtract.outer(np.array(x), np.array(y)))
    n, m = matrix.shape
    delta = matrix.mean()
    rows, columns = matrix.mean(axis=1) - delta, matrix.mean(axis=0) - delta
    variance = m**2 * (rows**2).sum() + n**2 * (columns**2).sum() - ((matrix - delta) ** 2).sum()
    variance /= n * m * (n - 1) * (m - 1)
    z = stats.norm.ppf(0.975)
    spread = z * variance**0.5 * ((1 - delta**2) ** 2 + z**2 * variance) ** 0.5
    ends = [(delta - delta**3 + sign * spread) / (1 - delta**2 + z**2 * variance) for sign in (-1, 1)]
    assert cliffs_delta(x, y) == pytest.approx(delta)
    assert delta_interval(x, y, 0.95) == pytest.approx(tuple(ends))


def test_groups_apart_have_an_interval_by_their_size() -> None:
    assert delta_interval((5, 6, 7, 8, 9), (1, 2, 3, 4), 0.95) == pytest.approx(
        ((4 - 3.8415) / (4 + 3.8415), 1.0), abs=1e-4
    )
    assert delta_interval((1, 2, 3, 4), (5, 6, 7, 8, 9), 0.95)[0] == -1.0


def test_the_interval_of_the_shift_is_by_ordered_differences() -> None:
    # The permeability data of Hollander & Wolfe, section 4.1: the ninth difference from either end.
    x = (0.73, 0.80, 0.83, 1.04, 1.38, 1.45, 1.46, 1.64, 1.89, 1.91)
    y = (0.74, 0.88, 0.90, 1.15, 1.21)
    differences = sorted(a - b for a in x for b in y)
    low, high = shift_interval(x, y, 0.95) or (None, None)
    assert (low, high) == (differences[8], differences[-9])
    exact = stats.mannwhitneyu(np.arange(10) - 100, np.arange(5), method="exact")
    assert exact.pvalue == pytest.approx(2 / comb(15, 5))


@pytest.mark.parametrize(("n", "m"), [(4, 4), (5, 7), (8, 2), (10, 10)])
def test_the_shift_covers_what_the_exact_test_does_not_reject(n: int, m: int) -> None:
    generator = np.random.default_rng(n)
    x, y = generator.normal(1, 1, n).tolist(), generator.normal(0, 1, m).tolist()
    interval = shift_interval(x, y, 0.95)
    assert interval is not None
    for end, inward in zip(interval, (1, -1), strict=True):
        inside, outside = end + inward * 1e-9, end - inward * 1e-9
        assert stats.mannwhitneyu([v - inside for v in x], y, method="exact").pvalue > 0.05
        assert stats.mannwhitneyu([v - outside for v in x], y, method="exact").pvalue <= 0.05


def test_too_few_for_an_interval_of_the_shift() -> None:
    assert shift_interval((1.0, 2.0), (3.0, 4.0), 0.95) is None
    assert (
        compute_ratio((2.0, 2.0), (1.0, 1.0), OPTIONS).note
        == "no interval: 2 against 2 are too few for one of 95%"
    )


def test_large_groups_take_the_normal_approximation() -> None:
    generator = np.random.default_rng(2)
    x, y = generator.normal(1, 1, 60).tolist(), generator.normal(0, 1, 50).tolist()
    low, high = shift_interval(x, y, 0.95) or (0, 0)
    for end in (low, high):
        assert stats.mannwhitneyu([value - end for value in x], y).pvalue == pytest.approx(0.05, abs=0.005)


def test_equivalence_is_two_tests_of_welch() -> None:
    x, y = [log(v) for v in SLOW], [log(v * 1.01) for v in SLOW[1:]]
    theta = log(1.05)
    difference, low, high, p = tost(x, y, theta, 0.05)
    above = stats.ttest_ind([v + theta for v in x], y, equal_var=False, alternative="greater").pvalue
    below = stats.ttest_ind([v - theta for v in x], y, equal_var=False, alternative="less").pvalue
    assert p == pytest.approx(max(above, below))
    interval = stats.ttest_ind(x, y, equal_var=False).confidence_interval(0.90)
    assert (low, high) == pytest.approx((interval.low, interval.high))
    assert difference == pytest.approx(np.mean(x) - np.mean(y))


@given(
    x=st.lists(st.floats(90, 110), min_size=3, max_size=12),
    y=st.lists(st.floats(90, 110), min_size=3, max_size=12),
)
@settings(max_examples=60, deadline=None)
def test_equivalent_is_when_the_interval_lies_inside(x: list[float], y: list[float]) -> None:
    found = compute_tost(x, y, OPTIONS)
    assert found.low is not None and found.high is not None and found.p is not None
    inside = found.low > 1 / 1.05 and found.high < 1.05
    # At the very limit the two can differ in the last digit.
    if min(abs(found.low - 1 / 1.05), abs(found.high - 1.05)) > 1e-9:
        assert inside == (found.p < 0.05)
        assert (found.note or "").startswith("equivalent") == inside


def test_constant_groups_are_equivalent_or_not_for_certain() -> None:
    assert tost([0.0] * 3, [0.01] * 3, 0.05, 0.05)[3] == 0.0
    assert tost([0.0] * 3, [0.10] * 3, 0.05, 0.05)[3] == 1.0
    assert exp(tost([0.0] * 3, [0.0] * 4, 0.05, 0.05)[0]) == 1


def test_a_few_values_make_kruskal_rough() -> None:
    assert compute_kruskal_wallis((1, 2), (3, 4, 5), OPTIONS).note == "p is rough: fewer than 5 in a group"
    assert kruskal_wallis(((1, 2, 3), (1, 2, 3), (1, 2, 3))) == pytest.approx((0.0, 1.0))


def test_holm_by_hand() -> None:
    assert holm((0.01, 0.04, 0.03, 0.005)) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm(()) == ()


@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_benjamini_hochberg_is_that_of_scipy(p: list[float]) -> None:
    assert benjamini_hochberg(p) == pytest.approx(tuple(stats.false_discovery_control(p)))
    assert all(h >= b - 1e-12 for h, b in zip(holm(p), benjamini_hochberg(p), strict=True))
