"""Summaries of what was measured of each task of the references, in the units of the measurements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recup_kg.deviation.layout import Layout
from recup_kg.deviation.model import NORMAL, Model
from recup_kg.measurements import MeasuredRun


@dataclass(frozen=True, slots=True)
class Statistic:
    """A measurement of the tasks with a key, in `n` references that have it: in its `unit`, but for `spread`.

    `mad` is 1.4826 times the median absolute deviation, `low` and `high` the quartiles, `spread` the relative (logarithmic)
    standard deviation that scores divide by.
    """

    key: str
    measurement: str
    label: str
    unit: str | None
    n: int
    median: float
    mad: float
    low: float
    high: float
    minimum: float
    maximum: float
    spread: float


def statistics(runs: Sequence[MeasuredRun], layout: Layout, model: Model) -> tuple[Statistic, ...]:
    """One for each key and measurement that a reference has, by key and IRI of the measurement."""
    collected = values(runs)
    found = []
    for key, row in layout.keys.items():
        for column, measurement in enumerate(layout.columns):
            given = collected.get((key, measurement.iri))
            if given is None:
                continue
            low, median, high = np.quantile(given, (0.25, 0.5, 0.75))
            found.append(
                Statistic(
                    key,
                    measurement.iri,
                    measurement.label,
                    measurement.unit,
                    int(model.count[row, column]),
                    float(median),
                    float(NORMAL * np.median(np.abs(given - median))),
                    float(low),
                    float(high),
                    float(given.min()),
                    float(given.max()),
                    float(np.sqrt(model.variance[row, column])),
                )
            )
    return tuple(found)


def values(
    runs: Sequence[MeasuredRun],
) -> Mapping[tuple[str, str], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """The values of each key and measurement that scores use, in all runs."""
    found: dict[tuple[str, str], list[float]] = {}
    for run in runs:
        for task in run.tasks:
            for iri, value in task.values.items():
                if value >= 0 and np.isfinite(value):
                    found.setdefault((task.key, iri), []).append(value)
    return {name: np.array(given) for name, given in found.items()}
