"""Scores of runs that were made: what must hold whatever the numbers are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recup_kg.comparisons import Verdict
from recup_kg.deviation import ScoreOptions, fit
from recup_kg.measurements import MeasuredRun, Measurement
from recup_kg.scores import Scores, TaskScore
from tests.deviation.samples import (
    BYTES,
    CPU_TIME,
    MEASUREMENTS,
    RUN_TIME,
    changed,
    noisy,
    run,
    runs_of,
    task,
)

RUNS = noisy(24)


def by_name(scores: Scores) -> dict[str, TaskScore]:
    return {one.identifier: one for one in scores.tasks}


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(6)), st.randoms())
def test_the_order_of_references_and_tasks_does_not_matter(order: list[int], random: object) -> None:
    one = fit(RUNS[:6], MEASUREMENTS).score(RUNS[7])
    shuffled = [replace(RUNS[number], tasks=RUNS[number].tasks[::-1]) for number in order]
    other = fit(shuffled, MEASUREMENTS).score(RUNS[7])
    assert other.references == one.references
    assert other.run.score == pytest.approx(one.run.score)
    for name, found in by_name(one).items():
        assert by_name(other)[name].score == pytest.approx(found.score)
        assert by_name(other)[name].p == found.p


@settings(max_examples=20, deadline=None)
@given(st.sampled_from((1e-6, 1e-3, 60.0, 3600.0)), st.booleans())
def test_units_do_not_matter(factor: float, resolved: bool) -> None:
    step = 0.01 if resolved else 0.0
    scaled = {
        iri: replace(one, resolution=step * factor if iri == RUN_TIME else 0.0)
        for iri, one in MEASUREMENTS.items()
    }
    plain = {
        iri: replace(one, resolution=step if iri == RUN_TIME else 0.0) for iri, one in MEASUREMENTS.items()
    }
    factors = {one.identifier: {RUN_TIME: factor} for one in RUNS[0].tasks}
    one = fit(RUNS[:6], plain).score(RUNS[7])
    other = fit([changed(known, factors, known.name) for known in RUNS[:6]], scaled).score(
        changed(RUNS[7], factors, RUNS[7].name)
    )
    assert [found.identifier for found in other.tasks] == [found.identifier for found in one.tasks]
    np.testing.assert_allclose(
        [found.score for found in other.tasks], [found.score for found in one.tasks], rtol=1e-6
    )


@pytest.mark.parametrize("count", [1, 2, 5, 20])
def test_a_run_like_all_references_does_not_deviate(count: int) -> None:
    same = [replace(RUNS[0], name=f"run{number}") for number in range(count)]
    scores = fit(same, MEASUREMENTS).score(replace(RUNS[0], name="new"))
    assert scores.run.score == 0
    assert {found.score for found in scores.tasks} == {0}
    assert {found.verdict for found in (scores.run, *scores.tasks, *scores.nodes)} == {Verdict.SAME}


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([one.identifier for one in RUNS[0].tasks]),
    st.sampled_from((3.0, 10.0, 1000.0, 0.2)),
    st.sampled_from((1, 3, 5, 20)),
)
def test_a_changed_task_is_ranked_first(name: str, factor: float, count: int) -> None:
    planted = changed(RUNS[23], {name: {RUN_TIME: factor}})
    scores = fit(RUNS[:count], MEASUREMENTS).score(planted)
    first = scores.tasks[0]
    assert first.identifier == name
    assert first.parts[0].measurement == RUN_TIME
    assert first.parts[0].z is not None and np.sign(first.parts[0].z) == np.sign(np.log(factor))
    assert first.verdict is (Verdict.DIFFERENT if count == 20 else Verdict.CANT_TELL)


def test_scores_are_the_sum_of_their_parts() -> None:
    factors = {f"t{row}": {RUN_TIME: 3.0} for row in range(8)} | {"t0": {RUN_TIME: 3.0, CPU_TIME: 4.0}}
    scores = fit(RUNS[:20], MEASUREMENTS).score(changed(RUNS[23], factors))
    assert any(kind == "inherited" for found in scores.tasks for kind, _, _ in found.pooled)
    for found in scores.tasks:
        assert found.own == pytest.approx(sum(part.evidence for part in found.parts))
        assert found.score == pytest.approx(found.own + sum(amount for _, _, amount in found.pooled))
        assert [part.evidence for part in found.parts] == sorted(
            (part.evidence for part in found.parts), reverse=True
        )


def test_parts_tell_the_distribution_of_the_references() -> None:
    references = runs_of([{"a": value} for value in (1.0, 2.0, 3.0, 4.0, 6.0)])
    (part,) = fit(references, MEASUREMENTS).score(runs_of([{"a": 6.0}])[0]).tasks[0].parts
    assert (part.value, part.n, part.low, part.median, part.high, part.ratio) == (6, 5, 2, 3, 4, 2)
    assert part.label == "run time"
    assert part.unit == "s"


def test_a_slow_node_is_found_from_all_its_tasks() -> None:
    factors = {f"t{row}": {RUN_TIME: 1.12, CPU_TIME: 1.12} for row in range(4)}
    scores = fit(noisy(20, tasks=16), MEASUREMENTS).score(changed(noisy(30, tasks=16)[29], factors))
    first = scores.nodes[0]
    assert first.name == "m0-c0"
    assert first.verdict is Verdict.DIFFERENT
    assert {name for name, _ in first.tasks} == {"t0", "t1", "t2", "t3"}
    assert {found.identifier for found in scores.tasks[:4]} == {"t0", "t1", "t2", "t3"}


def test_one_reference_gives_a_difference_without_significance() -> None:
    scores = fit(RUNS[:1], MEASUREMENTS).score(changed(RUNS[1], {"t3": {RUN_TIME: 9.0}}))
    assert scores.run.verdict is Verdict.CANT_TELL
    assert (scores.run.n, scores.run.p, scores.run.p_floor, scores.run.needed) == (1, None, 1.0, 18)
    first = scores.tasks[0]
    assert (first.identifier, first.n, first.p, first.p_adjusted) == ("t3", 1, None, None)
    assert first.needed == 19
    assert first.verdict is Verdict.CANT_TELL


@pytest.mark.parametrize(("count", "needed"), [(2, 17), (5, 14), (18, 1), (19, None), (24, None)])
def test_the_floor_of_p_decides_what_can_be_told(count: int, needed: int | None) -> None:
    references = noisy(count, seed=4)
    slow = {one.identifier: {RUN_TIME: 4.0} for one in references[0].tasks}
    scores = fit(references, MEASUREMENTS).score(changed(noisy(1, seed=9)[0], slow))
    assert scores.run.p == scores.run.p_floor == 1 / (1 + count)
    assert scores.run.needed == needed
    expected = Verdict.CANT_TELL if needed else Verdict.DIFFERENT
    assert {scores.run.verdict, *(found.verdict for found in scores.tasks)} == {expected}
    assert all(found.p_adjusted is not None and found.p_adjusted >= 1 / (1 + count) for found in scores.tasks)


def test_runs_of_the_same_kind_are_rarely_different() -> None:
    """The conformal p of a run is uniform: at most 1 in 20, and what is listed of it too."""
    told = [
        fit(noisy(20, seed=seed), MEASUREMENTS).score(noisy(1, seed=1000 + seed)[0]) for seed in range(60)
    ]
    alarms = sum(scores.run.verdict is Verdict.DIFFERENT for scores in told)
    listed = sum(any(one.verdict is Verdict.DIFFERENT for one in scores.tasks) for scores in told)
    assert alarms <= 8
    assert listed <= 8


def test_tasks_that_no_reference_has_can_not_be_told() -> None:
    source = RUNS[23]
    added = replace(source, tasks=(*source.tasks, task("new", {RUN_TIME: 5.0}), task("t1:2", {}, key="t1")))
    scores = fit(RUNS[:20], MEASUREMENTS).score(added)
    for name, n in (("new", 0), ("t1:2", 20)):
        found = by_name(scores)[name]
        assert (found.n, found.p, found.score, found.verdict) == (n, None, 0, Verdict.CANT_TELL)
    assert scores.remarks == ("2 tasks in no reference run, or without a measurement in common: can't tell",)
    assert [part.z for part in by_name(scores)["new"].parts] == [None]


def test_what_is_missing_is_no_zero() -> None:
    bare = replace(
        RUNS[23],
        tasks=tuple(replace(one, values={RUN_TIME: one.values[RUN_TIME]}) for one in RUNS[23].tasks),
    )
    scores = fit(RUNS[:20], MEASUREMENTS).score(bare)
    assert scores.run.verdict is Verdict.SAME
    assert {len(found.parts) for found in scores.tasks} == {1}


def test_values_without_a_logarithm_are_told_of() -> None:
    spoilt = changed(RUNS[23], {"t1": {CPU_TIME: -1.0}, "t2": {BYTES: float("inf")}})
    scores = fit(RUNS[:5], MEASUREMENTS).score(spoilt)
    assert scores.remarks == (
        "1 value of CPU time negative or infinite: not used",
        "1 value of bytes read negative or infinite: not used",
    )
    assert CPU_TIME not in {part.measurement for part in by_name(scores)["t1"].parts}


def test_tasks_that_share_a_key_are_scored_against_their_class() -> None:
    random = np.random.default_rng(2)

    def one(name: str, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> MeasuredRun:
        return run(
            name, [task(f"map:{number}", {RUN_TIME: float(value)}) for number, value in enumerate(values)]
        )

    references = [one(f"run{number:02}", random.lognormal(1, 0.1, 6)) for number in range(20)]
    values = random.lognormal(1, 0.05, 6)
    values[4] = 9.0
    scores = fit(references, MEASUREMENTS).score(one("new", values))
    assert scores.tasks[0].identifier == "map:4"
    assert scores.tasks[0].verdict is Verdict.DIFFERENT
    assert {found.n for found in scores.tasks} == {20}
    assert {found.verdict for found in scores.tasks[1:]} == {Verdict.SAME}


def test_constant_measurements_and_zeros_have_finite_scores() -> None:
    references = runs_of([{"a": 0.0, "b": 5.0}] * 6)
    scores = fit(references, MEASUREMENTS).score(runs_of([{"a": 0.0, "b": 5.5}])[0])
    assert np.isfinite([found.score for found in scores.tasks]).all()
    assert by_name(scores)["a"].score == 0
    assert by_name(scores)["a"].parts[0].ratio is None
    assert by_name(scores)["b"].score > 1


def test_a_single_task_and_no_task_can_be_scored() -> None:
    references = runs_of([{"a": 1.0}, {"a": 1.1}, {"a": 0.9}])
    baseline = fit(references, MEASUREMENTS)
    assert baseline.score(runs_of([{"a": 30.0}])[0]).tasks[0].score > 4
    empty = baseline.score(run("empty", []))
    assert (empty.tasks, empty.nodes, empty.run.verdict) == ((), (), Verdict.CANT_TELL)
    assert fit([run("empty", [])], MEASUREMENTS).score(references[0]).run.verdict is Verdict.CANT_TELL


def test_more_references_than_folds_are_left_out_in_parts() -> None:
    references = noisy(30, seed=8)
    slow = changed(RUNS[23], {"t5": {RUN_TIME: 3.0}})
    for folds in (30, 7):
        scores = fit(references, MEASUREMENTS, ScoreOptions(folds=folds)).score(slow)
        assert scores.run.p == 1 / 31
        assert scores.tasks[0].identifier == "t5"


def test_without_references_there_is_nothing_to_fit() -> None:
    with pytest.raises(ValueError, match="no reference runs: give one at least"):
        fit([], MEASUREMENTS)


def test_statistics_summarise_and_make_scores_again() -> None:
    measurements = {RUN_TIME: Measurement(RUN_TIME, "run time", "s", 0.5)}
    baseline = fit(runs_of([{"a": value, "b": 7.0} for value in (1.0, 2.0, 3.0, 4.0, 6.0)]), measurements)
    first, second = baseline.statistics
    assert (first.key, first.n, first.minimum, first.low, first.median, first.high, first.maximum) == (
        "a", 5, 1, 2, 3, 4, 6,
    )  # fmt: skip
    assert first.mad == pytest.approx(1.4826)
    assert (second.key, second.median, second.mad) == ("b", 7, 0)
    (part,) = by_name(baseline.score(runs_of([{"a": 10.0}])[0]))["a"].parts
    step = first.resolution / 10.5
    again = (np.log(10.5) - first.centre) / np.sqrt(first.spread**2 + step**2 / 3)
    assert part.z == pytest.approx(again)
