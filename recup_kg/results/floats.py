"""Floating-point elements: differences, ULP distances, NaN and infinities by the policy that is asked for."""

from __future__ import annotations

from functools import cache
from math import inf, isfinite
from typing import Any

import numpy as np

from recup_kg.result_comparisons import Bound, Policy
from recup_kg.results.blocks import Array
from recup_kg.results.scratch import scratch
from recup_kg.results.statistics import Peaks, Spot, Statistics

_BITS: dict[int, type[np.signedinteger[Any]]] = {2: np.int16, 4: np.int32, 8: np.int64}
_CLOSE = 1 - 2.0**-48
"""Below this share of rtol a rounded quotient can't hide an element that is out of bound."""


_SLACK = 1 + 2.0**-40
_TINY = 2.0**-1000
"""Added so that rounding, also of numbers next to zero, never makes a reach too small."""
_NO_PEAKS = Peaks()


def measure_floats(a: Array, b: Array, start: int, bound: Bound, peaks: Peaks = _NO_PEAKS) -> Statistics:
    """What two pieces of one floating-point type in native byte order differ by; `a` is the reference.

    |b - a| <= atol + rtol |a| as in NumPy's `allclose`, with the reference on the right-hand side. What can't add to what
    `peaks` says of other pieces is not looked for.
    """
    same = _same_bits(a, b)
    identical = int(np.count_nonzero(same))
    low, high = float(a.min()), float(a.max())
    if isfinite(low) and isfinite(high):
        found = Statistics(count=a.size, identical=identical, compared=a.size, low=low, high=high)
        if identical == a.size:
            return _nothing(found, a.dtype)
        size, biggest = _sizes(found, a, b, bound)
        if isfinite(size[biggest]):
            _unequal(found, same, a, b, start, peaks)
            _differences(found, a, b, size, biggest, None, start, bound, peaks)
            return found
    return _with_special(a, b, same, identical, start, bound, peaks)


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
    return np.equal(a.view(kind), b.view(kind), out=_bits("same", a))


def _nothing(found: Statistics, dtype: np.dtype[np.generic]) -> Statistics:
    """Of elements that are all identical."""
    found.maximum_absolute = found.maximum_relative = 0.0
    found.maximum_ulp = 0 if dtype.itemsize in _BITS else None
    return found


def _unequal(found: Statistics, same: Array, a: Array, b: Array, start: int, peaks: Peaks) -> None:
    if start < peaks.first_unequal:
        found.first_unequal = spot(a, b, int(same.argmin()), start)


def _sizes(found: Statistics, a: Array, b: Array, bound: Bound) -> tuple[Array, int]:
    """The sizes of the differences, and the index of the largest one; or of one that is NaN, if there is any."""
    wide = np.dtype(np.float64) if a.dtype.itemsize < 8 else a.dtype
    size = scratch("size", a.size, wide)
    with np.errstate(all="ignore"):
        np.subtract(_wide(b, wide, "size"), _wide(a, wide, "ratio"), out=size)
        if bound.theta is not None:
            found.mean = float(size.mean())
            found.squares = float(np.square(size - found.mean).sum())
        np.abs(size, out=size)
    return size, int(size.argmax())


def _wide(values: Array, wide: np.dtype[Any], name: str) -> Array:
    """Values in the type that they are subtracted in: casting them at once is faster than NumPy's casting on the way."""
    if values.dtype == wide:
        return values
    copy = scratch(name, values.size, wide)
    np.copyto(copy, values)
    return copy


def _differences(
    found: Statistics,
    a: Array,
    b: Array,
    size: Array,
    biggest: int,
    positions: Array | None,
    start: int,
    bound: Bound,
    peaks: Peaks,
) -> None:
    """Add what finite elements differ by; `positions` are theirs in the piece, None where they are all of it."""

    def place(index: int) -> Spot:
        return spot(a, b, index, start, index if positions is None else int(positions[index]))

    with np.errstate(all="ignore"):
        # einsum, not a product of BLAS, which would start threads inside of ours.
        found.sum_of_squares = float(np.einsum("i,i->", size, size))
        found.maximum_absolute = found.worst_size = float(size[biggest])
        _relative(found, a, b, size, peaks)
        out = _out(size, a, b, bound, found, peaks)
    if found.maximum_absolute and found.maximum_absolute >= peaks.absolute:
        found.worst = place(biggest)
    if out is not None and (count := int(np.count_nonzero(out))):
        found.out_of_bound += count
        found.first_out = place(int(out.argmax()))


def _relative(found: Statistics, a: Array, b: Array, size: Array, peaks: Peaks) -> None:
    """The largest relative difference and ULP distance, 0 where neither can be larger than those of other pieces."""
    has_ulp = a.dtype.itemsize in _BITS
    found.maximum_relative, found.maximum_ulp = 0.0, 0 if has_ulp else None
    least = peaks.relative if not has_ulp else min(peaks.relative, _ratio_of(peaks.ulp, a.dtype))
    magnitude = np.abs(a, out=scratch("magnitude", a.size, a.dtype))
    index = _candidates(found, magnitude, least)
    if index is not None:
        a, b, size, magnitude = a[index], b[index], size[index], magnitude[index]
    if not size.size:
        return
    ratio = np.divide(size, magnitude, out=scratch("ratio", size.size, size.dtype))
    most = _largest_ratio(found, ratio)
    if has_ulp:
        found.maximum_ulp = _largest_ulp(a, b, ratio, most, peaks)


