"""Floating-point elements: differences, ULP distances, NaN and infinities by the policy that is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from recup_kg.result_comparisons import Bound, Policy
from recup_kg.results.blocks import Array
from recup_kg.results.statistics import Spot, Statistics

_BITS: dict[int, type[np.signedinteger[Any]]] = {2: np.int16, 4: np.int32, 8: np.int64}
_CLOSE = 1 - 2.0**-48
"""Below this share of rtol a rounded quotient can't hide an element that is out of bound."""


def measure_floats(a: Array, b: Array, start: int, bound: Bound) -> Statistics:
    """What two pieces of one floating-point type in native byte order differ by; `a` is the reference.

    |b - a| <= atol + rtol |a| as in NumPy's `allclose`, with the reference on the right-hand side.
    """
    same = _same_bits(a, b)
    identical = int(np.count_nonzero(same))
    low, high = float(a.min()), float(a.max())
    if np.isfinite(low) and np.isfinite(high):
        found = Statistics(count=a.size, identical=identical, compared=a.size, low=low, high=high)
        if identical == a.size:
            return _nothing(found, a.dtype)
        size, biggest = _sizes(found, a, b, bound)
        if np.isfinite(size[biggest]):
            _unequal(found, same, a, b, start)
            _differences(found, a, b, size, biggest, None, start, bound)
            return found
    return _with_special(a, b, same, identical, start, bound)


def text_of(value: object) -> str:
    """A value as it is read back, without its type."""
    return str(value.item()) if isinstance(value, np.generic) else str(value)


def spot(a: Array, b: Array, index: int, start: int, position: int | None = None) -> Spot:
    """The element of both pieces; `position` is its flat position where that is not the index."""
    return Spot(start + (index if position is None else position), text_of(a[index]), text_of(b[index]))


def _same_bits(a: Array, b: Array) -> Array:
    if a.dtype.itemsize not in _BITS:
        same: Array = (a == b) & (np.signbit(a) == np.signbit(b)) | (np.isnan(a) & np.isnan(b))
        return same
    kind = _BITS[a.dtype.itemsize]
    equal: Array = a.view(kind) == b.view(kind)
    return equal


def _nothing(found: Statistics, dtype: np.dtype[np.generic]) -> Statistics:
    """Of elements that are all identical."""
    found.maximum_absolute = found.maximum_relative = 0.0
    found.maximum_ulp = 0 if dtype.itemsize in _BITS else None
    return found


def _unequal(found: Statistics, same: Array, a: Array, b: Array, start: int) -> None:
    found.first_unequal = spot(a, b, int(same.argmin()), start)


def _sizes(found: Statistics, a: Array, b: Array, bound: Bound) -> tuple[Array, int]:
    """The sizes of the differences, and the index of the largest one; or of one that is NaN, if there is any."""
    with np.errstate(all="ignore"):
        size: Array = np.subtract(b, a, dtype=np.float64 if a.dtype.itemsize < 8 else a.dtype)
        if bound.theta is not None:
            found.mean = float(size.mean())
            found.squares = float(np.square(size - found.mean).sum())
        np.abs(size, out=size)
    return size, int(size.argmax())


def _differences(
    found: Statistics,
    a: Array,
    b: Array,
    size: Array,
    biggest: int,
    positions: Array | None,
    start: int,
    bound: Bound,
) -> None:
    """Add what finite elements differ by; `positions` are theirs in the piece, None where they are all of it."""

    def place(index: int) -> Spot:
        return spot(a, b, index, start, index if positions is None else int(positions[index]))

    with np.errstate(all="ignore"):
        # einsum, not a product of BLAS, which would start threads inside of ours.
        found.sum_of_squares = float(np.einsum("i,i->", size, size))
        found.maximum_absolute = found.worst_size = float(size[biggest])
        magnitude = np.abs(a) if found.low is not None and found.low <= 0 else a
        ratio = size / magnitude
        most = _largest_ratio(found, ratio)
        if a.dtype.itemsize in _BITS:
            found.maximum_ulp = _largest_ulp(a, b, ratio, most)
        out = _out(size, magnitude, a, b, bound, found)
    if found.maximum_absolute:
        found.worst = place(biggest)
    if out is not None and (count := int(np.count_nonzero(out))):
        found.out_of_bound += count
        found.first_out = place(int(out.argmax()))


