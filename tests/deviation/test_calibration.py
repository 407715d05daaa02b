"""Probabilities from ranks, their adjustment, and how many references it takes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from recup_kg.comparisons import Verdict
from recup_kg.deviation.calibration import adjusted, conformal, needed, verdict


def test_conformal_p_counts_references_at_least_as_far() -> None:
    found = conformal(np.array([0.0, 2.0, 2.5, 9.0]), np.array([3.0, 1.0, 2.0, 2.0]))
    assert found.tolist() == [1.0, 4 / 5, 2 / 5, 1 / 5]


def test_conformal_p_of_exchangeable_scores_is_uniform() -> None:
    random = np.random.default_rng(3)
    p = np.array([conformal(scores[:1], scores[1:])[0] for scores in random.standard_normal((4000, 20))])
    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.012)
    assert np.mean(p <= 0.5) == pytest.approx(0.5, abs=0.025)


@given(arrays(np.float64, st.integers(1, 30), elements=st.floats(0.001, 1)))
def test_adjusted_p_is_that_of_scipy(p: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    np.testing.assert_allclose(adjusted(p), stats.false_discovery_control(p))


@pytest.mark.parametrize(
    ("references", "looked_at", "peers", "more"),
    [(1, 1, 1, 18), (18, 1, 1, 1), (19, 1, 1, None), (5, 12, 12, 15), (20, 12, 12, None), (40, 100, 1, 1959)],
)
def test_needed_references(references: int, looked_at: int, peers: float, more: int | None) -> None:
    assert needed(references, looked_at, peers, 0.05) == more
    if more is not None:
        enough = references + more
        assert looked_at / (1 + enough * peers) <= 0.05 and 1 / (1 + enough) <= 0.05


@pytest.mark.parametrize(
    ("p", "score", "missing", "expected"),
    [
        (None, 3.0, 4, Verdict.CANT_TELL),
        (None, 0.0, 4, Verdict.SAME),
        (0.01, 3.0, None, Verdict.DIFFERENT),
        (0.05, 3.0, None, Verdict.DIFFERENT),
        (0.06, 3.0, None, Verdict.SAME),
        (0.06, 3.0, 1, Verdict.CANT_TELL),
        (1.0, 0.0, 1, Verdict.SAME),
    ],
)
def test_verdict(p: float | None, score: float, missing: int | None, expected: Verdict) -> None:
    assert verdict(p, score, 0.05, missing) is expected
