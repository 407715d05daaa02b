"""The scoreboard of one workflow of FlowBench: from its tables through a store and the public interface to numbers."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import recup_kg as recup
from benchmarks.flowbench_data import Labels, NoData, gather, labels
from benchmarks.flowbench_judge import Judged, Numbers, class_of, counts, judge, medians
from benchmarks.flowbench_scorers import Draw, Scorer, deviation, isolation_forest, z_runtime
from recup_kg.measurements import MeasuredRun, MeasuredRuns

BASELINES: Mapping[str, Callable[[Draw], Scorer]] = {
    "z_runtime": z_runtime,
    "isolation_forest": isolation_forest,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: `references` runs are drawn from the normal ones, `seeds` times.

    `at_most` bounds how many normal runs, and how many of each class of faults, are taken; None takes all.
    """

    data: Path
    workflow: str
    references: int
    seeds: int
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Population:
    """The runs of a workflow with their labels, by name; `refused` is how many tables could not be used."""

    measured: MeasuredRuns
    labels: Mapping[str, Labels]
    refused: tuple[str, ...]
    dependencies: bool

    @property
    def normal(self) -> list[MeasuredRun]:
        """The runs without a label."""
        return [run for run in self.measured.runs if not self.labels[run.name].classes]

    @property
    def anomalous(self) -> list[MeasuredRun]:
        """The runs with a label."""
        return [run for run in self.measured.runs if self.labels[run.name].classes]


def scoreboard(asked: Asked, tell: Callable[[str], None] = lambda text: None) -> dict[str, object]:
    """The numbers, medians over the seeds. Raises `NoData`, `RecupError`."""
    start = time.perf_counter()
    tell("ingesting")
    population = populate(asked)
    normal = population.normal
    if len(normal) <= asked.references or not population.anomalous:
        raise NoData(
            f"{asked.workflow} has {len(normal)} normal and {len(population.anomalous)} labelled runs: "
            f"that is too few for {asked.references} references"
        )
    draws: dict[str, list[Numbers]] = {"": [], **{name: [] for name in BASELINES}}
    for seed in range(asked.seeds):
        tell(f"draw {seed + 1} of {asked.seeds}")
        for name, numbers in one_draw(population, asked.references, seed).items():
            draws[name].append(numbers)
    found: dict[str, object] = {
        "workflow": asked.workflow,
        "references": asked.references,
        "seeds": asked.seeds,
        **medians(draws[""]),
        "baselines": {name: medians(draws[name]) for name in BASELINES},
        "runs": counts(population.labels.values()),
        "refused": len(population.refused),
        "dependencies": population.dependencies,
        "seconds": round(time.perf_counter() - start, 1),
    }
    return found


def populate(asked: Asked) -> Population:
    """Take the tables into a store of their own, and read what was measured out of it."""
    with tempfile.TemporaryDirectory(prefix="flowbench-") as folder:
        tables = gather(asked.data, asked.workflow, Path(folder) / "tables")
        with recup.open(str(Path(folder) / "store")) as graph:
            report = graph.ingest_all(_chosen(tables.files.values(), asked.at_most), validate=False)
            if not report.runs:
                raise NoData(f"no table of {asked.workflow} can be used: {report.refused[0].error}")
            measured = graph.measured()
        by_name = {item.name: labels(Path(item.source)) for item in report.runs}
    known = {run.name: by_name[run.name] for run in measured.runs}
    refused = tuple(item.error for item in report.refused)
    return Population(measured, known, refused, tables.adjacency is not None)


def _chosen(tables: Iterable[Path], at_most: int | None) -> list[Path]:
    """At most so many of each class, at random but always the same."""
    if at_most is None:
        return list(tables)
    classes: dict[str, list[Path]] = {}
    for path in tables:
        classes.setdefault(class_of(labels(path)), []).append(path)
    chance = random.Random(0)
    return sorted(path for of in classes.values() for path in chance.sample(of, min(at_most, len(of))))


def one_draw(population: Population, references: int, seed: int) -> dict[str, Numbers]:
    """The numbers of our scores (under the empty name) and of each baseline, with the same references."""
    normal = population.normal
    chosen = random.Random(seed).sample(normal, references)
    names = {run.name for run in chosen}
    held_out = [run for run in normal if run.name not in names]
    draw = Draw(chosen, population.measured.measurements, seed)
    return {
        name: _judged(make(draw), population, held_out) for name, make in {"": deviation, **BASELINES}.items()
    }


def _judged(score: Scorer, population: Population, held_out: Sequence[MeasuredRun]) -> Numbers:
    def scored(runs: Sequence[MeasuredRun]) -> list[Judged]:
        return [
            Judged(found, population.labels[run.name]) for run, found in zip(runs, score(runs), strict=True)
        ]

    return judge(scored(population.anomalous), scored(held_out))
