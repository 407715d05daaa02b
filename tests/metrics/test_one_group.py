"""Metrics of one group against scipy, numpy, exact enumeration and published values."""

from __future__ import annotations

import random
from itertools import pairwise
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import linprog

from recup_kg.metrics.cv import cv
from recup_kg.metrics.dip import dip
from recup_kg.metrics.median import rank_interval
from recup_kg.metrics.median_bca import RESAMPLES, bca_interval
from recup_kg.metrics.median_bca import compute as compute_bca
from recup_kg.metrics.modality import compute, largest_gaps, modes, spread
from recup_kg.metrics.needed_for_effect import fewest as fewest_for_test
from recup_kg.metrics.needed_for_effect import per_group, power, superiority
from recup_kg.metrics.needed_runs import compute as needed_runs
from recup_kg.metrics.needed_runs import fewest
from recup_kg.metrics.qcd import qcd
from recup_kg.metrics.quantiles import quantile
from recup_kg.metrics.robust_cv import robust_cv
from recup_kg.quality import MetricOptions
from tests.metrics.samples import SLOW, TEN_RUNS

OPTIONS = MetricOptions()
POSITIVE = st.lists(st.floats(0.01, 1e5), min_size=5, max_size=40)


@given(values=POSITIVE)
@settings(max_examples=60)
def test_dispersion_is_that_of_scipy(values: list[float]) -> None:
    assert cv(values) == pytest.approx(stats.variation(values, ddof=1))
    first, third = np.percentile(values, [25, 75])
    assert qcd(values) == pytest.approx((third - first) / (third + first), abs=1e-12)
    mad = stats.median_abs_deviation(values)
    assert robust_cv(values) == pytest.approx(1.4826 * mad / np.median(values))


@given(values=POSITIVE, share=st.floats(0, 1))
def test_a_quantile_is_that_of_numpy(values: list[float], share: float) -> None:
    assert quantile(values, share) == pytest.approx(np.quantile(values, share))


def test_the_ten_runs_have_a_large_cv_and_a_small_qcd_because_there_are_two_modes() -> None:
    assert cv(TEN_RUNS) > 0.1
    assert qcd(TEN_RUNS) < 0.012
    assert cv(SLOW) < 0.02


@pytest.mark.parametrize(
    ("n", "rank"),
    # Conover, table of the binomial distribution: 95 % intervals of the median.
    [(5, None), (6, 1), (8, 1), (9, 2), (12, 3), (15, 4), (17, 5), (20, 6), (25, 8), (30, 10)],
)
def test_ranks_of_the_median_are_those_of_the_binomial_distribution(n: int, rank: int | None) -> None:
    found = rank_interval([float(value) for value in range(1, n + 1)], 0.95)
    assert (None if found is None else found[:2]) == (None if rank is None else (rank, n + 1 - rank))
    if found is not None and rank is not None:
        outside = 2 * sum(comb(n, k) for k in range(rank)) / 2**n
        assert found[2] == pytest.approx(1 - outside)
        assert found[2] == pytest.approx(1 - 2 * stats.binom.cdf(rank - 1, n, 0.5))


def test_the_bootstrap_is_that_of_scipy() -> None:
    expected = stats.bootstrap(
        (np.array(SLOW),),
        np.median,
        n_resamples=RESAMPLES,
        method="BCa",
        random_state=np.random.default_rng(7),
    ).confidence_interval
    assert bca_interval(SLOW, 0.95, 7) == (expected.low, expected.high)


Row = dict[int, float]


