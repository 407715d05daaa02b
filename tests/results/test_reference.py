"""The pieces, buffers and short cuts of the measuring against one plain pass over all elements, for every numeric type."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from recup_kg.result_comparisons import Bound, Policy
from recup_kg.results import pairs
from recup_kg.results.compare import compare
from recup_kg.results.pairs import measure_pieces
from recup_kg.results.statistics import Statistics

FLOATS = ("f2", "f4", "f8", ">f4", ">f8", "g")
WHOLE = ("i1", "u1", "i2", "u4", "i8", "u8", ">i4", "?")
COMPLEX = ("c8", "c16")
BITS = {2: "i2", 4: "i4", 8: "i8"}
BOUNDS = st.builds(
    Bound,
    rtol=st.sampled_from([0.0, 1e-6, 0.1]),
    atol=st.sampled_from([0.0, 1e-9, 0.5, 3.0]),
    ulp=st.sampled_from([None, 0, 2]),
    nan=st.sampled_from(Policy),
    inf=st.sampled_from(Policy),
)
SPECIAL = (0.0, -0.0, math.nan, math.inf, -math.inf, 5e-324, -5e-324, 1e-300, 6e-8, 1.0, -1.0, 65504.0)


@st.composite
def columns(draw: st.DrawFn, kinds: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Two arrays of one type: mostly near each other, with special values mixed in."""
    dtype = np.dtype(draw(st.sampled_from(kinds)))
    size = draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    base = rng.standard_normal(size) * 10.0 ** rng.integers(-12, 5, size)
    if dtype.kind in "iub":
        a = rng.integers(0, 2, size).astype(dtype) if draw(st.booleans()) else _any(draw, dtype, size)
        b = np.where(rng.random(size) < 0.3, _any(draw, dtype, size), a)
        return a, b.astype(dtype)
    share = draw(st.sampled_from([0.0, 0.2, 0.9, 1.0]))
    with np.errstate(all="ignore"):
        noise = 10.0 ** rng.integers(-16, 0) * rng.standard_normal(size) * (rng.random(size) < share)
        a, b = base.astype(dtype), (base + noise).astype(dtype)
        for side in (a, b):
            for index in draw(st.lists(st.integers(0, size - 1), max_size=4)):
                side[index] = draw(st.sampled_from(SPECIAL))
            if dtype.kind == "c" and draw(st.booleans()):
                side.imag[draw(st.integers(0, size - 1))] = draw(st.sampled_from(SPECIAL))
    return a, b


def _any(draw: st.DrawFn, dtype: np.dtype, size: int) -> np.ndarray:
    return draw(arrays.arrays(dtype, size))


def plain(a: np.ndarray, b: np.ndarray, bound: Bound) -> dict[str, object]:
    """One pass over everything: as the documentation has it."""
    a, b = (side.astype(side.dtype.newbyteorder("=")) for side in (a, b))
    with np.errstate(all="ignore"):
        if a.dtype.kind in "iub":
            size = np.abs(b.astype(object) - a.astype(object))
            magnitude = np.abs(a.astype(object)).astype(float)
            finite, nan, inf = np.ones(a.size, bool), np.zeros((2, a.size), bool), np.zeros((2, a.size), bool)
        else:
            wide = a.dtype if a.dtype.itemsize >= 8 else np.dtype("f8")
            size = np.abs(b - a) if a.dtype.kind == "c" else np.abs(b.astype(wide) - a.astype(wide))
            magnitude = np.abs(a) if a.dtype.kind == "c" else np.abs(a.astype(wide))
            nan = np.stack([np.isnan(a), np.isnan(b)])
            inf = np.stack([np.isinf(a), np.isinf(b)]) & ~nan
            finite = ~(nan.any(0) | inf.any(0))
        out = np.array([not it for it in _near(size, magnitude, bound)], bool)
        ulp = _ulp(a, b) if a.dtype.kind == "f" and a.dtype.itemsize in BITS else None
        if ulp is not None and bound.ulp is not None:
            out &= np.array([distance > bound.ulp for distance in ulp], bool)
        same = _same(a, b)
        out[nan.any(0)] = True
        out[nan.all(0)] = bound.nan is Policy.DIFFERENT
        special = inf.any(0) & ~nan.any(0)
        out[special] = True
        out[special & (a == b)] = bound.inf is Policy.DIFFERENT
        sizes = size[finite].astype(float)
        wider = size[finite] if a.dtype.kind == "f" else sizes
        ratios = np.nan_to_num(wider / magnitude[finite], nan=0.0, posinf=math.inf)
        low_high = a[finite] if a.dtype.kind != "c" else magnitude[finite]
    return {
        "count": a.size,
        "identical": int(same.sum()),
        "out_of_bound": int(out.sum()),
        "compared": int(finite.sum()),
        "maximum_absolute": (int if size.dtype == object else float)(size[finite].max())
        if finite.any()
        else None,
        "maximum_relative": float(ratios.max()) if finite.any() else None,
        "maximum_ulp": max(np.array(ulp, object)[finite]) if ulp is not None and finite.any() else None,
        "sum_of_squares": float((sizes**2).sum()),
        "low": float(low_high.min()) if finite.any() else None,
        "high": float(low_high.max()) if finite.any() else None,
        "nan_reference": int(nan[0].sum()),
        "nan_other": int(nan[1].sum()),
        "nan_both": int(nan.all(0).sum()),
        "infinite_reference": int(inf[0].sum()),
        "infinite_other": int(inf[1].sum()),
        "first_out": int(out.argmax()) if out.any() else None,
        "first_unequal": int((~same).argmax()) if not same.all() else None,
    }


