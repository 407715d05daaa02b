"""The table of docs/deviation.md, on a few runs that need no store."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.deviation_ablation import COLUMNS, VARIANTS, ablate, by_references, effects, table
from benchmarks.flowbench_data import Labels
from benchmarks.flowbench_run import Population
from recup_kg.measurements import MeasuredRuns
from tests.deviation.samples import FLOWBENCH, flowbench


@pytest.fixture
def population(shared_data: Path) -> Population:
    """Every ninth run of eht_imaging."""
    runs = flowbench(shared_data / "flowbench" / "eht_imaging.zip")[::9]
    labels = {
        run.name: Labels(classes, {task.identifier: task.nodes[0] for task in run.tasks})
        for run, classes in runs
    }
    return Population(MeasuredRuns(tuple(run for run, _ in runs), FLOWBENCH), labels, (), False)


def test_each_variant_has_all_numbers(population: Population, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = (
        VARIANTS[0],
        *(one for one in VARIANTS if one.name in ("run time only", "machines of containers unknown")),
    )
    monkeypatch.setattr("benchmarks.deviation_ablation.VARIANTS", chosen)
    found = ablate(population, references=5, seeds=1)
    assert list(found) == [one.name for one in chosen]
    assert None not in found["as it is"].values()
    assert found["machines of containers unknown"]["machine HDD"] is None
    first, *others = (numbers["task AUC"] for numbers in found.values())
    assert first is not None and all(other is not None and other < first for other in others)
    lines = table(found).splitlines()
    assert lines[0].count("|") == len(COLUMNS) + 2
    assert lines[2].startswith("| as it is | 0.")


def test_variants_differ_from_what_is_usual() -> None:
    assert len({one.name for one in VARIANTS}) == len(VARIANTS)
    assert len({(one.options, one.change, one.keep) for one in VARIANTS}) == len(VARIANTS)


def test_slow_disks_slow_the_whole_machine(population: Population) -> None:
    rows = {
        tuple(cell.strip() for cell in line.split("|")[1:3]): line
        for line in effects(population, 20).splitlines()
    }
    run_time = {
        place: float(rows["hdd_5", place].split("|")[3])
        for place in ("labelled", "same machine", "other machine")
    }
    assert min(run_time["labelled"], run_time["same machine"]) > 10
    assert abs(run_time["other machine"]) < 2


def test_the_table_by_references_has_medians_and_ranges(
    population: Population, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.deviation_ablation.REFERENCES", (1, 4))
    lines = by_references(population, seeds=2).splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| 1", "| 4"]
    assert re.fullmatch(r"0\.\d{3} \(0\.\d\d-[01]\.\d\d\)", lines[2].split(" | ")[1])