def constraints(
    points: np.ndarray, lower: np.ndarray, upper: np.ndarray, mode: int
) -> list[tuple[Row, float]]:
    """What a distribution function with a mode at a point keeps to, as sums of terms and their upper bounds.

    Variables: the function at each point (at the mode: from the left), from the right at the mode, the distance.
    """
    size = len(points)
    right, distance = size, size + 1
    found: list[tuple[Row, float]] = []
    for place in range(size):
        before, after = (place, place) if place != mode else (mode, right)
        found.append(({before: 1, distance: -1}, lower[place]))
        found.append(({after: -1, distance: -1}, -upper[place]))
    found.append(({mode: -1, distance: -1}, -lower[mode]))
    found.append(({right: 1, distance: -1}, upper[mode]))
    found.append(({mode: 1, right: -1}, 0))
    where = {**dict(enumerate(points)), right: points[mode]}
    for part, sign in ((list(range(mode + 1)), 1.0), ([right, *range(mode + 1, size)], -1.0)):
        found += [({one: 1, two: -1}, 0) for one, two in pairwise(part)]
        for (one, two), (_, three) in pairwise(pairwise(part)):
            first, second = sign / (where[two] - where[one]), sign / (where[three] - where[two])
            found.append(({one: -first, two: first + second, three: -second}, 0))
    return found


def unimodal_distance(values: list[float]) -> float:
    """The dip by linear programming: the distribution function convex up to a mode and concave from it on that is nearest."""
    points, counts = np.unique(values, return_counts=True)
    upper = np.cumsum(counts) / len(values)
    best = 1.0
    for mode in range(len(points)):
        found = constraints(points, upper - counts / len(values), upper, mode)
        matrix = np.zeros((len(found), len(points) + 2))
        for number, (terms, _) in enumerate(found):
            for place, factor in terms.items():
                matrix[number, place] += factor
        cost = np.eye(len(points) + 2)[-1]
        solved = linprog(cost, A_ub=matrix, b_ub=[bound for _, bound in found], bounds=(0, 1))
        if solved.success:
            best = min(best, float(solved.fun))
    return best


@pytest.mark.parametrize("shape", ["uniform", "two modes", "skewed", "ties"])
def test_the_dip_is_the_distance_from_the_nearest_unimodal_distribution(shape: str) -> None:
    generator = random.Random(shape)
    draw = {
        "uniform": generator.random,
        "two modes": lambda: generator.choice((0, 5)) + generator.gauss(0, 1),
        "skewed": lambda: generator.lognormvariate(0, 1),
        "ties": lambda: float(generator.randint(0, 6)),
    }[shape]
    for _ in range(12):
        values = sorted(draw() for _ in range(generator.randint(4, 13)))
        assert dip(values) == pytest.approx(max(unimodal_distance(values), 0.5 / len(values)), abs=1e-6)


def test_the_dip_of_two_equal_clusters_is_a_quarter() -> None:
    assert dip([0.0] * 50 + [1.0] * 50) == pytest.approx(0.25)
    assert dip([1.0] * 10) == 0.05


def test_eight_and_two_are_found() -> None:
    found = compute(TEN_RUNS, OPTIONS)
    assert found.value == 2
    assert found.p is not None and found.p < 0.01
    assert found.note == "bimodal: 2 of 152.1 to 153.9, 8 of 198 to 206.1"
    assert compute(SLOW, OPTIONS).value == 1


def test_three_groups_are_found() -> None:
    values = [100.0, 101, 102, 103, 104, 150, 151, 152.5, 153, 154, 200, 201, 202, 203.5, 204]
    assert [len(group) for group in modes(values, 0.05, 1).groups] == [5, 5, 5]


def test_two_overlapping_modes_of_many_values_are_found_by_the_dip() -> None:
    generator = np.random.default_rng(3)
    values = np.concatenate([generator.normal(0, 1, 150), generator.normal(4, 1, 150)]).tolist()
    found = modes(values, 0.05, 1)
    assert len(found.groups) == 2
    assert found.groups[0][-1] == pytest.approx(2, abs=0.6)


def test_a_degenerate_bootstrap_is_told_without_a_warning(recwarn: pytest.WarningsRecorder) -> None:
    found = compute_bca([241.0] * 8 + [221.0, 300.0, 310.0], OPTIONS)
    assert found.value == 241
    assert found.low is not None or (found.note or "").startswith("no interval: ")
    assert not recwarn.list


