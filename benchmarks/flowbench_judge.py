"""How well a scorer finds the labelled tasks, machines and runs of one draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TypeAlias

from benchmarks.flowbench_data import Labels
from benchmarks.flowbench_metrics import average_precision, hit, mean, middle, roc_auc
from benchmarks.flowbench_scorers import Scored

Numbers: TypeAlias = dict[str, "Numbers | float | None"]
Ranked: TypeAlias = list[tuple[float, bool]]


@dataclass(frozen=True, slots=True)
class Judged:
    """A run that was scored, and what its table says of it."""

    scored: Scored
    labels: Labels

    @property
    def classes(self) -> frozenset[str]:
        """The classes of faults that jobs of the run have, and the kinds that they are of (`hdd` of `hdd_5`)."""
        found = frozenset(self.labels.classes.values())
        return found | {kind_of(name) for name in found}


Ranking: TypeAlias = Callable[[Judged], Ranked]


def kind_of(label: str) -> str:
    """The kind of a class: `hdd` of `hdd_5`."""
    return label.rstrip("0123456789").rstrip("_-")


def judge(anomalous: Sequence[Judged], normal: Sequence[Judged]) -> Numbers:
    """All numbers of one draw; `normal` are the normal runs that nothing was learnt from."""
    return {
        "task": _ranks(anomalous, _tasks),
        "task_compute": _ranks(anomalous, _compute_tasks),
        "task_machine_labels": _ranks(anomalous, _tasks_of_machines),
        "node": _ranks(anomalous, _machines),
        "run": _runs(anomalous, normal),
        **_alarms(anomalous, normal),
    }


def medians(draws: Sequence[Numbers]) -> Numbers:
    """The median of each number over the draws; None where none has it."""
    found: Numbers = {}
    for key in dict.fromkeys(key for draw in draws for key in draw):
        values = [draw.get(key) for draw in draws]
        parts = [value for value in values if isinstance(value, dict)]
        numbers = [value for value in values if not isinstance(value, dict)]
        found[key] = medians(parts) if parts else _rounded(middle(numbers))
    return found


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _tasks(run: Judged) -> Ranked:
    return [(score, task in run.labels.classes) for task, score in run.scored.tasks.items()]


def _compute_tasks(run: Judged) -> Ranked:
    """Without transfers and auxiliary jobs, which never have a label."""
    return [
        (score, task in run.labels.classes)
        for task, score in run.scored.tasks.items()
        if task in run.labels.compute
    ]


def _tasks_of_machines(run: Judged) -> Ranked:
    """Every task on a machine that hosts a throttled container counts as labelled."""
    faulty, machines = run.labels.faulty_machines, run.labels.machines
    return [(score, machines.get(task) in faulty) for task, score in run.scored.tasks.items()]


def _machines(run: Judged) -> Ranked:
    """The machines that ran tasks; containers on them are no machines."""
    machines = set(run.labels.machines.values())
    return [
        (score, name in run.labels.faulty_machines)
        for name, score in run.scored.nodes.items()
        if name in machines
    ]


def _classes(runs: Iterable[Judged]) -> list[str]:
    return sorted({name for run in runs for name in run.classes})


def _ranks(anomalous: Sequence[Judged], ranking: Ranking) -> Numbers:
    """Over what all anomalous runs hold, pooled, and over the first of each; by class: over the runs of that class."""
    ranked = [(run.classes, ranking(run)) for run in anomalous]
    found = _rank_numbers([items for _, items in ranked])
    found["by_class"] = {
        name: _rank_numbers([items for classes, items in ranked if name in classes])
        for name in _classes(anomalous)
    }
    return found


def _rank_numbers(runs: Sequence[Ranked]) -> Numbers:
    pooled = [item for run in runs for item in run]
    return {
        "auc": roc_auc(pooled),
        "ap": average_precision(pooled),
        "hit1": mean(hit(run, 1) for run in runs),
        "hit5": mean(hit(run, 5) for run in runs),
    }


def _runs(anomalous: Sequence[Judged], normal: Sequence[Judged]) -> Numbers:
    """Anomalous runs against normal ones."""
    negatives = [(run.scored.run, False) for run in normal]

    def numbers(positives: Iterable[Judged]) -> Numbers:
        ranked = [*negatives, *((run.scored.run, True) for run in positives)]
        return {"auc": roc_auc(ranked), "ap": average_precision(ranked) if negatives else None}

    found = numbers(anomalous)
    found["by_class"] = {
        name: numbers([run for run in anomalous if name in run.classes]) for name in _classes(anomalous)
    }
    return found


def _alarms(anomalous: Sequence[Judged], normal: Sequence[Judged]) -> Numbers:
    """The share of runs that lie further from the references than any of these from the others."""
    if any(run.scored.alarm is None for run in (*anomalous, *normal)):
        return {}
    return {
        "alarm": {
            "detected": _share(anomalous),
            "false_alarms": _share(normal),
            "by_class": {
                name: {"detected": _share([run for run in anomalous if name in run.classes])}
                for name in _classes(anomalous)
            },
        }
    }


def _share(runs: Sequence[Judged]) -> float | None:
    return fmean(float(bool(run.scored.alarm)) for run in runs) if runs else None


def class_of(found: Labels) -> str:
    """The class of a run: of most of its labelled jobs, `normal` without one."""
    return Counter(found.classes.values()).most_common(1)[0][0] if found.classes else "normal"


def counts(found: Iterable[Labels]) -> dict[str, int]:
    """How many runs there are of each class."""
    return dict(sorted(Counter(map(class_of, found)).items()))
