"""Order statistics of many samples at once are those of numpy."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recup_kg.deviation.blocks import blocks, median, quantiles

SAMPLE = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=1, max_size=9)


@given(SAMPLE)
def test_quantiles_leave_out_what_is_missing(given_values: list[float | None]) -> None:
    sample = np.array([np.nan if value is None else value for value in given_values])
    shares = (0.0, 0.25, 0.5, 0.75, 1.0)
    found = [float(one[0, 0]) for one in quantiles(sample[None, :, None], shares)]
    if np.isnan(sample).all():
        assert np.isnan(found).all()
    else:
        np.testing.assert_allclose(found, np.nanquantile(sample, shares), atol=1e-9)
    np.testing.assert_allclose(median(sample[None, :, None])[0, 0], found[2])


@given(st.lists(st.integers(0, 6), max_size=30))
def test_blocks_hold_every_row_once(given_keys: list[int]) -> None:
    keys = np.array(given_keys, dtype=np.int64)
    rows = [row for _, block in blocks(keys) for row in block.ravel()]
    assert sorted(rows) == list(range(len(keys)))
    for found, block in blocks(keys):
        assert block.shape[0] == len(found)
        assert all((keys[row] == key).all() for key, row in zip(found, block, strict=True))
