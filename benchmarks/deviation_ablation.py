"""What each ingredient of the scores of deviation brings, on labelled runs of FlowBench: docs/deviation.md has the table.

`python -m benchmarks.deviation_ablation --data DIR --workflow NAME --references 5 --seeds 10 [--json]`: the same draws for each
variant, medians over the draws. The runs go through a store once, as in `benchmarks.flowbench`.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

if not __package__:  # started by its path
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

from benchmarks.flowbench_data import NoData
from benchmarks.flowbench_judge import Judged, Numbers, class_of, judge
from benchmarks.flowbench_run import Asked, Population, populate
from benchmarks.flowbench_scorers import Scored
from recup_kg.deviation import ScoreOptions, fit
from recup_kg.measurements import MeasuredRun, Measurement
from recup_kg.vocab import RECUP

Change = Callable[[MeasuredRun], MeasuredRun]
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "task AUC": ("task", "auc"),
    "HDD": ("task", "by_class", "hdd", "auc"),
    "CPU": ("task", "by_class", "cpu", "auc"),
    "hit@1": ("task", "hit1"),
    "machine labels": ("task_machine_labels", "auc"),
    "machine HDD": ("node", "by_class", "hdd", "auc"),
    "run HDD": ("run", "by_class", "hdd", "auc"),
    "alarm HDD": ("alarm", "by_class", "hdd", "detected"),
    "false": ("alarm", "false_alarms"),
}


_USUAL = ScoreOptions()


@dataclass(frozen=True, slots=True)
class Variant:
    """The scores with one thing other: `options`, the runs as `change` makes them, measurements that `keep` accepts."""

    name: str
    options: ScoreOptions = _USUAL
    change: Change = lambda run: run
    keep: Callable[[Measurement], bool] = lambda measurement: True


def _without_machines(run: MeasuredRun) -> MeasuredRun:
    """Only the container of each task is known: the last of its nodes by length of name."""
    tasks = (replace(task, nodes=tuple(sorted(task.nodes, key=len)[-1:])) for task in run.tasks)
    return replace(run, tasks=tuple(tasks))


def _without(*names: str) -> Callable[[Measurement], bool]:
    left_out = {RECUP + name for name in names}
    return lambda measurement: measurement.iri not in left_out


def _only(*names: str) -> Callable[[Measurement], bool]:
    kept = {RECUP + name for name in names}
    return lambda measurement: measurement.iri in kept


EFFECTS = ("run time", "stage-in time", "I/O wait time", "CPU time", "system CPU time", "user CPU time")
REFERENCES = (1, 3, 5, 10, 20)
PROCESSOR = ("cpuTime", "userCpuTime", "systemCpuTime")
VARIANTS = (
    Variant("as it is"),
    Variant("each task alone (shared = 0)", ScoreOptions(shared=0.0)),
    Variant("shared = 2", ScoreOptions(shared=2.0)),
    Variant("nothing is inherited", ScoreOptions(inherited=1.0)),
    Variant("what is inherited counts nothing", ScoreOptions(inherited=0.0)),
    Variant("machines of containers unknown", change=_without_machines),
    Variant("waiting tells of nodes as well", ScoreOptions(elsewhere=frozenset())),
    Variant("no uncertainty of nodes", ScoreOptions(uncertainty=0.0)),
    Variant("spreads not shrunken (prior = 0.1)", ScoreOptions(prior=0.1)),
    Variant("spreads shrunken more (prior = 16)", ScoreOptions(prior=16.0)),
    Variant("deviations cut off at 2 spreads", ScoreOptions(bound=2.0)),
    Variant("no smallest spread", ScoreOptions(floor=0.0)),
    Variant("evidence capped at 4", ScoreOptions(cap=4.0)),
    Variant("run time only", keep=_only("runTime")),
    Variant("without processor times", keep=_without(*PROCESSOR)),
    Variant("durations only", keep=lambda measurement: measurement.unit == "s"),
    Variant("without queue and release delay", keep=_without("queueDelay", "releaseDelay")),
)


def ablate(population: Population, references: int, seeds: int) -> dict[str, dict[str, float | None]]:
    """The medians over the draws of each variant."""
    found: dict[str, dict[str, float | None]] = {}
    for variant in VARIANTS:
        draws = [_draw(population, variant, references, seed) for seed in range(seeds)]
        found[variant.name] = {name: _median(draws, path) for name, path in COLUMNS.items()}
    return found


def _draw(population: Population, variant: Variant, references: int, seed: int) -> Numbers:
    """The numbers of one variant, with the references that `benchmarks.flowbench` draws for this seed."""
    normal = population.normal
    chosen = random.Random(seed).sample(normal, references)
    names = {run.name for run in chosen}
    measurements = {
        iri: measurement
        for iri, measurement in population.measured.measurements.items()
        if variant.keep(measurement)
    }
    baseline = fit([variant.change(run) for run in chosen], measurements, variant.options)

    def judged(runs: Sequence[MeasuredRun]) -> list[Judged]:
        scored = []
        for run in runs:
            found = baseline.score(variant.change(run))
            scores = Scored(
                {task.identifier: task.score for task in found.tasks},
                {node.name: node.score for node in found.nodes},
                found.run.score,
                found.run.p is not None and found.run.p <= found.run.p_floor * (1 + 1e-9),
            )
            scored.append(Judged(scores, population.labels[run.name]))
        return scored

    return judge(judged(population.anomalous), judged([run for run in normal if run.name not in names]))


def _median(draws: Sequence[Numbers], path: Sequence[str]) -> float | None:
    values = [value for value in (_at(draw, path) for draw in draws) if value is not None]
    return median(values) if values else None


def _at(numbers: Numbers, path: Sequence[str]) -> float | None:
    found: object = numbers
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, float | int) else None


def table(found: Mapping[str, Mapping[str, float | None]]) -> str:
    """The numbers as a table in Markdown."""
    lines = ["| | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for name, numbers in found.items():
        row = ("" if value is None else f"{value:.3f}" for value in numbers.values())
        lines.append(f"| {name} | " + " | ".join(row) + " |")
    return "\n".join(lines)


def by_references(population: Population, seeds: int) -> str:
    """Median, smallest and largest number over the draws, for several numbers of references: a table in Markdown."""
    lines = ["| references | " + " | ".join(COLUMNS) + " |", "|---" * (len(COLUMNS) + 1) + "|"]
    for references in REFERENCES:
        draws = [_draw(population, VARIANTS[0], references, seed) for seed in range(seeds)]
        row = (_range(draws, path) for path in COLUMNS.values())
        lines.append(f"| {references} | " + " | ".join(row) + " |")
    return "\n".join(lines)


def _range(draws: Sequence[Numbers], path: Sequence[str]) -> str:
    values = [value for value in (_at(draw, path) for draw in draws) if value is not None]
    return f"{median(values):.3f} ({min(values):.2f}-{max(values):.2f})" if values else ""


def effects(population: Population, references: int) -> str:
    """Median distances, in spreads, of tasks in containers: labelled, others on their machines, the rest; in Markdown."""
    chosen = random.Random(0).sample(population.normal, references)
    baseline = fit(chosen, population.measured.measurements)
    found: dict[tuple[str, str], dict[str, list[float]]] = {}
    for run in population.anomalous:
        labels = population.labels[run.name]
        name = class_of(labels)
        for task in baseline.score(run).tasks:
            if len(task.nodes) < 2:
                continue
            at_fault = labels.machines.get(task.identifier) in labels.faulty_machines
            place = (
                "labelled"
                if task.identifier in labels.classes
                else "same machine"
                if at_fault
                else "other machine"
            )
            for part in task.parts:
                if part.z is not None and part.label in EFFECTS:
                    found.setdefault((name, place), {}).setdefault(part.label, []).append(part.z)
    lines = ["| class | tasks | " + " | ".join(EFFECTS) + " |", "|---" * (len(EFFECTS) + 2) + "|"]
    for (name, place), values in sorted(found.items()):
        row = (f"{median(values[label]):.1f}" if label in values else "" for label in EFFECTS)
        lines.append(f"| {name} | {place} | " + " | ".join(row) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 2 and one line on standard error where there is no data."""
    parser = argparse.ArgumentParser(
        prog="benchmarks.deviation_ablation", description="See docs/deviation.md."
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="the folder with NAME.zip, or NAME/ with tables"
    )
    parser.add_argument("--workflow", required=True, metavar="NAME", help="eht_imaging, montage, ...")
    parser.add_argument("--references", type=int, default=5, help="normal runs to learn from (default 5)")
    parser.add_argument("--seeds", type=int, default=10, help="how often to draw them (default 10)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--effects", action="store_true", help="print how far labelled tasks lie off, by measurement"
    )
    parser.add_argument(
        "--by-references", action="store_true", help="print it for several numbers of references"
    )
    asked = parser.parse_args(arguments)
    try:
        population = populate(Asked(asked.data, asked.workflow, asked.references, asked.seeds))
    except NoData as error:
        print(f"deviation_ablation: {error}", file=sys.stderr)
        return 2
    if asked.effects or asked.by_references:
        told = (
            effects(population, asked.references) if asked.effects else by_references(population, asked.seeds)
        )
        print(told)
        return 0
    found = ablate(population, asked.references, asked.seeds)
    print(json.dumps(found, indent=2) if asked.json else table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
