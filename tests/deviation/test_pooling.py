"""Evidence of values, what tasks on a node share of it, and what a stronger node of the machine explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from recup_kg.deviation.combine import Combined, combine
from recup_kg.deviation.evidence import Evidence, evidence, normal, student
from recup_kg.deviation.layout import Table, layout
from recup_kg.deviation.options import ELSEWHERE, ScoreOptions
from recup_kg.deviation.pooling import Means, Variances, means, pool, variances
from tests.deviation.samples import BYTES, CPU_TIME, MEASUREMENTS, RUN_TIME, run, task

COLUMNS = sorted(MEASUREMENTS)
OPTIONS = ScoreOptions()
SPREAD = Variances(np.full(4, 0.3), np.ones(4))


def test_evidence_is_minus_the_logarithm_of_p_up_to_the_cap() -> None:
    np.testing.assert_allclose(evidence(np.array([1.0, 0.01, 1e-30, np.nan]), 12), [0, 2, 12, 0])


@given(st.floats(-50, 50), st.floats(1, 200))
def test_p_of_values_is_that_of_scipy(z: float, order: float) -> None:
    found = student(np.array([z]), np.array([order]))[0]
    assert found == pytest.approx(2 * stats.t.sf(abs(z), order), rel=1e-6, abs=1e-15)
    assert normal(np.array([z]))[0] == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-6, abs=1e-15)


def placed(nodes: Sequence[tuple[str, ...]]) -> Table:
    one = run("one", [task(f"t{row}", {}, nodes=names) for row, names in enumerate(nodes)])
    return layout([one], MEASUREMENTS, ELSEWHERE).table(one)


def found_of(rows: Sequence[Mapping[str, float]]) -> Evidence:
    """Evidence of tasks whose distances are given by measurement."""
    distances = np.array([[row.get(iri, np.nan) for iri in COLUMNS] for row in rows])
    orders = np.full(distances.shape, 8.0)
    p = student(distances, orders)
    return Evidence(distances, orders, p, evidence(p, OPTIONS.cap))


def combined(nodes: Sequence[tuple[str, ...]], rows: Sequence[Mapping[str, float]]) -> Combined:
    local = np.array([iri in (RUN_TIME, CPU_TIME) for iri in COLUMNS])
    return combine(placed(nodes), found_of(rows), SPREAD, local, OPTIONS)


def test_means_of_nodes_leave_out_what_was_not_captured_and_clip() -> None:
    distances = np.array([[9.0, np.nan], [1.0, np.nan], [-2.0, 3.0]])
    table = placed([("a",), ("a",), ("b",)])
    found = means(table, distances, OPTIONS)
    np.testing.assert_allclose(found.mean, [[3.5, np.nan], [-2, 3]])
    assert found.count.tolist() == [[2, 0], [1, 1]]


def test_variances_of_nodes_are_recovered() -> None:
    random = np.random.default_rng(5)
    count = random.integers(1, 9, (4000, 1))
    mean = random.normal(0, np.sqrt(0.25 + 0.8 / count))
    found = variances([Means(mean, count)], 1, OPTIONS)
    assert found.between[0] == pytest.approx(0.25 + np.sqrt(2 / 4000), abs=0.05)
    assert found.within[0] == pytest.approx(0.8, abs=0.1)


def test_few_nodes_have_assumed_variances_and_none_is_negative() -> None:
    few = variances([Means(np.array([[9.0]]), np.array([[1]]))], 1, OPTIONS)
    assert (few.between[0], few.within[0]) == (0.5, 1.0)
    rising = Means(np.array([[0.1], [0.1], [2.9], [2.9]]), np.array([[1], [1], [9], [9]]))
    found = variances([rising], 1, ScoreOptions(uncertainty=0.0))
    assert found.between[0] == pytest.approx(np.mean([0.01, 0.01, 8.41, 8.41]))
    assert found.within[0] == 0.5


def test_many_weak_signs_on_a_node_add_up() -> None:
    rows = [{CPU_TIME: -1.5}] * 6 + [{CPU_TIME: 1.5}, {CPU_TIME: -1.5}] * 3
    found = combined([("a",)] * 6 + [("b",)] * 6, rows)
    assert found.pooled.groups[0] > 1.2
    assert found.pooled.groups[1] == pytest.approx(0, abs=1e-9)
    assert found.tasks[:6].min() > found.tasks[6:].max()


def test_bytes_are_no_evidence_of_a_node() -> None:
    found = combined([("a",), ("a",)], [{BYTES: 20.0}, {BYTES: 20.0}])
    assert found.pooled.groups[0] == 0
    assert (found.tasks > 4).all()


CONTAINERS = [("m", "m-c1")] * 2 + [("m", "m-c2")] * 2


def test_what_all_containers_of_a_machine_show_counts_for_the_strongest() -> None:
    slow = {RUN_TIME: 20.0}
    found = combined(CONTAINERS, [slow | {CPU_TIME: 9.0}] * 2 + [slow | {CPU_TIME: 0.1}] * 2)
    pooled = found.pooled
    first, second = 1, 2
    assert pooled.whole[first] == pooled.groups[first]
    assert pooled.groups[second] == pytest.approx(0.1 * pooled.whole[second], rel=0.2)
    assert pooled.inherited[:2].tolist() == [0, 0]
    assert (pooled.inherited[2:] > 3).all()
    assert pooled.leaders.tolist() == [-1, -1, first, first]
    assert found.tasks[:2].min() > 5 * found.tasks[2:].max()
    assert found.strengths[2:].min() > 5 * found.tasks[2:].max()


def test_what_one_container_does_not_show_is_not_the_machines() -> None:
    found = combined([*CONTAINERS, ("m", "m-c3")], [{RUN_TIME: 20.0}] * 4 + [{RUN_TIME: 0.0}])
    assert (found.pooled.inherited == 0).all()
    np.testing.assert_allclose(found.pooled.groups, found.pooled.whole)


def test_the_opposite_sign_is_not_inherited() -> None:
    found = combined(CONTAINERS, [{RUN_TIME: 20.0}] * 2 + [{RUN_TIME: -20.0}] * 2)
    assert (found.pooled.inherited == 0).all()


def test_other_machines_explain_nothing() -> None:
    nodes = [("m", "m-c1"), ("m", "m-c2"), ("n", "n-c1"), ("n", "n-c2")]
    found = combined(nodes, [{RUN_TIME: 20.0}, {RUN_TIME: 0.0}, {RUN_TIME: 19.0}, {RUN_TIME: 0.0}])
    assert (found.pooled.inherited == 0).all()


def test_tasks_without_a_node_have_their_own_evidence_only() -> None:
    found = combined([(), ("a",)], [{RUN_TIME: 5.0}, {RUN_TIME: 5.0}])
    assert found.pooled.innermost.tolist() == [-1, 0]
    assert found.tasks[0] == pytest.approx(float(-np.log10(2 * stats.t.sf(5, 8))))
    assert found.tasks[1] > found.tasks[0]
    assert combined([()], [{RUN_TIME: 5.0}]).run == pytest.approx(found.tasks[0])


def test_nothing_measured_is_no_evidence() -> None:
    found = pool(placed([("a",)]), found_of([{}]), SPREAD, np.ones(4, dtype=np.bool_), OPTIONS)
    assert (found.whole[0], found.added[0], found.inherited[0]) == (0, 0, 0)
