"""From values of runs to arrays."""

from __future__ import annotations

import numpy as np

from recup_kg.deviation.layout import UNKNOWN, layout
from recup_kg.deviation.options import ELSEWHERE
from recup_kg.measurements import Measurement
from tests.deviation.samples import BYTES, CPU_TIME, MEASUREMENTS, QUEUE, RUN_TIME, run, task


def test_rows_are_tasks_and_columns_measurements_in_order_of_their_iris() -> None:
    found = layout([run("one", [task("b", {}), task("a", {}, step="first")])], MEASUREMENTS, ELSEWHERE)
    assert list(found.keys) == ["a", "b"]
    assert list(found.steps) == ["first", "step"]
    assert [column.iri for column in found.columns] == sorted(MEASUREMENTS)
    table = found.table(run("two", [task("c", {RUN_TIME: 1.0}), task("b", {})]))
    assert table.keys.tolist() == [UNKNOWN, 1]


def test_only_time_spent_on_the_node_is_local() -> None:
    found = layout([run("one", [task("a", {})])], MEASUREMENTS, ELSEWHERE)
    local = {column.iri for column, is_local in zip(found.columns, found.local, strict=True) if is_local}
    assert local == {RUN_TIME, CPU_TIME}
    assert QUEUE in ELSEWHERE


def test_logarithms_are_of_value_and_resolution() -> None:
    measurements = {RUN_TIME: Measurement(RUN_TIME, "run time", "s", 0.5)}
    table = layout([run("one", [task("a", {RUN_TIME: 3.5})])], measurements, ELSEWHERE).table(
        run("two", [task("a", {RUN_TIME: 0.0}), task("a", {RUN_TIME: 3.5}), task("a", {})])
    )
    np.testing.assert_allclose(table.values[:, 0], [np.log(0.5), np.log(4.0), np.nan])
    np.testing.assert_allclose(table.widths[:2, 0], [1.0, 0.125])


def test_zeros_without_resolution_are_half_of_the_smallest_value() -> None:
    references = [run("one", [task("a", {BYTES: 8.0}), task("b", {BYTES: 0.0})])]
    table = layout(references, MEASUREMENTS, ELSEWHERE).table(references[0])
    column = sorted(MEASUREMENTS).index(BYTES)
    np.testing.assert_allclose(np.exp(table.values[:, column]), [8.0, 4.0])


def test_what_has_no_logarithm_is_not_captured_and_counted() -> None:
    values = (-1.0, float("inf"), float("nan"), 2.0)
    one = run("one", [task(f"a:{number}", {RUN_TIME: value}) for number, value in enumerate(values)])
    table = layout([one], MEASUREMENTS, ELSEWHERE).table(one)
    column = sorted(MEASUREMENTS).index(RUN_TIME)
    assert np.isnan(table.values[:, column]).tolist() == [True, True, True, False]
    assert table.refused == (("run time", 2),)


def test_a_container_lies_within_its_machine() -> None:
    tasks = [
        task("a", {}, nodes=("m1", "m1-c1")),
        task("b", {}, nodes=("m1", "m1-c2")),
        task("c", {}, nodes=("m2", "m2-c1")),
        task("d", {}, nodes=("m2", "m2-c1")),
        task("e", {}),
    ]
    groups = layout([run("one", tasks)], MEASUREMENTS, ELSEWHERE).table(run("one", tasks)).groups
    names = [group.name for group in groups]
    within = {group.name: None if group.within is None else names[group.within] for group in groups}
    assert within == {"m1": None, "m1-c1": "m1", "m1-c2": "m1", "m2": None, "m2-c1": None}
    assert {group.name: group.rows.tolist() for group in groups}["m1"] == [0, 1]


def test_a_run_without_tasks_has_no_rows() -> None:
    empty = run("empty", [])
    table = layout([empty], MEASUREMENTS, ELSEWHERE).table(empty)
    assert table.values.shape == (0, len(MEASUREMENTS))
    assert table.groups == ()
