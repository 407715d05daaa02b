"""Equivalence of means by two one-sided t tests (Schuirmann 1987; Lakens 2017, doi 10.1177/1948550617697177).

Two means are equivalent at level alpha where the confidence interval (1 - 2 alpha) of their difference lies inside [-theta,
theta].
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from recup_kg.errors import UsageError
from recup_kg.result_comparisons import Equivalence


def paired(count: int, mean: float, squares: float, theta: float, alpha: float = 0.05) -> Equivalence | None:
    """Of `count` differences with that mean and sum of squares about it, in the unit of theta; None below two differences."""
    if count < 2:
        return None
    return _interval(mean, sqrt(squares / (count - 1) / count), count - 1, count, theta, alpha)


def welch(
    reference: Sequence[float], other: Sequence[float], theta: float, alpha: float = 0.05
) -> Equivalence:
    """Of two groups of independent values, whose variances may differ. Raises `UsageError` below two values each."""
    import numpy as np

    if min(len(reference), len(other)) < 2:
        raise UsageError("a test of equivalence needs at least 2 values in each group")
    one, two = np.asarray(reference, float), np.asarray(other, float)
    shares = one.var(ddof=1) / one.size, two.var(ddof=1) / two.size
    error = sqrt(sum(shares))
    freedom = float("inf")
    if error:
        freedom = error**4 / (shares[0] ** 2 / (one.size - 1) + shares[1] ** 2 / (two.size - 1))
    count = one.size + two.size
    return _interval(float(two.mean() - one.mean()), error, freedom, count, theta, alpha)


def _interval(
    mean: float, error: float, freedom: float, count: int, theta: float, alpha: float
) -> Equivalence:
    from scipy import stats

    half = float(stats.t.ppf(1 - alpha, freedom)) * error if error else 0.0
    return Equivalence(theta, alpha, count, mean - half, mean + half)
