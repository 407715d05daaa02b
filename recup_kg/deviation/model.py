"""What the references lead to expect of a task: the centre and spread of each measurement, robust and shrunken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recup_kg.deviation.blocks import blocks, median
from recup_kg.deviation.layout import UNKNOWN, Floats, Integers, Layout, Table
from recup_kg.deviation.options import ScoreOptions

NORMAL = 1.4826
"""Median absolute deviation to standard deviation, of normally distributed values."""
ROUNDING = 1 / 3
"""Variance, in squared steps of the clock, of the difference of two durations whose starts and ends are all rounded: 4 / 12."""
_LEAST = 0.01
"""The smallest relative spread that is believed of a measurement as a whole."""


@dataclass(frozen=True, slots=True)
class Model:
    """By key and measurement: median of logarithms, variance, how many references have it, degrees of freedom (`order`)."""

    centre: Floats
    variance: Floats
    count: Floats
    order: Floats

    def distances(self, table: Table) -> Floats:
        """z of each value: distance of the logarithm from the median over the spread; NaN where either was not captured."""
        if not len(self.centre):
            return np.full(table.values.shape, np.nan)
        keys = np.maximum(table.keys, 0)
        difference = table.values - self.centre[keys]
        spread = np.sqrt(self.variance[keys] + ROUNDING * table.widths**2)
        found: Floats = difference / spread
        found[table.keys == UNKNOWN] = np.nan
        return found

    def orders(self, table: Table) -> Floats:
        """The degrees of freedom of each value."""
        if not len(self.order):
            return np.ones(table.values.shape)
        return self.order[np.maximum(table.keys, 0)]


@dataclass(frozen=True, slots=True)
class Samples:
    """The values of all references below each other, the run and key that each row is of, and the step of each key."""

    values: Floats
    keys: Integers
    runs: Integers
    steps: Integers

    def without(self, runs: Integers) -> Samples:
        """All but the rows of these runs."""
        kept = ~np.isin(self.runs, runs)
        return Samples(self.values[kept], self.keys[kept], self.runs[kept], self.steps)


def samples(tables: Sequence[Table], layout: Layout) -> Samples:
    """The rows of all tables. Of a key that has several steps, the first in order is taken."""
    keys = np.concatenate([table.keys for table in tables])
    rows = np.concatenate([table.steps for table in tables])
    steps = np.full(len(layout.keys), len(layout.steps))
    np.minimum.at(steps, keys, rows)
    values = np.concatenate([table.values for table in tables])
    runs = np.repeat(np.arange(len(tables)), [len(table.keys) for table in tables])
    return Samples(values, keys, runs, steps)


def fit_model(found: Samples, options: ScoreOptions) -> Model:
    """Medians, and variances s^2 = floor^2 + (v0 s_type^2 + (n - 1) s_n^2) / (v0 + n - 1).

    s_n^2 is the sum of squared deviations from the median over n - 1, each cut off at `bound` first estimates of the
    spread: those come from the MAD, shrunken alike to the usual variance of the measurement.
    """
    parts = blocks(found.keys)
    shape = (len(found.steps), found.values.shape[1])
    centre, mad, plain = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape, np.nan)
    count, order = np.zeros(shape), np.zeros(shape)
    for keys, rows in parts:
        block = found.values[rows]
        centre[keys] = median(block)
        deviation = np.abs(block - centre[keys][:, None, :])
        mad[keys] = NORMAL * median(deviation)
        order[keys] = np.maximum(np.sum(~np.isnan(block), axis=1) - 1, 0)
        plain[keys] = np.nansum(deviation**2, axis=1) / np.maximum(order[keys], 1)
        count[keys] = _runs_with(block, found.runs[rows])
    usual = usual_variance(plain, order, options)
    first = shrunken(usual, np.nan_to_num(mad) ** 2, order, options)
    cut = np.zeros(shape)
    for keys, rows in parts:
        deviation = np.abs(found.values[rows] - centre[keys][:, None, :])
        bounded = np.minimum(deviation, options.bound * np.sqrt(first[keys])[:, None, :])
        cut[keys] = np.nansum(bounded**2, axis=1) / np.maximum(order[keys], 1)
    typical = typical_variance(cut, order, found.steps, options)
    return Model(centre, shrunken(typical, cut, order, options), count, order + options.prior)


def shrunken(typical: Floats, own: Floats, order: Floats, options: ScoreOptions) -> Floats:
    """The own variance, of n - 1 = `order`, and the typical one, which counts as `prior`; and the smallest."""
    found: Floats = (options.prior * typical + order * own) / (options.prior + order) + options.floor**2
    return found


def _runs_with(block: Floats, runs: Integers) -> Floats:
    """How many runs state the measurement: tasks of one run that share a key count once."""
    captured = ~np.isnan(block)
    if block.shape[1] == 1 or np.all(np.diff(runs, axis=1) > 0):
        return np.asarray(captured.sum(axis=1), dtype=np.float64)
    found = np.zeros((block.shape[0], block.shape[2]))
    for run in np.unique(runs):
        found += (captured & (runs == run)[:, :, None]).any(axis=1)
    return found


def usual_variance(variance: Floats, order: Floats, options: ScoreOptions) -> Floats:
    """The median variance of each measurement over all keys; that of the assumed spread where no key has two values."""
    known = np.where(order > 0, variance, np.nan)
    captured = np.isfinite(known).any(axis=0)
    found = np.full(variance.shape[1], options.spread**2)
    if captured.any():
        found[captured] = np.maximum(_middle(known[:, captured]), _LEAST**2)
    return found


def _middle(known: Floats) -> Floats:
    """The median of each column of what is not NaN: each has something. Many times faster than numpy.nanmedian."""
    ordered, number = np.sort(known, axis=0), np.sum(~np.isnan(known), axis=0)
    low = np.take_along_axis(ordered, ((number - 1) // 2)[None, :], axis=0)[0]
    high = np.take_along_axis(ordered, (number // 2)[None, :], axis=0)[0]
    found: Floats = (low + high) / 2
    return found


def typical_variance(variance: Floats, order: Floats, steps: Integers, options: ScoreOptions) -> Floats:
    """The variance of the type of each task: the mean over its step, shrunken to what is usual of the measurement."""
    usual = usual_variance(variance, order, options)
    number = int(steps.max(initial=-1)) + 1
    total, mass = np.zeros((number, len(usual))), np.zeros((number, len(usual)))
    np.add.at(total, steps, np.where(order > 0, variance, 0.0) * order)
    np.add.at(mass, steps, order)
    found: Floats = ((options.prior * usual + total) / (options.prior + mass))[steps]
    return found
