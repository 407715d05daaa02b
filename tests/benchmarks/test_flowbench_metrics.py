"""The numbers of the scoreboard are those of scikit-learn, and hits those of a count over all orders."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.flowbench_metrics import average_precision, hit, mean, middle, roc_auc

sklearn = pytest.importorskip("sklearn.metrics")

Ranked = list[tuple[float, bool]]
RANKED = st.lists(
    st.tuples(st.sampled_from([0.0, 0.5, 1.0, 2.0, 1e9]), st.booleans()), min_size=1, max_size=40
)


@given(RANKED)
def test_as_scikit_learn(ranked: Ranked) -> None:
    scores, labels = [score for score, _ in ranked], [label for _, label in ranked]
    if any(labels):
        assert average_precision(ranked) == pytest.approx(sklearn.average_precision_score(labels, scores))
    else:
        assert average_precision(ranked) is None
    if any(labels) and not all(labels):
        assert roc_auc(ranked) == pytest.approx(sklearn.roc_auc_score(labels, scores))
    else:
        assert roc_auc(ranked) is None


@given(st.lists(st.tuples(st.sampled_from([0.0, 1.0]), st.booleans()), max_size=5), st.integers(1, 6))
def test_a_hit_is_the_share_of_orders_in_which_it_is_one(ranked: Ranked, count: int) -> None:
    orders = [
        order for order in permutations(ranked) if list(order) == sorted(order, key=lambda item: -item[0])
    ]
    hits = [any(label for _, label in order[:count]) for order in orders]
    if any(label for _, label in ranked):
        assert hit(ranked, count) == pytest.approx(sum(hits) / len(hits))
    else:
        assert hit(ranked, count) is None


@pytest.mark.parametrize(
    ("ranked", "first", "five"),
    [
        ([(3.0, True), (2.0, False)], 1.0, 1.0),
        ([(3.0, False), (2.0, True)], 0.0, 1.0),
        ([(3.0, False), (3.0, True)], 0.5, 1.0),
        ([(9.0 - place, place == 5) for place in range(7)], 0.0, 0.0),
        ([(0.0, False)], None, None),
    ],
)
def test_hits(ranked: Ranked, first: float | None, five: float | None) -> None:
    assert (hit(ranked, 1), hit(ranked, 5)) == (first, five)


def test_what_is_not_there_is_left_out() -> None:
    assert mean([1.0, None, 2.0]) == 1.5
    assert middle([3.0, None, 1.0, 2.0]) == 2.0
    assert mean([None]) is None
    assert middle([]) is None
