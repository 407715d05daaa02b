"""Order statistics of many samples at once."""

from __future__ import annotations

import numpy as np

from recup_kg.deviation.layout import Floats, Integers


def blocks(keys: Integers) -> list[tuple[Integers, Integers]]:
    """Keys that have as many rows (k), with the rows of each (k x n): samples of one size can be computed at once."""
    order = np.argsort(keys, kind="stable")
    found, starts, sizes = np.unique(keys[order], return_index=True, return_counts=True)
    return [
        (found[sizes == size], order[starts[sizes == size][:, None] + np.arange(size)])
        for size in np.unique(sizes)
    ]


def quantiles(block: Floats, shares: tuple[float, ...]) -> tuple[Floats, ...]:
    """Quantiles along axis 1 of what is not NaN, linear between values; NaN where nothing is there."""
    ordered = np.sort(block, axis=1)
    last = np.sum(~np.isnan(block), axis=1) - 1
    return tuple(_quantile(ordered, last, share) for share in shares)


def median(block: Floats) -> Floats:
    """The median along axis 1 of what is not NaN; NaN where nothing is there."""
    (found,) = quantiles(block, (0.5,))
    return found


def _quantile(ordered: Floats, last: Integers, share: float) -> Floats:
    """NaN were sorted to the end: `last` is the place of the last value before them, -1 where there is none."""
    place = np.maximum(last, 0) * share
    low, high = np.floor(place).astype(np.int64), np.ceil(place).astype(np.int64)
    left = np.take_along_axis(ordered, low[:, None, :], axis=1)[:, 0, :]
    right = np.take_along_axis(ordered, high[:, None, :], axis=1)[:, 0, :]
    found: Floats = np.where(last >= 0, left + (right - left) * (place - low), np.nan)
    return found
