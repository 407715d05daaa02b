"""References that lie apart from the others are left out; honest ones are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recup_kg.deviation import ScoreOptions, fit
from tests.deviation.samples import CPU_TIME, FLOWBENCH, MEASUREMENTS, RUN_TIME, changed, flowbench, noisy


def elsewhere(number: int, factor: float) -> dict[str, dict[str, float]]:
    return {f"t{row}": {RUN_TIME: factor, CPU_TIME: factor} for row in range(number)}


def test_a_run_of_another_machine_is_left_out_with_its_reason() -> None:
    references = noisy(10)
    references[4] = changed(references[4], elsewhere(8, 1.6), "elsewhere")
    baseline = fit(references, MEASUREMENTS)
    ((name, reason),) = baseline.screened
    assert name == "elsewhere"
    assert reason.startswith("lies apart from the other references: mean evidence ")
    scores = baseline.score(noisy(1, seed=5)[0])
    assert scores.screened == baseline.screened
    assert "elsewhere" not in scores.references
    assert scores.run.n == 9


def test_a_blinding_reference_hides_a_slow_run_unless_it_is_screened() -> None:
    references = noisy(24)
    references[4] = changed(references[4], elsewhere(8, 3.0), "elsewhere")
    slow = changed(noisy(1, seed=5)[0], elsewhere(8, 1.4))
    blind = fit(references, MEASUREMENTS, ScoreOptions(screen=False)).score(slow)
    seeing = fit(references, MEASUREMENTS).score(slow)
    assert blind.run.p == 2 / 25
    assert seeing.run.p == 1 / 24


@pytest.mark.parametrize("count", [4, 5, 10, 30])
def test_honest_references_are_kept(count: int) -> None:
    screened = [fit(noisy(count, seed=seed), MEASUREMENTS).screened for seed in range(15)]
    assert sum(map(len, screened)) == 0


def test_a_single_slow_task_is_no_reason() -> None:
    references = noisy(10)
    references[4] = changed(references[4], {"t0": {RUN_TIME: 5.0}}, "hiccup")
    assert fit(references, MEASUREMENTS).screened == ()


def test_at_most_a_quarter_is_left_out_and_nothing_of_three() -> None:
    references = noisy(8)
    for number in range(3):
        references[number] = changed(references[number], elsewhere(8, 2.0 + number), f"apart{number}")
    assert len(fit(references, MEASUREMENTS).screened) <= 2
    assert fit([references[0], *references[3:5]], MEASUREMENTS).screened == ()


@pytest.mark.parametrize("workflow", ["eht_imaging", "pycbc_inference"])
def test_real_normal_runs_are_kept_and_those_of_another_cluster_are_not(
    shared_data: Path, workflow: str
) -> None:
    normal = [one for one, labels in flowbench(shared_data / "flowbench" / f"{workflow}.zip") if not labels]
    random = np.random.default_rng(11)
    for _ in range(3):
        drawn = [normal[place] for place in random.choice(len(normal), 12, replace=False)]
        assert fit(drawn, FLOWBENCH).screened == ()
        times = {iri: 1.5 for iri, one in FLOWBENCH.items() if one.unit == "s"}
        moved = changed(drawn[0], {one.identifier: times for one in drawn[0].tasks}, "moved")
        assert [name for name, _ in fit([moved, *drawn[1:]], FLOWBENCH).screened] == ["moved"]