def _near(size: np.ndarray, magnitude: np.ndarray, bound: Bound) -> list[bool]:
    if size.dtype == object:
        return [one <= bound.atol + bound.rtol * two for one, two in zip(size, magnitude, strict=True)]
    return list(size <= bound.atol + bound.rtol * magnitude)


def _same(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    if a.dtype.kind == "f" and a.dtype.itemsize in BITS:
        return a.view(BITS[a.dtype.itemsize]) == b.view(BITS[b.dtype.itemsize])
    if a.dtype.kind == "f":
        return (a == b) & (np.signbit(a) == np.signbit(b)) | np.isnan(a) & np.isnan(b)
    return (a == b) | (np.isnan(a) & np.isnan(b) if a.dtype.kind == "c" else False)


def _ulp(a: np.ndarray, b: np.ndarray) -> list[int]:
    low = np.iinfo(BITS[a.dtype.itemsize]).min
    ranks = [
        [int(low) - bits if bits < 0 else bits for bits in side.view(BITS[side.dtype.itemsize]).tolist()]
        for side in (a, b)
    ]
    return [abs(x - y) for x, y in zip(*ranks, strict=True)]


def check(found: Statistics, a: np.ndarray, b: np.ndarray, bound: Bound) -> None:
    """Every figure; the sum of squares but for the order it is summed in."""
    for name, value in plain(a, b, bound).items():
        got = getattr(found, name)
        if name == "sum_of_squares":
            assert got == pytest.approx(value, rel=1e-9, abs=1e-300, nan_ok=True)
        else:
            assert (got.position if hasattr(got, "position") else got) == value, name


@settings(max_examples=600, deadline=None)
@given(columns((*FLOATS, *WHOLE, *COMPLEX)), BOUNDS, st.sampled_from([1, 16, 64, 1 << 19]))
@example((np.array([1.0, 0.0, 0.0]), np.array([1.0, 5e-324, -0.0])), Bound(rtol=0.1), 8)
@example((np.array([0.0, 1e-320]), np.array([0.0, 1e-321])), Bound(), 8)
def test_pieces_are_measured_as_one_plain_pass_measures_all(pair, bound, piece):
    a, b = pair
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "PIECE", piece)
        check(measure_pieces(a, b, 0, bound), a, b, bound)


@settings(max_examples=100, deadline=None)
@given(columns(("f2", "f4", "f8")), BOUNDS)
def test_the_worst_element_is_the_first_of_the_largest_difference(pair, bound):
    a, b = pair
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "PIECE", 24)
        found = measure_pieces(a, b, 0, bound)
    with np.errstate(all="ignore"):
        size = np.abs(b.astype(float) - a.astype(float))
    finite = np.isfinite(a) & np.isfinite(b)
    if found.worst is not None and math.isfinite(found.worst_size):
        assert found.worst.position == int(np.where(finite, size, -1).argmax())
        assert found.worst_size == size[found.worst.position]


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(["f4", "f8", ">f8", "i4", "c16"]), st.integers(0, 2**32 - 1), BOUNDS)
def test_files_that_are_read_ahead_are_measured_as_a_whole(tmp_path_factory, kind, seed, bound):
    rng = np.random.default_rng(seed)
    a = (1000 * rng.standard_normal(3000)).astype(kind)
    b = a.copy()
    index = rng.integers(0, 3000, 50)
    b[index] = (1000 * rng.standard_normal(50)).astype(kind)
    folder = tmp_path_factory.mktemp("pair")
    np.save(folder / "a.npy", a)
    np.save(folder / "b.npy", b)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "PIECE", 256)
        patch.setattr(pairs, "RANGE", 1024)
        (file,) = compare(folder / "a.npy", folder / "b.npy", bound, "1").files
    expected, got = plain(a, b, bound), file.variables[0].metrics
    assert (got.count, got.identical, got.out_of_bound) == (
        3000,
        expected["identical"],
        expected["out_of_bound"],
    )
    assert got.maximum_absolute == expected["maximum_absolute"]
    assert (got.maximum_relative, got.maximum_ulp) == (expected["maximum_relative"], expected["maximum_ulp"])
    first = expected["first_unequal"] if expected["first_out"] is None else expected["first_out"]
    assert got.first.where == f"[{first}]"
