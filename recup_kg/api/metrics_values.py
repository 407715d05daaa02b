"""The values that metrics are computed of: of runs as a whole, of steps, of nodes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from recup_kg.api.metrics_runs import WholeRun
from recup_kg.measurements import MeasuredRun
from recup_kg.quality import Observed
from recup_kg.vocab import RECUP

RUN_TIME = RECUP + "runTime"
MAKESPAN = "makespan"
REPORTED = "reported makespan"
TASK_TIME = "run time of its tasks together"
RELATIVE_TIME = "run time over the median of the same task"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity of one subject: its values, one of each run that has one."""

    subject: str
    name: str
    unit: str | None
    values: tuple[Observed, ...]


def of_runs(subject: str, runs: Sequence[WholeRun], incomplete: Mapping[str, object]) -> tuple[Quantity, ...]:
    """Makespans as workflow systems state them, and as programs print them, in seconds."""
    told = {
        MAKESPAN: {run: run.makespan for run in runs},
        REPORTED: {run: run.reported for run in runs},
    }
    found = []
    for name, values in told.items():
        known = tuple(
            Observed(run.name, value, None if run.gaps is None else run.name not in incomplete)
            for run, value in values.items()
            if value is not None
        )
        if known:
            found.append(Quantity(subject, name, "s", known))
    return tuple(found)


def of_steps(runs: Sequence[MeasuredRun]) -> tuple[Quantity, ...]:
    """Of each step the run times of its tasks together, in seconds, of each run that states those of all of them."""
    values: dict[str, list[Observed]] = defaultdict(list)
    for run in runs:
        for step, total in _step_totals(run).items():
            values[step].append(Observed(run.name, total))
    return tuple(Quantity(step, TASK_TIME, "s", tuple(found)) for step, found in sorted(values.items()))


def of_nodes(runs: Sequence[MeasuredRun]) -> tuple[Quantity, ...]:
    """Of each node and run the median of the run times of its tasks, each over the median of that task in all runs.

    Tasks that one run alone has tell nothing of a node.
    """
    usual = _usual_times(runs)
    values: dict[str, list[Observed]] = defaultdict(list)
    for run in runs:
        ratios: dict[str, list[float]] = defaultdict(list)
        for task in run.tasks:
            middle, value = usual.get(task.key), task.values.get(RUN_TIME)
            if middle and value is not None and len(task.nodes) == 1:
                ratios[task.nodes[0]].append(value / middle)
        for node, found in ratios.items():
            values[node].append(Observed(run.name, median(found)))
    return tuple(Quantity(node, RELATIVE_TIME, None, tuple(found)) for node, found in sorted(values.items()))


def shares(steps: Sequence[Quantity]) -> dict[str, float]:
    """Of each step its part in the variance of all task time: Cov(step, all) / Var(all), over the runs that have all steps.

    The parts sum to 1; one below 0 makes up for others. Empty where fewer than two runs have all steps or nothing varies.
    """
    names = [{item.run: item.value for item in step.values} for step in steps]
    runs = sorted(set(names[0]).intersection(*names[1:])) if names else []
    totals = [sum(step[run] for step in names) for run in runs]
    if len(runs) < 2 or min(totals) == max(totals):
        return {}
    mean = fmean(totals)
    variance = sum((total - mean) ** 2 for total in totals)
    return {
        step.subject: sum(
            (values[run] - fmean(values[one] for one in runs)) * (total - mean)
            for run, total in zip(runs, totals, strict=True)
        )
        / variance
        for step, values in zip(steps, names, strict=True)
    }


def _step_totals(run: MeasuredRun) -> dict[str, float]:
    """The sum of run times of each step; a step of which one task has none is left out: a part is no total."""
    totals: dict[str, float] = defaultdict(float)
    untold = set()
    for task in run.tasks:
        value = task.values.get(RUN_TIME)
        if value is None:
            untold.add(task.step)
        else:
            totals[task.step] += value
    return {step: total for step, total in totals.items() if step not in untold}


def _usual_times(runs: Sequence[MeasuredRun]) -> dict[str, float]:
    """The median run time of each task that two runs or more have."""
    values: dict[str, list[float]] = defaultdict(list)
    holders: dict[str, set[str]] = defaultdict(set)
    for run in runs:
        for task in run.tasks:
            if RUN_TIME in task.values:
                values[task.key].append(task.values[RUN_TIME])
                holders[task.key].add(run.name)
    return {key: median(found) for key, found in values.items() if len(holders[key]) > 1}
