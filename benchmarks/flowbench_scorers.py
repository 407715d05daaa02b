"""Scorers of one draw: ours, through the public interface, and the two that it is compared with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import TypeAlias

from recup_kg.deviation import fit
from recup_kg.measurements import MeasuredRun, MeasuredTask, Measurement
from recup_kg.vocab import RECUP

_RUN_TIME = RECUP + "runTime"
_CLOCK = 1.0
"""FlowBench's times are whole seconds: a spread below that can't be told from none."""


@dataclass(frozen=True, slots=True)
class Scored:
    """The scores of a run: of its tasks by identifier, of its machines by name, and its own; larger deviates more.

    `alarm` says whether it lies further from the references than any of these from the others, None where a scorer has no such
    rule.
    """

    tasks: Mapping[str, float]
    nodes: Mapping[str, float]
    run: float
    alarm: bool | None = None


Scorer: TypeAlias = Callable[[Sequence[MeasuredRun]], list[Scored]]
"""The scores of runs, in their order."""


@dataclass(frozen=True, slots=True)
class Draw:
    """What a scorer may learn from: reference runs, and what was measured; `seed` for what needs chance."""

    references: Sequence[MeasuredRun]
    measurements: Mapping[str, Measurement]
    seed: int


def deviation(draw: Draw) -> Scorer:
    """The scores of RECUP-KG."""
    baseline = fit(draw.references, draw.measurements)

    def score(run: MeasuredRun) -> Scored:
        found = baseline.score(run)
        p, floor = found.run.p, found.run.p_floor
        return Scored(
            {task.identifier: task.score for task in found.tasks},
            {node.name: node.score for node in found.nodes},
            found.run.score,
            p is not None and p <= floor * (1 + 1e-9),
        )

    return lambda runs: list(map(score, runs))


def z_runtime(draw: Draw) -> Scorer:
    """|run time - mean| / standard deviation of the same task in the references; a standard deviation is at least 1 s."""
    times: dict[str, list[float]] = defaultdict(list)
    for run in draw.references:
        for task in run.tasks:
            if _RUN_TIME in task.values:
                times[task.key].append(task.values[_RUN_TIME])
    expected = {
        key: (fmean(values), max(_CLOCK, stdev(values) if len(values) > 1 else 0.0))
        for key, values in times.items()
    }

    def distance(task: MeasuredTask) -> float:
        if task.key not in expected or _RUN_TIME not in task.values:
            return 0.0
        mean, spread = expected[task.key]
        return abs(task.values[_RUN_TIME] - mean) / spread

    return lambda runs: [_gathered(run, list(map(distance, run.tasks))) for run in runs]


def isolation_forest(draw: Draw) -> Scorer:
    """An isolation forest (Liu et al., doi 10.1109/ICDM.2008.17) of scikit-learn with its defaults over all measurements as they
    are, 0 where a task has none, grown on the tasks of the references.
    """
    from sklearn.ensemble import IsolationForest

    names = sorted(draw.measurements)
    forest = IsolationForest(random_state=draw.seed)
    forest.fit([_row(task, names) for run in draw.references for task in run.tasks])

    def score(runs: Sequence[MeasuredRun]) -> list[Scored]:
        found = iter(forest.score_samples([_row(task, names) for run in runs for task in run.tasks]))
        return [_gathered(run, [-float(next(found)) for _ in run.tasks]) for run in runs]

    return score


def _row(task: MeasuredTask, names: Sequence[str]) -> list[float]:
    return [task.values.get(name, 0.0) for name in names]


def _gathered(run: MeasuredRun, scores: Sequence[float]) -> Scored:
    """Scores of tasks alone: that of a machine is their mean, that of the run their largest."""
    nodes: dict[str, list[float]] = defaultdict(list)
    for task, score in zip(run.tasks, scores, strict=True):
        for node in task.nodes:
            nodes[node].append(score)
    return Scored(
        {task.identifier: score for task, score in zip(run.tasks, scores, strict=True)},
        {node: fmean(values) for node, values in nodes.items()},
        max(scores, default=0.0),
    )
