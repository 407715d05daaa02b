"""Screening in many rounds: the mean evidence of references, each against the others, without a model for each part of them.

Where no two tasks of a run share a key, the values of references lie side by side: a row for each run, a column for each
key and measurement (a series). Sorted once, all parts' medians follow from ranks, and median deviations from a binary
search of the window around the median; only sums are made again for each part. The numbers are those of `fit_model` and
`weigh`, bit for bit: sums are added in the same order, and what is left out adds 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

import numpy as np

from recup_kg.deviation.evidence import evidence, student
from recup_kg.deviation.layout import Booleans, Floats, Integers, Layout, Table
from recup_kg.deviation.model import NORMAL, ROUNDING, shrunken, typical_variance, usual_variance
from recup_kg.deviation.options import ScoreOptions
from recup_kg.deviation.screening import mean_of
from recup_kg.deviation.windows import Remaining

_Orders: TypeAlias = tuple[Integers, ...]


@dataclass(frozen=True, slots=True)
class Stack:
    """Values, and steps of the clock, by run and series; the values sorted by series, and the rank of each in it.

    `places` are those of the series among all keys and measurements (`columns`), `steps` those of the keys. The first
    `complete` series lack nothing. `orders` are the series of each run in the order of its tasks. `marks` are what the
    layout needs a run for: keys, steps and smallest values.
    """

    values: Floats
    widths: Floats
    ordered: Floats
    ranks: Integers
    places: Integers
    columns: int
    steps: Integers
    complete: int
    orders: _Orders
    marks: Booleans

    def needed(self, run: int) -> bool:
        """Whether the layout is another one without this run."""
        alone = self.marks.sum(axis=0) == 1
        return bool((self.marks[run] & alone).any())

    def without(self, run: int) -> Stack:
        """All but this run, which is not needed."""
        gone, places = self.ranks[run], np.arange(len(self.values) - 1)[:, None]
        ranks = np.delete(self.ranks, run, axis=0)
        return Stack(
            np.delete(self.values, run, axis=0),
            np.delete(self.widths, run, axis=0),
            np.take_along_axis(self.ordered, places + (places >= gone), axis=0),
            ranks - (ranks > gone),
            self.places,
            self.columns,
            self.steps,
            self.complete,
            (*self.orders[:run], *self.orders[run + 1 :]),
            np.delete(self.marks, run, axis=0),
        )

    def means(self, options: ScoreOptions) -> Floats:
        """The mean evidence of each run against the others."""
        number = len(self.values)
        found = np.zeros(number)
        parts = np.array_split(np.arange(number), min(number, options.folds))
        for _, alike in groupby(parts, key=len):
            members = np.array(list(alike))
            found[members.ravel()] = self._means(members, options)
        return found

    def _means(self, members: Integers, options: ScoreOptions) -> Floats:
        """The same of the runs of parts (parts x runs) of one size."""
        centre, variance, order = self._models(members, options)
        widths = self.widths[members]
        distances = (self.values[members] - centre[:, None, :]) / np.sqrt(
            variance[:, None, :] + ROUNDING * widths**2
        )
        probability = student(distances, order[:, None, :] + options.prior)
        strength = evidence(probability, options.cap).reshape(-1, len(self.places))
        captured = ~np.isnan(distances).reshape(strength.shape)
        tasks = self._tasks(captured)
        return np.array(
            [
                mean_of(one[own][known[own]], int(count))
                for one, known, count, own in zip(
                    strength, captured, tasks, (self.orders[run] for run in members.ravel()), strict=True
                )
            ]
        )

    def _tasks(self, captured: Booleans) -> Integers:
        """How many tasks of each run have a value."""
        whole = np.zeros((len(captured), len(self.steps) * self.columns), dtype=np.bool_)
        whole[:, self.places] = captured
        found: Integers = whole.reshape(len(captured), -1, self.columns).any(axis=2).sum(axis=1)
        return found

    def _models(self, members: Integers, options: ScoreOptions) -> tuple[Floats, Floats, Floats]:
        """Centre, variance and n - 1 by part and series, each from the runs that are not in the part."""
        left = Remaining(self.ordered, self.ranks[members], ~np.isnan(self.values), members)
        centre = left.medians()
        mad = NORMAL * left.deviations(centre)
        order = np.maximum(left.number - 1, 0).astype(np.float64)
        plain = self._sums(members, centre, None) / np.maximum(order, 1)
        of_keys = self._by_key(order)
        usual = usual_variance(self._by_key(plain), of_keys, options)
        by_series = usual.reshape(len(members), self.columns)[:, self.places % self.columns]
        first = shrunken(by_series, np.nan_to_num(mad) ** 2, order, options)
        cut = self._sums(members, centre, options.bound * np.sqrt(first)) / np.maximum(order, 1)
        typical = typical_variance(self._by_key(cut), of_keys, self.steps, options)
        return centre, shrunken(self._by_series(typical), cut, order, options), order

    def _sums(self, members: Integers, centre: Floats, bounds: Floats | None) -> Floats:
        """The sums of squared deviations, each cut off at its bound, of the runs outside of each part."""
        found = np.empty(centre.shape)
        unknown = np.isnan(self.values[:, self.complete :])
        incomplete = slice(self.complete, None)
        deviation = np.empty(self.values.shape)
        for part, runs in enumerate(members):
            np.subtract(self.values, centre[part], out=deviation)
            np.copyto(deviation[:, incomplete], 0.0, where=unknown)
            deviation[runs[0] : runs[-1] + 1] = 0.0
            if bounds is not None:
                np.abs(deviation, out=deviation)
                np.minimum(deviation, bounds[part], out=deviation)
            np.multiply(deviation, deviation, out=deviation)
            deviation.sum(axis=0, out=found[part])
        return found

    def _by_key(self, found: Floats) -> Floats:
        """From parts x series to keys x (parts x measurements): 0 where there is no series."""
        whole = np.zeros((len(found), len(self.steps) * self.columns))
        whole[:, self.places] = found
        shape = (len(found), len(self.steps), self.columns)
        return whole.reshape(shape).transpose(1, 0, 2).reshape(len(self.steps), -1)

    def _by_series(self, found: Floats) -> Floats:
        """The way back."""
        whole = found.reshape(len(self.steps), -1, self.columns).transpose(1, 0, 2)
        return whole.reshape(whole.shape[0], -1)[:, self.places]


def stacked(tables: Sequence[Table], layout: Layout) -> Stack | None:
    """The references side by side; None where tasks of one share a key, or a key has several steps.

    Of a single measurement NumPy adds in another order: it is left to `fit_model` as well.
    """
    shape = (len(tables), len(layout.keys), len(layout.columns))
    steps = _steps(tables, layout)
    if steps is None or shape[2] < 2:
        return None
    values, widths = np.full(shape, np.nan), np.full(shape, np.nan)
    for run, table in enumerate(tables):
        values[run, table.keys], widths[run, table.keys] = table.values, table.widths
    flat = values.reshape(shape[0], -1)
    captured = (~np.isnan(flat)).sum(axis=0)
    complete = captured == len(tables)
    places = np.concatenate([np.flatnonzero(complete), np.flatnonzero((captured > 0) & ~complete)])
    series = flat[:, places]
    sorting = np.argsort(series, axis=0, kind="stable")
    ranks = np.empty_like(sorting)
    np.put_along_axis(ranks, sorting, np.arange(len(tables))[:, None], axis=0)
    return Stack(
        series,
        widths.reshape(shape[0], -1)[:, places],
        np.take_along_axis(series, sorting, axis=0),
        ranks,
        places,
        shape[2],
        steps,
        int(complete.sum()),
        _orders(tables, places, shape),
        _marks(tables, layout),
    )


def _steps(tables: Sequence[Table], layout: Layout) -> Integers | None:
    """The step of each key; None where a key has several, or tasks of one run share it."""
    found = np.full(len(layout.keys), -1)
    for table in tables:
        known = found[table.keys]
        if len(np.unique(table.keys)) < len(table.keys) or ((known >= 0) & (known != table.steps)).any():
            return None
        found[table.keys] = table.steps
    return found


def _orders(tables: Sequence[Table], places: Integers, shape: tuple[int, int, int]) -> _Orders:
    series = np.full(shape[1] * shape[2], -1)
    series[places] = np.arange(len(places))
    found = (series.reshape(shape[1:])[table.keys].ravel() for table in tables)
    return tuple(own[own >= 0] for own in found)


def _marks(tables: Sequence[Table], layout: Layout) -> Booleans:
    """By run: which keys and steps it has, and of which measurements without a resolution it has the smallest value."""
    keys = np.zeros((len(tables), len(layout.keys)), dtype=np.bool_)
    steps = np.zeros((len(tables), len(layout.steps)), dtype=np.bool_)
    smallest = np.full((len(tables), len(layout.columns)), np.inf)
    for run, table in enumerate(tables):
        keys[run, table.keys] = steps[run, table.steps] = True
        smallest[run] = np.where(table.raw > 0, table.raw, np.inf).min(axis=0, initial=np.inf)
    exact = np.array([column.resolution <= 0 for column in layout.columns])
    lowest = exact & np.isfinite(smallest) & (smallest == smallest.min(axis=0))
    return np.concatenate([keys, steps, lowest], axis=1)
