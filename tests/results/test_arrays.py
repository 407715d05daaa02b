"""Elements against definitions that are written down one by one, for every type."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from recup_kg.result_comparisons import Bound, Policy
from recup_kg.results.exact import measure
from recup_kg.results.floats import ulp_distance
from recup_kg.results.pairs import measure_pieces
from recup_kg.results.statistics import Statistics

FLOATS = st.sampled_from([np.float16, np.float32, np.float64])
BOUNDS = st.builds(
    Bound,
    rtol=st.sampled_from([0.0, 1e-6, 0.1]),
    atol=st.sampled_from([0.0, 1e-9, 0.5, 3.0]),
    ulp=st.sampled_from([None, 0, 2]),
    nan=st.sampled_from(Policy),
    inf=st.sampled_from(Policy),
)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    dtype = draw(FLOATS)
    size = draw(st.integers(1, 20))
    a = draw(arrays.arrays(dtype, size))
    b = a.copy()
    for index in draw(st.lists(st.integers(0, size - 1), max_size=5)):
        kind = draw(st.sampled_from(["next", "any"]))
        with np.errstate(all="ignore"):
            b[index] = (
                np.nextafter(b[index], dtype(np.inf))
                if kind == "next"
                else draw(arrays.from_dtype(np.dtype(dtype)))
            )
    return a, b


def steps(x: np.floating, y: np.floating) -> int:
    """ULP distance by the definition: numbers counted by their bits, on both sides of zero."""
    width = x.dtype.itemsize

    def rank(value: np.floating) -> int:
        bits = int.from_bytes(value.tobytes(), sys.byteorder)
        return -(bits - (1 << 8 * width - 1)) if bits >> (8 * width - 1) else bits

    return abs(rank(x) - rank(y))


def agrees(x: np.floating, y: np.floating, bound: Bound) -> bool:
    if math.isnan(x) or math.isnan(y):
        return bool(math.isnan(x) and math.isnan(y) and bound.nan is Policy.EQUAL)
    if math.isinf(x) or math.isinf(y):
        return bool(x == y and bound.inf is Policy.EQUAL)
    with np.errstate(over="ignore"):
        near = abs(float(y) - float(x)) <= bound.atol + bound.rtol * abs(float(x))
    return near or (bound.ulp is not None and steps(x, y) <= bound.ulp)


@settings(max_examples=300, deadline=None)
@given(pairs(), BOUNDS)
def test_floats_are_judged_by_the_definition(pair, bound):
    a, b = pair
    found = measure(a, b, 0, bound)
    out = [index for index in range(a.size) if not agrees(a[index], b[index], bound)]
    assert (found.count, found.out_of_bound) == (a.size, len(out))
    assert (found.first_out.position if found.first_out else None) == (out[0] if out else None)
    unequal = [index for index in range(a.size) if a[index].tobytes() != b[index].tobytes()]
    assert found.identical == a.size - len(unequal)
    assert (found.first_unequal.position if found.first_unequal else None) == (
        unequal[0] if unequal else None
    )
    finite = [index for index in range(a.size) if math.isfinite(a[index]) and math.isfinite(b[index])]
    assert found.maximum_ulp == (max((steps(a[i], b[i]) for i in finite), default=None) if finite else None)
    if finite:
        assert found.maximum_absolute == max(abs(float(b[i]) - float(a[i])) for i in finite)
    assert found.nan_reference == np.isnan(a).sum()
    assert found.nan_other == np.isnan(b).sum()


@settings(max_examples=150, deadline=None)
@given(pairs(), BOUNDS, st.integers(1, 20))
def test_pieces_add_up_to_the_whole(pair, bound, cut):
    a, b = pair
    whole = measure(a, b, 0, bound)
    total = Statistics()
    starts = list(range(0, a.size, cut))
    for start in reversed(starts):
        total.add(measure(a[start : start + cut], b[start : start + cut], start, bound))
    for name in (
        "count",
        "identical",
        "out_of_bound",
        "maximum_absolute",
        "maximum_relative",
        "maximum_ulp",
        "low",
        "high",
    ):
        assert getattr(total, name) == getattr(whole, name)
    assert total.first_out == whole.first_out
    assert total.first_unequal == whole.first_unequal
    assert (total.worst is None) == (whole.worst is None)


@settings(max_examples=100, deadline=None)
@given(pairs(), st.sampled_from([0.0, 1e-9, 2.0]))
def test_absolute_bounds_are_symmetric(pair, atol):
    a, b = pair
    bound = Bound(atol=atol)
    assert measure(a, b, 0, bound).out_of_bound == measure(b, a, 0, bound).out_of_bound


@given(arrays.arrays(np.float64, st.integers(1, 30), elements=st.floats(-1e9, 1e9)), st.data())
def test_as_numpy_says(a, data):
    b = a + data.draw(arrays.arrays(np.float64, a.size, elements=st.sampled_from([0.0, 1e-9, -1e-3])))
    for rtol, atol in ((1e-9, 0.0), (0.0, 1e-6), (1e-6, 1e-8)):
        assert (measure(a, b, 0, Bound(rtol, atol)).out_of_bound == 0) == np.allclose(b, a, rtol, atol)


def test_the_bound_is_relative_to_the_reference():
    one, two = np.array([100.0]), np.array([111.0])
    assert measure(one, two, 0, Bound(rtol=0.1)).out_of_bound == 1
    assert measure(two, one, 0, Bound(rtol=0.1)).out_of_bound == 0


@given(
    st.sampled_from([np.int8, np.uint8, np.int64, np.uint64]),
    st.sampled_from([np.int32, np.int64, np.uint64]),
    st.data(),
)
def test_whole_numbers_are_exact(one, two, data):
    size = data.draw(st.integers(1, 8))
    a = data.draw(arrays.arrays(one, size))
    b = data.draw(arrays.arrays(two, size))
    found = measure(a, b, 0, Bound())
    distances = [abs(int(y) - int(x)) for x, y in zip(a, b, strict=True)]
    assert found.maximum_absolute == max(distances)
    assert found.out_of_bound == sum(distance > 0 for distance in distances)


def test_neighbours_among_64_bit_integers_differ():
    a = np.array([2**63 - 1, 2**53], np.int64)
    found = measure(a, a - np.array([1, -1]), 0, Bound())
    assert (found.out_of_bound, found.maximum_absolute) == (2, 1)
    assert measure(a, a - np.array([1, -1]), 0, Bound(atol=1)).out_of_bound == 0
    huge = np.array([2**64 - 1], np.uint64)
    assert measure(huge, huge - np.uint64(1), 0, Bound(rtol=1e-30)).out_of_bound == 1
    assert measure(np.array([-1]), huge, 0, Bound()).maximum_absolute == 2**64


def test_an_integer_that_no_double_holds_is_told_from_one():
    found = measure(np.array([2**53 + 1]), np.array([2.0**53]), 0, Bound())
    assert (found.out_of_bound, found.maximum_absolute) == (1, 1.0)
    assert measure(np.array([3, 4]), np.array([3.0, 4.0]), 0, Bound()).out_of_bound == 0


def test_complex_numbers_by_modulus():
    a = np.array([1 + 1j, 3 + 4j, complex("nan")])
    b = np.array([1 + 1j, 0j, complex("nan")])
    found = measure(a, b, 0, Bound(atol=4.9))
    assert (found.out_of_bound, found.maximum_absolute, found.nan_both) == (1, 5.0, 1)
    assert found.first_out.position == 1
    assert measure(a, b, 0, Bound(atol=5)).out_of_bound == 0
    assert measure(a, b, 0, Bound(atol=5, nan=Policy.DIFFERENT)).out_of_bound == 1


def test_a_complex_number_that_is_infinite_on_one_side_only_never_agrees():
    a = np.array([complex("inf"), complex("inf"), 1j])
    b = np.array([1 + 0j, complex("-inf"), 1j])
    for bound in (Bound(rtol=0.5), Bound(atol=9, rtol=1)):
        assert measure(a, b, 0, bound).out_of_bound == 2


def test_times_in_their_finer_unit():
    a = np.array(["2026-01-01", "2026-01-02", "NaT"], "datetime64[D]")
    b = np.array(["2026-01-01T00:00:01", "2026-01-02T00:00:00", "NaT"], "datetime64[s]")
    found = measure(a, b, 0, Bound())
    assert (found.out_of_bound, found.maximum_absolute, found.nan_both) == (1, 1, 1)
    assert found.first_out.position == 0
    assert measure(a, b, 0, Bound(atol=1)).out_of_bound == 0
    assert measure(a, b, 0, Bound(atol=1, nan=Policy.DIFFERENT)).out_of_bound == 1


@pytest.mark.parametrize(
    ("a", "b", "out"),
    [
        (np.array([True, False]), np.array([True, True]), 1),
        (np.array(["a", "bc"]), np.array(["a", "bd"]), 1),
        (np.array([b"a", b"b"]), np.array([b"a", b"b"]), 0),
        (np.array(["1", "2"]), np.array([1, 2]), 2),
    ],
)
def test_what_has_no_distance_is_equal_or_not(a, b, out):
    assert measure(a, b, 0, Bound(atol=0.5)).out_of_bound == out


def test_byte_order_changes_nothing():
    a = np.array([1.5, 2.5])
    assert measure(a.astype(">f8"), a, 0, Bound()).identical == 2


def test_the_moments_are_those_of_the_differences():
    rng = np.random.default_rng(3)
    a = rng.standard_normal(1000)
    b = a + 0.01 * rng.standard_normal(1000)
    found = Statistics()
    for start in range(0, 1000, 77):
        found.add(measure(a[start : start + 77], b[start : start + 77], start, Bound(theta=1.0)))
    difference = b - a
    assert found.mean == pytest.approx(difference.mean(), rel=1e-9)
    assert found.squares / 999 == pytest.approx(difference.var(ddof=1), rel=1e-9)
    assert found.rmse == pytest.approx(np.sqrt(np.mean(difference**2)))
    assert found.nrmse == pytest.approx(found.rmse / np.ptp(a))
    assert found.psnr == pytest.approx(-20 * math.log10(found.nrmse))


def test_distances_across_zero():
    a = np.array([-0.0, 5e-324, 1.0])
    assert ulp_distance(a, np.array([0.0, -5e-324, 1.0 + 2**-52])).tolist() == [0, 2, 1]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["1", "1.0", "2", "x", "", "9007199254740993", "nan"]), min_size=1, max_size=8),
    st.data(),
)
def test_cells_are_compared_as_numbers_where_both_are(texts, data):
    others = data.draw(st.lists(st.sampled_from(texts), min_size=len(texts), max_size=len(texts)))
    a, b = (np.array(side, object) for side in (texts, others))
    found = measure_pieces(a, b, 0, Bound())

    def differs(x: str, y: str) -> bool:
        return x != y and not {x, y} <= {"1", "1.0"}

    wrong = [index for index, (x, y) in enumerate(zip(texts, others, strict=True)) if differs(x, y)]
    assert found.out_of_bound == len(wrong)
    assert (found.first_out.position if found.first_out else None) == (wrong[0] if wrong else None)
    assert found.identical == sum(x == y for x, y in zip(texts, others, strict=True))
