"""Summaries of what was measured of each task of the references, in the units of the measurements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recup_kg.deviation.blocks import blocks, median, quantiles
from recup_kg.deviation.layout import Floats, Layout, Table
from recup_kg.deviation.model import NORMAL, Model


@dataclass(frozen=True, slots=True)
class Statistic:
    """A measurement of the tasks with a key, in `n` references that have it: in its `unit`, but for `centre` and `spread`.

    `mad` is 1.4826 times the median absolute deviation, `low` and `high` the quartiles. Scores follow from `centre` (median of
    the logarithms of value + `resolution`), `spread` (relative standard deviation, shrunken) and `order` (degrees of freedom):
    z = (log(value + resolution) - centre) / sqrt(spread^2 + (resolution / (value + resolution))^2 / 3).
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
    centre: float
    order: float
    resolution: float


@dataclass(frozen=True, slots=True)
class Summary:
    """By key and measurement, NaN where no reference has it."""

    minimum: Floats
    low: Floats
    median: Floats
    high: Floats
    maximum: Floats
    mad: Floats


def summarise(tables: Sequence[Table], layout: Layout) -> Summary:
    """Order statistics of the values of all references."""
    shape = (len(layout.keys), len(layout.columns))
    minimum, low, middle, high, maximum, mad = (np.full(shape, np.nan) for _ in range(6))
    raw = np.concatenate([table.raw for table in tables])
    for keys, rows in blocks(np.concatenate([table.keys for table in tables])):
        block = raw[rows]
        found = quantiles(block, (0.0, 0.25, 0.5, 0.75, 1.0))
        minimum[keys], low[keys], middle[keys], high[keys], maximum[keys] = found
        mad[keys] = NORMAL * median(np.abs(block - middle[keys][:, None, :]))
    return Summary(minimum, low, middle, high, maximum, mad)


def statistics(layout: Layout, model: Model, summary: Summary) -> tuple[Statistic, ...]:
    """One for each key and measurement that a reference has, by key and IRI of the measurement."""
    keys = list(layout.keys)
    return tuple(
        Statistic(
            keys[row],
            layout.columns[column].iri,
            layout.columns[column].label,
            layout.columns[column].unit,
            int(model.count[row, column]),
            float(summary.median[row, column]),
            float(summary.mad[row, column]),
            float(summary.low[row, column]),
            float(summary.high[row, column]),
            float(summary.minimum[row, column]),
            float(summary.maximum[row, column]),
            float(np.sqrt(model.variance[row, column])),
            float(model.centre[row, column]),
            float(model.order[row, column]),
            layout.columns[column].resolution,
        )
        for row, column in np.argwhere(model.count > 0)
    )
