"""Values of runs as arrays: one row for each task, one column for each measurement, logarithms, NaN where not captured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from recup_kg.measurements import MeasuredRun, MeasuredTask, Measurement

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Booleans: TypeAlias = NDArray[np.bool_]
UNKNOWN = -1


@dataclass(frozen=True, slots=True)
class Table:
    """The tasks of a run: index of key and step (-1 where no reference has it), logarithms and the width of a step of the clock.

    `members` are the rows of the tasks on each node. `refused` counts values by measurement that no logarithm can be taken of.
    """

    keys: Integers
    steps: Integers
    values: Floats
    widths: Floats
    members: tuple[tuple[str, Integers], ...]
    refused: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Which row and column is what. `floors` are the smallest values that are told apart from 0, in the measurement's unit."""

    keys: Mapping[str, int]
    steps: Mapping[str, int]
    columns: tuple[Measurement, ...]
    floors: Floats

    def table(self, run: MeasuredRun) -> Table:
        """The values of a run, in logarithms of value + resolution."""
        raw = _raw(run.tasks, self.columns)
        refused = (raw < 0) | np.isinf(raw)
        raw[refused] = np.nan
        resolutions = np.array([column.resolution for column in self.columns])
        shifted = np.maximum(raw + resolutions, self.floors)
        return Table(
            np.array([self.keys.get(task.key, UNKNOWN) for task in run.tasks], dtype=np.int64),
            np.array([self.steps.get(task.step, UNKNOWN) for task in run.tasks], dtype=np.int64),
            np.log(shifted),
            resolutions / shifted,
            _members(run.tasks),
            tuple(
                (column.label, int(count))
                for column, count in zip(self.columns, refused.sum(axis=0), strict=True)
                if count
            ),
        )


def layout(runs: Sequence[MeasuredRun], measurements: Mapping[str, Measurement]) -> Layout:
    """The keys, steps and measurements of the references, each in a fixed order that doesn't depend on that of the runs."""
    columns = tuple(measurements[iri] for iri in sorted(measurements))
    tasks = [task for run in runs for task in run.tasks]
    return Layout(
        {key: number for number, key in enumerate(sorted({task.key for task in tasks}))},
        {step: number for number, step in enumerate(sorted({task.step for task in tasks}))},
        columns,
        _floors(tasks, columns),
    )


def _raw(tasks: Sequence[MeasuredTask], columns: Sequence[Measurement]) -> Floats:
    rows = [[task.values.get(column.iri, np.nan) for column in columns] for task in tasks]
    return np.array(rows, dtype=np.float64).reshape(len(tasks), len(columns))


def _floors(tasks: Sequence[MeasuredTask], columns: Sequence[Measurement]) -> Floats:
    """The resolution, or half of the smallest positive value where there is none: a 0 has no logarithm."""
    raw = _raw(tasks, columns)
    positive = np.where((raw > 0) & np.isfinite(raw), raw, np.inf)
    smallest = positive.min(axis=0, initial=np.inf)
    half = np.where(np.isfinite(smallest), smallest / 2, 1.0)
    resolutions = np.array([column.resolution for column in columns])
    return np.where(resolutions > 0, resolutions, half)


def _members(tasks: Sequence[MeasuredTask]) -> tuple[tuple[str, Integers], ...]:
    rows: dict[str, list[int]] = {}
    for number, task in enumerate(tasks):
        for name in dict.fromkeys(task.nodes):
            rows.setdefault(name, []).append(number)
    return tuple((name, np.array(rows[name], dtype=np.int64)) for name in sorted(rows))