@pytest.mark.parametrize("n", [5, 10, 30])
@pytest.mark.parametrize("shape", ["normal", "uniform", "standard_exponential", "lognormal"])
def test_one_mode_is_seldom_called_two(n: int, shape: str) -> None:
    generator = np.random.default_rng(11)
    draw = getattr(generator, shape)
    alarms = sum(len(modes(draw(size=n).tolist(), 0.05, 1).groups) > 1 for _ in range(120))
    assert alarms <= 12


def test_gaps_between_three_groups_do_not_hide_each_other() -> None:
    # The makespans of 32 real runs of eht_imaging (FlowBench), of which ten ran with a throttled disk.
    usual = [221, 226, 226, 227, 233, 233, 237, 237, 237, 238, *[241] * 8, 242, 247, 251, 252]
    slow, slower = [391, 392, 399, 406, 411], [628, 641, 641, 666, 671]
    found = compute([float(value) for value in (*usual, *slow, *slower)], OPTIONS)
    assert found.note == "trimodal: 22 of 221 to 252, 5 of 391 to 411, 5 of 628 to 671"
    assert largest_gaps([float(value) for value in (*usual, *slow, *slower)]) == (139 / 25, (22, 27))


def test_a_clock_that_rounds_makes_no_modes() -> None:
    assert compute([241.0] * 5 + [242.0] * 5, OPTIONS).value == 1
    assert compute([241.0] * 5 + [300.0] * 5, OPTIONS).value == 2
    assert spread((1.0, 2.0, 2.0)) == (1.0, 1.75, 2.25)
    assert spread((0.1, 0.1, 0.2)) == pytest.approx((0.075, 0.125, 0.2))
    assert spread((1 / 3, 1 / 3)) == (1 / 3, 1 / 3)


@given(values=st.lists(st.integers(0, 50).map(float), min_size=1, max_size=30))
def test_spreading_keeps_the_order(values: list[float]) -> None:
    found = spread(sorted(values))
    assert list(found) == sorted(found)
    assert [round(value) for value in found] == pytest.approx(sorted(values), abs=1)


def test_a_lone_outlier_is_no_mode() -> None:
    assert largest_gaps([1.0, 2, 3, 4, 100]) == (0.0, ())
    assert compute((200, 201, 202, 203, 204, 205, 206, 207, 400), OPTIONS).value == 1


def test_how_many_runs_make_an_interval() -> None:
    assert [fewest(confidence) for confidence in (0.5, 0.9, 0.95, 0.99)] == [2, 5, 6, 8]


def test_of_few_values_at_least_so_many_are_needed() -> None:
    found = needed_runs((90.0, 100.0, 100.0, 100.0, 110.0), OPTIONS)
    assert found.value == 15  # half the range is 10 %: 5 (0.10 / 0.05)^2
    assert found.note == "at least: 5 values reach no interval of 95%; half their range is 10.0%"


def test_enough_runs_need_no_more() -> None:
    values = [100 + place / 10 for place in range(20)]
    assert needed_runs(values, OPTIONS).value == 0


def test_a_rank_test_needs_four_in_each_group() -> None:
    assert [fewest_for_test(alpha) for alpha in (0.10, 0.05, 0.01)] == [3, 4, 5]
    assert power(0.99, 3, 0.05) == 0
    assert per_group(0.5, 0.05, 0.8) == float("inf")


def test_power_is_what_simulation_gives() -> None:
    generator = np.random.default_rng(5)
    population = np.exp(generator.normal(0, 0.05, 4000))
    above = superiority(population[:300].tolist(), 0.05)
    assert above == pytest.approx(stats.norm.cdf(np.log(1.05) / 0.05 / 2**0.5), abs=0.03)
    drawn = generator.choice(population, (2, 2000, 20))
    p = stats.mannwhitneyu(drawn[0] * 1.05, drawn[1], axis=1).pvalue
    assert power(above, 20, 0.05) == pytest.approx((p < 0.05).mean(), abs=0.06)
