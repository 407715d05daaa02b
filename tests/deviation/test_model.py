"""Medians and spreads, against values computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from recup_kg.deviation.layout import layout
from recup_kg.deviation.model import Model, fit_model, samples
from recup_kg.deviation.options import ELSEWHERE, ScoreOptions
from recup_kg.measurements import MeasuredRun, Measurement
from tests.deviation.samples import RUN_TIME, run, runs_of, task

RUN_TIMES = {RUN_TIME: Measurement(RUN_TIME, "run time", "s")}
PLAIN = ScoreOptions(floor=0.0)


def model(runs: list[MeasuredRun], options: ScoreOptions = PLAIN) -> Model:
    found = layout(runs, RUN_TIMES, ELSEWHERE)
    return fit_model(samples([found.table(one) for one in runs], found), options)


def test_the_centre_is_the_median_of_logarithms() -> None:
    found = model(runs_of([{"a": 1.0, "b": 2.0}, {"a": 4.0, "b": 2.0}, {"a": 100.0}]))
    np.testing.assert_allclose(found.centre[:, 0], [np.log(4), np.log(2)])
    assert found.count[:, 0].tolist() == [3, 2]


def test_the_spread_is_shrunken_to_the_step_and_to_what_is_usual() -> None:
    """Two tasks of one step, two references: squared deviations are 2 (0.1)^2 and 2 (0.3)^2."""
    found = model(
        runs_of(
            [{"a": np.exp(1.1), "b": np.exp(1.3)}, {"a": np.exp(0.9), "b": np.exp(0.7)}],
        )
    )
    own = np.array([0.02, 0.18])
    usual = np.median(own)
    step = (4 * usual + own.sum()) / (4 + 2)
    np.testing.assert_allclose(found.variance[:, 0], (4 * step + own) / (4 + 1))
    assert found.order[:, 0].tolist() == [5, 5]


def test_one_reference_has_the_assumed_spread() -> None:
    found = model(runs_of([{"a": 3.0}]), ScoreOptions(spread=0.2, floor=0.0))
    assert found.variance[0, 0] == pytest.approx(0.04)
    assert found.order[0, 0] == 4


def test_a_constant_measurement_keeps_the_floor() -> None:
    found = model(runs_of([{"a": 3.0}] * 5), ScoreOptions(floor=0.02))
    assert found.variance[0, 0] == pytest.approx(0.02**2, rel=0.3)


def test_single_wild_values_are_cut_off() -> None:
    usual = [{"a": value, "b": value, "c": value} for value in (1.0, 1.02, 0.98, 1.01, 0.99, 1.0, 1.01)]
    calm, wild = model(runs_of(usual)), model(runs_of([*usual, {"a": 1e6, "b": 1.0, "c": 1.0}]))
    assert wild.centre[0, 0] == pytest.approx(calm.centre[0, 0], abs=0.011)
    assert np.sqrt(wild.variance[0, 0]) < 0.1
    unbounded = model(runs_of([*usual, {"a": 1e6, "b": 1.0, "c": 1.0}]), ScoreOptions(bound=1e9))
    assert np.sqrt(unbounded.variance[0, 0]) > 1


def test_a_class_of_tasks_with_one_key_has_the_distribution_of_all() -> None:
    runs = [
        run(name, [task(f"a:{number}", {RUN_TIME: value}) for number, value in enumerate(values)])
        for name, values in (("one", (1.0, 2.0, 4.0)), ("two", (8.0, 16.0)))
    ]
    found = model(runs)
    assert found.centre[0, 0] == pytest.approx(np.log(4))
    assert found.count[0, 0] == 2


def test_keys_and_values_that_no_reference_has_have_no_distance() -> None:
    runs = runs_of([{"a": 1.0, "b": 1.0}, {"a": 1.1, "b": 1.0}])
    found = layout(runs, RUN_TIMES, ELSEWHERE)
    fitted = fit_model(samples([found.table(one) for one in runs], found), PLAIN)
    table = found.table(run("new", [task("a", {RUN_TIME: 5.0}), task("b", {}), task("new", {RUN_TIME: 1.0})]))
    distances = fitted.distances(table)[:, 0]
    assert distances[0] > 3
    assert np.isnan(distances[1:]).all()


def test_the_step_of_the_clock_widens_the_spread() -> None:
    """One second more or less is nothing where durations are whole seconds."""
    coarse = {RUN_TIME: Measurement(RUN_TIME, "run time", "s", 1.0)}
    runs = runs_of([{"a": 3.0, "b": 300.0}] * 6)
    found = layout(runs, coarse, ELSEWHERE)
    fitted = fit_model(samples([found.table(one) for one in runs], found), ScoreOptions())
    short, long = fitted.distances(found.table(runs_of([{"a": 4.0, "b": 400.0}])[0]))[:, 0]
    assert short < 2
    assert long > 10


def test_leaving_a_run_out_is_fitting_without_it() -> None:
    runs = runs_of([{"a": value, "b": value + 1} for value in (1.0, 2.0, 3.0, 5.0)])
    found = layout(runs, RUN_TIMES, ELSEWHERE)
    everything = samples([found.table(one) for one in runs], found)
    without = fit_model(everything.without(np.array([3])), PLAIN)
    alone = fit_model(samples([found.table(one) for one in runs[:3]], found), PLAIN)
    np.testing.assert_allclose(without.centre, alone.centre)
    np.testing.assert_allclose(without.variance, alone.variance)