def _candidates(found: Statistics, magnitude: Array, least: float) -> Array | None:
    """Where a ratio to these magnitudes can be `least` or more, as no difference is above the largest; None: anywhere."""
    if not least or not found.maximum_absolute:
        return None
    reach = magnitude.dtype.type(found.maximum_absolute / least * _SLACK + _TINY)
    # In a narrow type it may have been rounded down.
    near = np.less_equal(magnitude, np.nextafter(reach, reach.dtype.type(inf)), out=_bits("near", magnitude))
    few = int(np.count_nonzero(near)) <= magnitude.size // 8
    return np.flatnonzero(near) if few else None


def _bits(name: str, like: Array) -> Array:
    return scratch(name, like.size, bool)


def _largest_ratio(found: Statistics, ratio: Array) -> int:
    """Where the largest relative difference is."""
    most = int(ratio.argmax())
    if np.isnan(ratio[most]):  # 0 / 0: zeros that are equal
        ratio[np.isnan(ratio)] = 0.0
        most = int(ratio.argmax())
    found.maximum_relative = float(ratio[most])
    return most


def _out(size: Array, a: Array, b: Array, bound: Bound, found: Statistics, peaks: Peaks) -> Array | None:
    """Which elements are out of bound; None where none can be."""
    if found.maximum_absolute is not None and found.maximum_absolute <= bound.atol:
        return None
    # Of this piece, only what is above the peaks is known.
    if max(found.maximum_relative or 0.0, peaks.relative) <= bound.rtol * _CLOSE:
        return None
    if (
        bound.ulp is not None
        and found.maximum_ulp is not None
        and max(found.maximum_ulp, peaks.ulp) <= bound.ulp
    ):
        return None
    limit = bound.atol + bound.rtol * np.abs(a).astype(size.dtype, copy=False) if bound.rtol else bound.atol
    out: Array = np.greater(size, limit, out=_bits("out", a))
    if bound.ulp is not None and found.maximum_ulp is not None and out.any():
        out &= ulp_distance(a, b) > bound.ulp
    return out


def _ratio_of(ulp: int, dtype: np.dtype[Any]) -> float:
    """Relative differences below this come with a smaller ULP distance.

    With p digits and |b - a| < |a| / 2, no more than 2^(p+1) |b - a| / |a| numbers lie in between: the numbers around a and b are
    at least |a| / 2^(p+1) apart.
    """
    return min(0.5, ulp * _ulp_ratio(dtype))


@cache
def _ulp_ratio(dtype: np.dtype[Any]) -> float:
    return float(2.0 ** -(np.finfo(dtype).nmant + 3))


def _largest_ulp(a: Array, b: Array, ratio: Array, most: int, peaks: Peaks) -> int:
    """The largest ULP distance, computed only where it can be: what the largest ratio gives rules most elements out."""
    least = max(peaks.ulp, int(ulp_distance(a[most : most + 1], b[most : most + 1])[0]))
    suspects = _bits("near", a)
    possible = np.flatnonzero(np.greater_equal(ratio, _ratio_of(least, a.dtype), out=suspects))
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


def _with_special(
    a: Array, b: Array, same: Array, identical: int, start: int, bound: Bound, peaks: Peaks
) -> Statistics:
    """Of pieces with NaN or infinities: these are counted and judged by their policies, the rest as any others."""
    plain = np.isfinite(a, out=_bits("out", a))
    plain &= np.isfinite(b, out=_bits("near", a))
    special, finite = np.flatnonzero(~plain), np.flatnonzero(plain)
    found, agreed = specials(a[special], b[special], bound)
    found.count, found.identical = a.size, identical
    if identical < a.size:
        _unequal(found, same, a, b, start, peaks)
    first = None
    if finite.size:
        x, y = a[finite], b[finite]
        found.compared, found.low, found.high = finite.size, float(x.min()), float(x.max())
        size, biggest = _sizes(found, x, y, bound)
        _differences(found, x, y, size, biggest, finite, start, bound, peaks)
        first = found.first_out
    if not agreed.all():
        worst = int(special[agreed.argmin()])
        found.out_of_bound += int(np.count_nonzero(~agreed))
        place = spot(a, b, worst, start)
        found.first_out = place if first is None or place.position < first.position else first
        # No distance is larger than that to a value that is no number.
        found.worst, found.worst_size = place, float("inf")
    return found


def specials(a: Array, b: Array, bound: Bound) -> tuple[Statistics, Array]:
    """The counts over elements that are NaN or infinite on one side at least, and which of them agree.

    Of a complex number, one part that is NaN makes it NaN.
    """
    nan_a, nan_b = np.isnan(a), np.isnan(b)
    inf_a, inf_b = np.isinf(a) & ~nan_a, np.isinf(b) & ~nan_b
    both = nan_a & nan_b
    agreed = np.zeros(a.size, bool)
    if bound.nan is Policy.EQUAL:
        agreed |= both
    if bound.inf is Policy.EQUAL:
        agreed |= inf_a & inf_b & (a == b)
    found = Statistics()
    found.nan_reference, found.nan_other, found.nan_both, found.infinite_reference, found.infinite_other = (
        int(np.count_nonzero(which)) for which in (nan_a, nan_b, both, inf_a, inf_b)
    )
    return found, agreed