def _largest_ratio(found: Statistics, ratio: Array) -> int:
    """Where the largest relative difference is."""
    most = int(ratio.argmax())
    if np.isnan(ratio[most]):  # 0 / 0: zeros that are equal
        ratio[np.isnan(ratio)] = 0.0
        most = int(ratio.argmax())
    found.maximum_relative = float(ratio[most])
    return most


def _out(size: Array, magnitude: Array, a: Array, b: Array, bound: Bound, found: Statistics) -> Array | None:
    """Which elements are out of bound; None where none can be."""
    if found.maximum_absolute is not None and found.maximum_absolute <= bound.atol:
        return None
    if found.maximum_relative is not None and found.maximum_relative <= bound.rtol * _CLOSE:
        return None
    if bound.ulp is not None and found.maximum_ulp is not None and found.maximum_ulp <= bound.ulp:
        return None
    limit = bound.atol + bound.rtol * magnitude.astype(size.dtype, copy=False) if bound.rtol else bound.atol
    out: Array = size > limit
    if bound.ulp is not None and found.maximum_ulp is not None:
        out &= ulp_distance(a, b) > bound.ulp
    return out


def _largest_ulp(a: Array, b: Array, ratio: Array, most: int) -> int:
    """The largest ULP distance, computed only where it can be.

    With p digits and |b - a| < |a| / 2, no more than 2^(p+1) |b - a| / |a| numbers lie in between: the numbers around a and b are
    at least |a| / 2^(p+1) apart. So what the element with the largest ratio gives rules most others out.
    """
    digits = np.finfo(a.dtype).nmant + 1
    least = int(ulp_distance(a[most : most + 1], b[most : most + 1])[0])
    possible = np.flatnonzero(ratio >= min(0.5, least * 2.0 ** -(digits + 2)))
    return max(least, int(ulp_distance(a[possible], b[possible]).max())) if possible.size else least


def ulp_distance(a: Array, b: Array) -> Array:
    """How many representable numbers apart finite elements are, as uint64; both zeros are one number.

    After Dawson, "Comparing floating point numbers" (2012): bits in the order of the numbers, subtracted.
    """
    one, two = _ordered(a), _ordered(b)
    with np.errstate(over="ignore"):
        distance: Array = (np.maximum(one, two) - np.minimum(one, two)).view(np.uint64)
    return distance


def _ordered(values: Array) -> Array:
    kind = _BITS[values.dtype.itemsize]
    bits = values.view(kind).astype(np.int64, copy=False)
    return np.where(bits < 0, np.int64(np.iinfo(kind).min) - bits, bits)


def _with_special(a: Array, b: Array, same: Array, identical: int, start: int, bound: Bound) -> Statistics:
    """Of pieces with NaN or infinities: these are counted and judged by their policies, the rest as any others."""
    nan_a, nan_b, inf_a, inf_b = np.isnan(a), np.isnan(b), np.isinf(a), np.isinf(b)
    both = nan_a & nan_b
    found = Statistics(
        count=a.size,
        identical=identical,
        nan_reference=int(nan_a.sum()),
        nan_other=int(nan_b.sum()),
        nan_both=int(both.sum()),
        infinite_reference=int(inf_a.sum()),
        infinite_other=int(inf_b.sum()),
    )
    if identical < a.size:
        _unequal(found, same, a, b, start)
    agreed = np.zeros(a.size, bool)
    if bound.nan is Policy.EQUAL:
        agreed |= both
    if bound.inf is Policy.EQUAL:
        agreed |= inf_a & inf_b & (a == b)
    finite = np.flatnonzero(~(nan_a | nan_b | inf_a | inf_b))
    first = None
    if finite.size:
        x, y = a[finite], b[finite]
        found.compared, found.low, found.high = finite.size, float(x.min()), float(x.max())
        size, biggest = _sizes(found, x, y, bound)
        _differences(found, x, y, size, biggest, finite, start, bound)
        first = found.first_out
    agreed[finite] = True
    if not agreed.all():
        worst = int(agreed.argmin())
        found.out_of_bound += int(np.count_nonzero(~agreed))
        place = spot(a, b, worst, start)
        found.first_out = place if first is None or place.position < first.position else first
        # No distance is larger than that to a value that is no number.
        found.worst, found.worst_size = place, float("inf")
    return found
