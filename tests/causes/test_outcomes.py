"""How slow runs are told from the others."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recup_kg.causes.outcomes import split_outcome, two_groups


def test_two_groups_are_split_at_the_gap() -> None:
    values = {"a": 100.0, "b": 190.0, "c": 102.0, "d": 195.0, "e": 99.0}
    outcome = split_outcome("makespan", values, unit="s")
    assert outcome.two_groups
    assert outcome.deviating == ("b", "d")
    assert outcome.others == ("e", "a", "c")
    assert outcome.rule == "two groups: a gap between 102 and 190 s"


def test_one_group_is_split_at_the_median_and_said_so() -> None:
    outcome = split_outcome("makespan", {str(x): 100.0 + x for x in range(7)}, unit="s")
    assert not outcome.two_groups
    assert outcome.deviating == ("4", "5", "6")
    assert (
        outcome.rule
        == "no two groups: above against at most the median, 103 s; tested by ranks of the values"
    )


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 9.0, 9.0, 9.0], [5.0] * 9, [0.0, 1.0, 2.0, 90.0, 91.0]])
def test_few_equal_or_zero_values_are_no_two_groups(values: list[float]) -> None:
    assert two_groups(values) is None


@pytest.mark.parametrize(("n", "most"), [(5, 0.09), (10, 0.05), (20, 0.01), (50, 0.005)])
def test_one_distribution_is_seldom_taken_for_two(n: int, most: float) -> None:
    draw = random.Random(1)
    found = sum(
        two_groups(sorted(draw.lognormvariate(0, 0.05) for _ in range(n))) is not None for _ in range(2000)
    )
    assert found / 2000 <= most


@pytest.mark.parametrize("n", [10, 20, 50])
def test_two_distributions_are_mostly_found(n: int) -> None:
    draw = random.Random(2)
    found = 0
    for _ in range(300):
        fast = [draw.lognormvariate(0, 0.05) for _ in range(n - n // 3)]
        slow = [draw.lognormvariate(0.5, 0.05) for _ in range(n // 3)]
        found += two_groups(sorted(fast + slow)) == len(fast)
    assert found / 300 >= 0.85


@given(st.dictionaries(st.text(max_size=3), st.floats(1e-3, 1e6), min_size=1, max_size=30))
def test_every_subject_is_on_one_side(values: dict[str, float]) -> None:
    outcome = split_outcome("makespan", values)
    assert sorted((*outcome.deviating, *outcome.others)) == sorted(values)
    if outcome.deviating and outcome.others:
        assert max(values[name] for name in outcome.others) <= min(values[name] for name in outcome.deviating)
