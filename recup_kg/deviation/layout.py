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
_DURATIONS = frozenset(("ns", "us", "µs", "ms", "s", "min", "h"))


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks (rows) that share a node. `within` is the place of the smallest group that holds more: the node's machine."""

    name: str
    rows: Integers
    within: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """The tasks of a run: index of key and step (-1 where no reference has it), values as stated (`raw`)
    and their logarithms. `widths` are steps of the clock relative to the values. `refused` counts the values of each
    measurement that have no logarithm.
    """

    keys: Integers
    steps: Integers
    raw: Floats
    values: Floats
    widths: Floats
    groups: tuple[Group, ...]
    refused: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """Which row and column is what.

    `floors` are the smallest values that are told apart from 0, in the measurement's unit. `local` are the columns of times
    that a task spends on its node.
    """

    keys: Mapping[str, int]
    steps: Mapping[str, int]
    columns: tuple[Measurement, ...]
    floors: Floats
    local: Booleans

    def same(self, other: Layout) -> bool:
        """Whether a run has the same table in both, of the same measurements."""
        return (
            self.keys == other.keys
            and self.steps == other.steps
            and bool(np.array_equal(self.floors, other.floors))
        )

    def table(self, run: MeasuredRun) -> Table:
        """The values of a run, in logarithms of value + resolution."""
        raw = _raw(run.tasks, self.columns)
        refused = (raw < 0) | np.isinf(raw)
        raw[refused] = np.nan
        resolutions = np.array([column.resolution for column in self.columns])
        shifted = np.maximum(raw + resolutions, self.floors)
        counts = zip(self.columns, refused.sum(axis=0), strict=True)
        return Table(
            np.array([self.keys.get(task.key, UNKNOWN) for task in run.tasks], dtype=np.int64),
            np.array([self.steps.get(task.step, UNKNOWN) for task in run.tasks], dtype=np.int64),
            raw,
            np.log(shifted),
            resolutions / shifted,
            _groups(run.tasks),
            tuple((column.label, int(count)) for column, count in counts if count),
        )


def layout(
    runs: Sequence[MeasuredRun], measurements: Mapping[str, Measurement], elsewhere: frozenset[str]
) -> Layout:
    """The keys, steps and measurements of the references, each in a fixed order that doesn't depend on that of the runs."""
    columns = tuple(measurements[iri] for iri in sorted(measurements))
    tasks = [task for run in runs for task in run.tasks]
    return Layout(
        {key: number for number, key in enumerate(sorted({task.key for task in tasks}))},
        {step: number for number, step in enumerate(sorted({task.step for task in tasks}))},
        columns,
        _floors(tasks, columns),
        np.array(
            [column.unit in _DURATIONS and column.iri not in elsewhere for column in columns], dtype=np.bool_
        ),
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


def _groups(tasks: Sequence[MeasuredTask]) -> tuple[Group, ...]:
    rows: dict[str, list[int]] = {}
    for number, task in enumerate(tasks):
        for name in dict.fromkeys(task.nodes):
            rows.setdefault(name, []).append(number)
    names = sorted(rows)
    sets = [frozenset(rows[name]) for name in names]
    within = [_within(number, names, sets, tasks) for number in range(len(names))]
    found = zip(names, within, strict=True)
    return tuple(Group(name, np.array(rows[name], dtype=np.int64), outer) for name, outer in found)


def _within(
    number: int, names: Sequence[str], sets: Sequence[frozenset[int]], tasks: Sequence[MeasuredTask]
) -> int | None:
    """The smallest other group that has all of these tasks and more."""
    places = {name: place for place, name in enumerate(names)}
    shared = (places[name] for name in tasks[min(sets[number])].nodes)
    outer = [place for place in shared if sets[number] < sets[place]]
    return min(outer, key=lambda place: (len(sets[place]), names[place]), default=None)
