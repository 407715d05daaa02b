"""What the references lead to expect of a task: the centre and spread of each measurement, robust and shrunken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recup_kg.deviation.layout import UNKNOWN, Floats, Integers, Layout, Table
from recup_kg.deviation.options import ScoreOptions

NORMAL = 1.4826
"""Median absolute deviation to standard deviation, of normally distributed values."""


@dataclass(frozen=True, slots=True)
class Model:
    """By key and measurement: median of logarithms, variance, how many references have it, degrees of freedom (`order`)."""

    centre: Floats
    variance: Floats
    count: Floats
    order: Floats

    def distances(self, table: Table) -> Floats:
        """z of each value: distance of the logarithm from the median over the spread; NaN where either was not captured."""
        unknown = table.keys == UNKNOWN
        keys = np.where(unknown, 0, table.keys)
        if not len(self.centre):
            return np.full(table.values.shape, np.nan)
        difference = table.values - self.centre[keys]
        spread = np.sqrt(self.variance[keys] + table.widths**2 / 6)
        found = difference / spread
        found[unknown] = np.nan
        return found


@dataclass(frozen=True, slots=True)
class Samples:
    """The values of all references below each other, and the run that each row is of."""

    values: Floats
    keys: Integers
    runs: Integers
    steps: Integers

    def without(self, runs: Integers) -> Samples:
        """All but the rows of these runs."""
        kept = ~np.isin(self.runs, runs)
        return Samples(self.values[kept], self.keys[kept], self.runs[kept], self.steps)


def samples(tables: Sequence[Table], layout: Layout) -> Samples:
    """The rows of all tables. `steps` is the step of each key (the first in order where a key has several)."""
    keys = np.concatenate([table.keys for table in tables])
    rows = np.concatenate([table.steps for table in tables])
    steps = np.full(len(layout.keys), len(layout.steps))
    np.minimum.at(steps, keys, rows)
    values = np.concatenate([table.values for table in tables])
    runs = np.repeat(np.arange(len(tables)), [len(table.keys) for table in tables])
    return Samples(values, keys, runs, steps)


def fit_model(found: Samples, options: ScoreOptions) -> Model:
    """Medians, and variances s^2 = (v0 s_type^2 + (n - 1) MAD^2) / (v0 + n - 1)."""
    centre, deviation, count = _robust(found)
    order = np.maximum(count - 1, 0)
    typical = _typical(deviation**2, order, found.steps, options)
    own = np.where(order > 0, deviation**2, 0.0)
    variance = (options.prior * typical + order * own) / (options.prior + order)
    return Model(centre, variance, count, order + options.prior)


def _robust(found: Samples) -> tuple[Floats, Floats, Floats]:
    """Median, normalised MAD and number of runs by key and measurement. Keys with as many rows are taken together."""
    number, width = len(found.steps), found.values.shape[1]
    centre, deviation = np.full((number, width), np.nan), np.full((number, width), np.nan)
    count = np.zeros((number, width))
    order = np.argsort(found.keys, kind="stable")
    keys, starts, sizes = np.unique(found.keys[order], return_index=True, return_counts=True)
    for size in np.unique(sizes):
        chosen = sizes == size
        rows = order[starts[chosen][:, None] + np.arange(size)]
        block = found.values[rows]
        centre[keys[chosen]] = _median(block)
        deviation[keys[chosen]] = NORMAL * _median(np.abs(block - centre[keys[chosen]][:, None, :]))
        count[keys[chosen]] = _runs_with(block, found.runs[rows])
    return centre, deviation, count


def _median(block: Floats) -> Floats:
    """The median along axis 1, of what is there: NaN are sorted to the end."""
    ordered = np.sort(block, axis=1)
    count = np.sum(~np.isnan(block), axis=1)
    low = np.take_along_axis(ordered, np.maximum(count - 1, 0)[:, None, :] // 2, axis=1)[:, 0, :]
    high = np.take_along_axis(ordered, (count // 2)[:, None, :].clip(max=block.shape[1] - 1), axis=1)[:, 0, :]
    found: Floats = np.where(count > 0, (low + high) / 2, np.nan)
    return found


def _runs_with(block: Floats, runs: Integers) -> Floats:
    """How many runs state the measurement: tasks of one run that share a key count once."""
    captured = ~np.isnan(block)
    if block.shape[1] == 1 or np.all(np.diff(runs, axis=1) > 0):
        return captured.sum(axis=1).astype(np.float64)
    found = np.zeros((block.shape[0], block.shape[2]))
    for run in np.unique(runs):
        found += (captured & (runs == run)[:, :, None]).any(axis=1)
    return found


def _typical(squares: Floats, order: Floats, steps: Integers, options: ScoreOptions) -> Floats:
    """The variance of the type of each task: the mean over its step, shrunken to the median over all tasks."""
    weight = np.where(np.isnan(squares), 0.0, order)
    known = np.where(weight > 0, squares, np.nan)
    captured = np.isfinite(known).any(axis=0)
    overall = np.full(squares.shape[1], options.spread**2)
    if captured.any():
        overall[captured] = np.maximum(np.nanmedian(known[:, captured], axis=0), (options.spread / 10) ** 2)
    number = int(steps.max()) + 1 if len(steps) else 0
    total, mass = np.zeros((number, squares.shape[1])), np.zeros((number, squares.shape[1]))
    np.add.at(total, steps, np.where(weight > 0, squares, 0.0) * weight)
    np.add.at(mass, steps, weight)
    typical = (options.prior * overall + total) / (options.prior + mass)
    found: Floats = typical[steps]
    return found
