"""Medians of sorted series without some of their values, against numpy's own of what is left."""

from __future__ import annotations

import numpy as np
import pytest

from recup_kg.deviation.blocks import median
from recup_kg.deviation.layout import Floats
from recup_kg.deviation.windows import Remaining


def remaining(values: Floats, parts: int) -> tuple[Remaining, list[Floats]]:
    """Runs x series without each part, and what is left of them."""
    order = np.argsort(values, axis=0, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(len(values))[:, None], axis=0)
    members = np.arange(len(values)).reshape(parts, -1)
    captured = ~np.isnan(values)
    ordered = np.take_along_axis(values, order, axis=0)
    left = [np.delete(values, part, axis=0) for part in members]
    return Remaining(ordered, ranks[members], captured, members), left


@pytest.mark.parametrize("parts", [2, 4, 12])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("digits", [0, 1, 9])
def test_medians_and_deviations_are_those_of_what_is_left(parts: int, share: float, digits: int) -> None:
    random = np.random.default_rng(parts)
    values = np.round(random.normal(0, 2, (12, 40)), digits)
    values[random.random(values.shape) < share] = np.nan
    found, left = remaining(values, parts)
    centre = found.medians()
    deviations = found.deviations(centre)
    for part, rest in enumerate(left):
        expected = median(rest.T[:, :, None])[:, 0]
        np.testing.assert_array_equal(centre[part], expected)
        apart = np.abs(rest - expected)
        np.testing.assert_array_equal(deviations[part], median(apart.T[:, :, None])[:, 0])
        np.testing.assert_array_equal(found.number[part], (~np.isnan(rest)).sum(axis=0))
