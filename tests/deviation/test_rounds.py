"""Screening in rounds gives what a model for each part gives, bit for bit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recup_kg.deviation import ScoreOptions, fit
from recup_kg.deviation.evidence import weigh
from recup_kg.deviation.layout import Floats, Layout, Table, layout
from recup_kg.deviation.model import fit_model, samples
from recup_kg.deviation.options import ELSEWHERE
from recup_kg.deviation.rounds import Stack, stacked
from recup_kg.deviation.screening import mean_evidence
from recup_kg.measurements import MeasuredRun, Measurement
from tests.deviation.samples import (
    BYTES,
    CPU_TIME,
    FLOWBENCH,
    MEASUREMENTS,
    RUN_TIME,
    changed,
    flowbench,
    noisy,
    run,
    runs_of,
    task,
)

OPTIONS = ScoreOptions(folds=7)


def arrays(runs: Sequence[MeasuredRun]) -> tuple[Layout, tuple[Table, ...]]:
    known = FLOWBENCH | MEASUREMENTS
    stated = {iri: known[iri] for one in runs for each in one.tasks for iri in each.values}
    found = layout(runs, stated, ELSEWHERE)
    return found, tuple(map(found.table, runs))


def stack_of(runs: Sequence[MeasuredRun]) -> Stack:
    found, tables = arrays(runs)
    stack = stacked(tables, found)
    assert stack is not None
    return stack


def slowly(runs: Sequence[MeasuredRun], options: ScoreOptions = OPTIONS) -> Floats:
    """The mean evidence of each run, from a model for each part."""
    found, tables = arrays(runs)
    everything = samples(tables, found)
    left_out = {}
    for part in np.array_split(np.arange(len(tables)), min(len(tables), options.folds)):
        model = fit_model(everything.without(part), options)
        left_out.update({number: weigh(tables[number], model, options) for number in part.tolist()})
    return mean_evidence([left_out[number] for number in range(len(tables))])


def sparse(count: int) -> list[MeasuredRun]:
    """Runs whose tasks lack some values, some tasks, and come in another order in each."""
    random = np.random.default_rng(3)
    found = []
    for one in noisy(count):
        order = random.permutation(len(one.tasks))[: random.integers(5, 9)]
        tasks = (
            replace(
                one.tasks[row],
                values={k: v for k, v in one.tasks[row].values.items() if random.random() < 0.7},
            )
            for row in order
        )
        found.append(replace(one, tasks=tuple(tasks)))
    return found


@pytest.mark.parametrize("count", [4, 6, 7, 8, 20, 51])
@pytest.mark.parametrize("make", [noisy, sparse])
def test_means_are_those_of_models_bit_for_bit(count: int, make: object) -> None:
    assert callable(make)
    runs = make(count)
    np.testing.assert_array_equal(stack_of(runs).means(OPTIONS), slowly(runs))


@pytest.mark.parametrize("workflow", ["eht_imaging", "pycbc_inference"])
def test_means_of_real_runs_are_too_in_every_round(shared_data: Path, workflow: str) -> None:
    runs = [one for one, _ in flowbench(shared_data / "flowbench" / f"{workflow}.zip")][:90]
    stack = stack_of(runs)
    for _ in range(5):
        means = stack.means(ScoreOptions())
        np.testing.assert_array_equal(means, slowly(runs, ScoreOptions()))
        place = next(place for place in np.argsort(-means).tolist() if not stack.needed(place))
        stack, runs = stack.without(place), [*runs[:place], *runs[place + 1 :]]


def test_values_that_are_equal_are_no_trouble() -> None:
    runs = [
        run(f"r{number}", [task(f"t{row}", {RUN_TIME: 3.0, BYTES: float(number % 2)}) for row in range(5)])
        for number in range(9)
    ]
    np.testing.assert_array_equal(stack_of(runs).means(OPTIONS), slowly(runs))


def test_without_a_run_the_stack_is_that_of_the_others() -> None:
    runs = noisy(9)
    one, other = stack_of(runs).without(4), stack_of([*runs[:4], *runs[5:]])
    for name in ("values", "ordered", "ranks", "places", "marks"):
        if name != "marks":
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    np.testing.assert_array_equal(one.means(OPTIONS), other.means(OPTIONS))


def test_a_run_is_needed_for_what_it_alone_has() -> None:
    runs = noisy(6)
    runs[2] = replace(
        runs[2], tasks=(*runs[2].tasks, task("alone", {RUN_TIME: 1e3, CPU_TIME: 1e3}, step="step0"))
    )
    runs[3] = replace(runs[3], tasks=(*runs[3].tasks[1:], replace(runs[3].tasks[0], values={BYTES: 1e-9})))
    stack = stack_of(runs)
    # The only one with a task, and the one with the smallest number of bytes, which says what a 0 counts as.
    smallest = {place for place in range(6) if stack.needed(place)}
    assert {2, 3} <= smallest
    assert smallest < set(range(6))


def test_a_smallest_value_does_not_count_where_the_resolution_is_known() -> None:
    known = {iri: Measurement(iri, one.label, one.unit, 0.1) for iri, one in MEASUREMENTS.items()}
    runs = noisy(6)
    found = layout(runs, known, ELSEWHERE)
    stack = stacked(tuple(map(found.table, runs)), found)
    assert stack is not None
    assert not any(stack.needed(place) for place in range(6))


def test_tasks_that_share_a_key_or_change_their_step_are_not_stacked() -> None:
    shared = [run("one", [task("a:1", {RUN_TIME: 1.0, BYTES: 1.0}), task("a:2", {RUN_TIME: 1.0})])]
    found, tables = arrays(shared)
    assert stacked(tables, found) is None
    moved = [run(name, [task("a", {RUN_TIME: 1.0, BYTES: 1.0}, step=name)]) for name in ("one", "two")]
    found, tables = arrays(moved)
    assert stacked(tables, found) is None
    found, tables = arrays(runs_of([{"a": 1.0}, {"a": 2.0}]))
    assert stacked(tables, found) is None


def test_references_with_shared_keys_are_screened_as_before() -> None:
    def doubled(source: MeasuredRun) -> MeasuredRun:
        return replace(
            source,
            tasks=tuple(replace(one, key=one.key[0] + str(int(one.key[1]) // 2)) for one in source.tasks),
        )

    runs = [doubled(one) for one in noisy(10)]
    times = {f"t{row}": {RUN_TIME: 9.0, CPU_TIME: 9.0, BYTES: 9.0} for row in range(8)}
    runs[4] = changed(runs[4], times, "elsewhere")
    assert [name for name, _ in fit(runs, MEASUREMENTS).screened] == ["elsewhere"]


def test_a_screened_run_that_alone_has_a_task_takes_it_along() -> None:
    runs = noisy(12)
    times = {f"t{row}": {RUN_TIME: 3.0, CPU_TIME: 3.0} for row in range(8)}
    moved = changed(runs[4], times, "elsewhere")
    runs[4] = replace(moved, tasks=(*moved.tasks, task("alone", {RUN_TIME: 1.0})))
    baseline = fit(runs, MEASUREMENTS)
    assert [name for name, _ in baseline.screened] == ["elsewhere"]
    assert "alone" not in baseline.layout.keys
