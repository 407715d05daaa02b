"""Which fact best explains the slow runs of a population."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from statistics import median

from recup_kg.api.access import Access
from recup_kg.api.co_running import co_running
from recup_kg.api.explain import step_quantities
from recup_kg.api.explain_facts import facts_of_runs
from recup_kg.api.explain_time import date_remarks
from recup_kg.api.explained import Explained, group
from recup_kg.api.fusion_rows import seconds
from recup_kg.causes.find import find_causes
from recup_kg.causes.outcomes import split_outcome
from recup_kg.causes.words import count, several
from recup_kg.errors import UsageError
from recup_kg.explanations import Explanation
from recup_kg.measurements import MeasuredRun, MeasuredRuns, Measurement
from recup_kg.store import Entry, Store
from recup_kg.vocab import RECUP

MAKESPAN = "makespan"
FEWEST = 2
_OF_STEP = re.compile(r"(?P<name>.+?)\s+of\s+(?:step\s+)?(?P<step>.+)")
_SECONDS = "s"
_RUN_TIME = RECUP + "runTime"


def bisect_group(access: Access, expression: str | Sequence[str], outcome: str = MAKESPAN) -> Explained:
    """The facts that separate the runs of a group with high values of an outcome from those with low ones.

    `outcome` is makespan, a measurement of tasks (its label, or the name of its property) over all tasks of a run, or `NAME of
    step STEP`. Raises `UsageError` for another one, and where fewer than two runs have it.
    """
    store = access.reading()
    return Explained(bisect(store, group(access, expression), outcome))


def bisect(store: Store, entries: Sequence[Entry], outcome: str = MAKESPAN) -> Explanation:
    """See `bisect_group`; for runs that are given."""
    from recup_kg.api.measure import measured_runs

    measured = measured_runs(store, entries)
    runs = dict(zip((entry.name for entry in entries), measured.runs, strict=True))
    values, unit = outcome_values(runs, measured, outcome)
    if len(values) < FEWEST:
        raise UsageError(
            f"{outcome} was captured of {count(len(values), 'run')} of {len(runs)}: it takes two to compare"
        )
    split = split_outcome(outcome, values, unit=unit)
    if not split.deviating:
        return Explanation(
            outcome, (), tuple(sorted(values)), (), (f"all runs have the same {outcome}",), split.rule
        )
    told = [entry for entry in entries if entry.name in values]
    facts = facts_of_runs(store, told)
    known = {name: runs[name] for name in values}
    measurements = () if outcome != MAKESPAN else step_quantities(known, measured)
    found = find_causes(
        split,
        (*facts.properties, *co_running(store, told)),
        (*facts.quantities, *measurements),
        facts.touched,
    )
    left_out = sorted(set(runs) - set(values))
    said = (f"{outcome} was not captured of {several(left_out)}: left out",) if left_out else ()
    return replace(found, remarks=(*said, *found.remarks, *date_remarks(split, known)))


def outcome_values(
    runs: Mapping[str, MeasuredRun], measured: MeasuredRuns, outcome: str
) -> tuple[dict[str, float], str | None]:
    """The outcome of each run that has it, and its unit.

    Of the tasks of a step the median in seconds, else the sum; of all tasks the sum. A run in which not all of these tasks have
    the measurement has none. Raises `UsageError` for an unknown outcome or step.
    """
    if outcome == MAKESPAN:
        found = makespans(runs)
        return {name: value for name, value in found.items() if value is not None}, _SECONDS
    match = _OF_STEP.fullmatch(outcome)
    measurement = _measurement(match["name"] if match else outcome, measured.measurements.values())
    step = match["step"] if match else None
    steps = {task.step for run in runs.values() for task in run.tasks}
    if step is not None and step not in steps:
        raise UsageError(f"no step {step!r} in these runs; {_near(step, steps)}")
    values = {}
    for name, run in runs.items():
        stated = [task.values.get(measurement.iri) for task in run.tasks if step in (None, task.step)]
        numbers = [value for value in stated if value is not None]
        if numbers and len(numbers) == len(stated):
            typical = step is not None and measurement.unit == _SECONDS
            values[name] = float(median(numbers)) if typical else float(sum(numbers))
    return values, measurement.unit


def makespans(runs: Mapping[str, MeasuredRun]) -> dict[str, float | None]:
    """The makespan of each run in seconds; where no run states one, the time from its first start to its last end.

    A run in which a task lacks its times has none then.
    """
    stated = {name: run.makespan for name, run in runs.items()}
    if any(value is not None for value in stated.values()):
        return stated
    return {name: _span(run) for name, run in runs.items()}


def _span(run: MeasuredRun) -> float | None:
    times = [(seconds(task.started), task.values.get(_RUN_TIME)) for task in run.tasks]
    known = [(start, start + length) for start, length in times if start is not None and length is not None]
    if not known or len(known) < len(times):
        return None
    return max(end for _, end in known) - min(start for start, _ in known)


def _measurement(name: str, known: Iterable[Measurement]) -> Measurement:
    names = {
        spelling: measurement
        for measurement in known
        for spelling in (measurement.label, measurement.iri.rsplit("#", 1)[-1])
    }
    wanted = name.strip().casefold()
    for spelling, measurement in names.items():
        if spelling.casefold() == wanted:
            return measurement
    raise UsageError(f"no outcome {name!r}; {_near(name, (MAKESPAN, *names))}")


def _near(name: str, names: Iterable[str]) -> str:
    known = sorted(set(names))
    close = get_close_matches(name, known, n=3)
    return f"did you mean {' or '.join(close)}?" if close else f"there are: {several(known, 20)}"
