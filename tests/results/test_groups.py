"""Equivalence and ensembles, against formulas that are written down and against planted runs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from recup_kg.errors import SourceError, UsageError
from recup_kg.result_comparisons import Bound, Level
from recup_kg.results.ensemble import consistency, means
from recup_kg.results.files import compare_files
from recup_kg.results.tost import paired, welch


def test_the_interval_of_paired_differences():
    rng = np.random.default_rng(2)
    difference = rng.normal(0.02, 0.1, 50)
    found = paired(50, difference.mean(), ((difference - difference.mean()) ** 2).sum(), 0.1)
    low, high = stats.ttest_1samp(difference, 0).confidence_interval(0.9)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert found.holds == (low >= -0.1 and high <= 0.1)
    assert paired(1, 0.0, 0.0, 0.1) is None


def test_the_interval_of_two_groups():
    rng = np.random.default_rng(3)
    one, two = rng.normal(5, 1, 30), rng.normal(5.1, 2, 40)
    found = welch(one.tolist(), two.tolist(), 1.0)
    low, high = stats.ttest_ind(two, one, equal_var=False).confidence_interval(0.9)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    # The two one-sided tests themselves say the same.
    below = stats.ttest_ind(two + 1.0, one, equal_var=False, alternative="greater").pvalue
    above = stats.ttest_ind(two - 1.0, one, equal_var=False, alternative="less").pvalue
    assert found.holds == (max(below, above) <= 0.05)
    assert welch([1.0, 1.0], [1.0, 1.0], 0.0).holds
    with pytest.raises(UsageError, match="at least 2 values in each group"):
        welch([1.0], [1.0, 2.0], 1.0)


def test_complex_numbers_have_no_mean_that_is_tested(tmp_path):
    values = np.arange(50) * (1 + 1j)
    np.save(tmp_path / "a.npy", values)
    np.save(tmp_path / "b.npy", values + 100)
    (variable,) = compare_files(tmp_path / "a.npy", tmp_path / "b.npy", Bound(theta=0.1)).variables
    assert (variable.level, variable.equivalence) == (Level.DIFFERENT, None)


def test_a_variable_is_equivalent_within_the_margin(tmp_path):
    rng = np.random.default_rng(4)
    a = rng.standard_normal(500)
    np.save(tmp_path / "a.npy", a)
    np.save(tmp_path / "b.npy", a + 0.1 * rng.standard_normal(500))
    for theta, level in ((0.05, Level.EQUIVALENT), (1e-6, Level.DIFFERENT)):
        (variable,) = compare_files(tmp_path / "a.npy", tmp_path / "b.npy", Bound(theta=theta)).variables
        assert (variable.level, variable.equivalence.holds) == (level, theta == 0.05)
    b = np.load(tmp_path / "b.npy")
    b[3] = np.nan
    np.save(tmp_path / "b.npy", b)
    # A NaN that the reference has not is no matter of means.
    (variable,) = compare_files(tmp_path / "a.npy", tmp_path / "b.npy", Bound(theta=0.05)).variables
    assert variable.level is Level.DIFFERENT


def members(count, seed=1, shift=0.0, variables=8):
    """Means of correlated variables, as a model with few degrees of freedom gives them."""
    rng = np.random.default_rng(seed)
    mix = np.random.default_rng(99).standard_normal((variables, variables))
    values = rng.standard_normal((count, variables)) @ mix + 100 + shift
    return [{f"v{index}": float(value) for index, value in enumerate(row)} for row in values]


def test_runs_of_the_same_model_are_consistent():
    found = consistency(members(60), {str(index): run for index, run in enumerate(members(3, seed=7))})
    assert (found.level, found.components, found.variables) == (Level.EQUIVALENT, 8, 8)


def test_runs_of_another_model_are_not():
    new = {str(index): run for index, run in enumerate(members(3, seed=7, shift=20.0))}
    found = consistency(members(60), new)
    assert found.level is Level.DIFFERENT
    assert all(len(run.failing) >= 3 for run in found.runs)


def test_one_failing_run_of_three_is_not_enough():
    bad = members(1, seed=7, shift=20.0)
    good = members(2, seed=7)
    found = consistency(members(60), {"bad": bad[0], "one": good[0], "two": good[1]})
    assert (found.level, len(found.runs[0].failing) >= 3) == (Level.EQUIVALENT, True)


def test_the_components_are_those_of_the_ensemble():
    ensemble = members(30)
    found = consistency(ensemble, {"itself": ensemble[4]})
    values = np.array([[run[name] for name in sorted(run)] for run in ensemble])
    standard = (values - values.mean(axis=0)) / values.std(axis=0, ddof=1)
    _, axes = np.linalg.eigh(np.cov(standard.T))
    scores = standard @ axes[:, ::-1]
    expected = np.flatnonzero(np.abs(scores[4]) > 2 * scores.std(axis=0, ddof=1)) + 1
    assert found.runs[0].failing == tuple(expected)


def test_fewer_runs_than_the_rule_needs_cant_tell():
    assert consistency(members(20), {"a": members(1, seed=8)[0]}).level is Level.CANT_TELL


def test_a_constant_that_changes_is_told():
    ensemble = [{**run, "version": 3.0} for run in members(20)]
    new = {str(index): {**run, "version": 4.0} for index, run in enumerate(members(3, seed=8))}
    found = consistency(ensemble, new)
    assert (found.level, found.constant) == (Level.DIFFERENT, ("version",))


def test_too_little_is_refused():
    with pytest.raises(UsageError, match="at least 5 members, there are 4"):
        consistency(members(4), {"a": members(1)[0]})
    with pytest.raises(UsageError, match="no variable is in all members"):
        consistency(members(6), {"a": {"w": 1.0}})


def test_groups_are_equivalent_variable_by_variable():
    new = {str(index): run for index, run in enumerate(members(30, seed=11))}
    found = consistency(members(30), new, theta=5.0)
    assert set(found.equivalences) == {f"v{index}" for index in range(8)}
    assert all(interval.low <= interval.high for interval in found.equivalences.values())


def test_means_of_files(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.array([1.0, np.nan, 3.0]), n=np.array([1, 2]), s=np.array(["a"]))
    (tmp_path / "t.csv").write_text("u,v\n1,a\n3,b\n")
    assert means(tmp_path) == {"a.npz:x": 2.0, "a.npz:n": 1.5, "t.csv:u": 2.0}
    assert means(tmp_path, ("*.npz",)) == {"t.csv:u": 2.0}
    with pytest.raises(SourceError, match="there is no such file"):
        means(tmp_path / "none")
    (tmp_path / "only").mkdir()
    (tmp_path / "only" / "x.txt").write_text("words\n")
    with pytest.raises(SourceError, match="has no variable with numbers"):
        means(tmp_path / "only")
