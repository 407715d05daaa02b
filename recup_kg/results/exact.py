"""Elements that are no floating-point numbers: whole numbers of any width exactly, times, texts, and pairs of unlike types."""

from __future__ import annotations

from fractions import Fraction
from math import nan

import numpy as np

from recup_kg.result_comparisons import Bound, Policy
from recup_kg.results.blocks import Array
from recup_kg.results.floats import measure_floats, specials, spot
from recup_kg.results.statistics import Peaks, Statistics

_NUMBERS = "biufc"
_NO_PEAKS = Peaks()


def measure(a: Array, b: Array, start: int, bound: Bound, peaks: Peaks = _NO_PEAKS) -> Statistics:
    """What two flat pieces of equal length differ by; `a` is the reference and starts at position `start`.

    What can't be more than `peaks` says of other pieces may be missing.
    """
    a, b = _native(a), _native(b)
    if a.dtype.kind == b.dtype.kind == "f":
        wide = np.promote_types(a.dtype, b.dtype)
        return _with_type(measure_floats(_cast(a, wide), _cast(b, wide), start, bound, peaks), a, b)
    if a.dtype.kind in "mM" and a.dtype.kind == b.dtype.kind:
        return _times(a, b, start, bound)
    if a.dtype.kind in _NUMBERS and b.dtype.kind in _NUMBERS:
        if "c" in a.dtype.kind + b.dtype.kind:
            return _with_type(_complex(a, b, start, bound), a, b)
        if "f" in a.dtype.kind + b.dtype.kind:
            return _with_type(_mixed(a, b, start, bound), a, b)
        return _with_type(_whole(a, b, start, bound), a, b)
    return _equality(a, b, start)


def _native(values: Array) -> Array:
    return values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("="))


def _cast(values: Array, dtype: np.dtype[np.generic]) -> Array:
    return values if values.dtype == dtype else values.astype(dtype)


def _with_type(found: Statistics, a: Array, b: Array) -> Statistics:
    """Values of two types are equal at best, never identical."""
    if a.dtype != b.dtype:
        found.identical = 0
    return found


def _whole(a: Array, b: Array, start: int, bound: Bound) -> Statistics:
    """Integers and booleans, in integer arithmetic: the distance of two 64-bit integers needs up to 65 bits."""
    equal = a == b
    found = Statistics(count=a.size, compared=a.size, identical=int(np.count_nonzero(equal)))
    found.low, found.high = float(a.min()), float(a.max())
    found.maximum_absolute, found.maximum_relative = 0, 0.0
    if found.identical == a.size:
        return found
    index = np.flatnonzero(~equal)
    found.first_unequal = spot(a, b, int(index[0]), start)
    x, y = a[index], b[index]
    size = _distance(x, y)
    approximate = size.astype(np.float64)
    found.sum_of_squares = float(np.einsum("i,i->", approximate, approximate))
    largest = int(size.argmax())
    found.maximum_absolute = found.worst_size = int(size[largest])
    found.worst = spot(x, y, largest, start, int(index[largest]))
    with np.errstate(divide="ignore"):
        found.maximum_relative = float((approximate / np.abs(x.astype(np.float64))).max())
    if bound.theta is not None:
        signed = np.where(y > x, approximate, -approximate)
        found.mean = float(signed.sum()) / a.size
        found.squares = found.sum_of_squares - a.size * found.mean**2
    out = _out_of_whole(size, x, bound)
    if out.any():
        found.out_of_bound = int(np.count_nonzero(out))
        place = int(out.argmax())
        found.first_out = spot(x, y, place, start, int(index[place]))
    return found


def _distance(x: Array, y: Array) -> Array:
    """|y - x| exactly: as uint64, or as Python integers where a sign and 64 bits meet."""
    kinds = {x.dtype.kind, y.dtype.kind}
    if kinds == {"i", "u"} and 8 in (x.dtype.itemsize, y.dtype.itemsize):
        exact: Array = np.abs(y.astype(object) - x.astype(object))
        return exact
    wide = np.int64 if "i" in kinds else np.uint64
    one, two = x.astype(wide), y.astype(wide)
    # Wraps around to the true distance, which fits 64 unsigned bits.
    distance: Array = (np.maximum(one, two) - np.minimum(one, two)).view(np.uint64)
    return distance


def _out_of_whole(size: Array, reference: Array, bound: Bound) -> Array:
    if not bound.rtol:
        out: Array = size > int(min(bound.atol, 2.0**65))
        return out
    if int(size.max()) < 2**53 and max(abs(int(reference.min())), abs(int(reference.max()))) < 2**53:
        near: Array = size.astype(float) > bound.atol + bound.rtol * np.abs(reference.astype(float))
        return near
    atol, rtol = Fraction(bound.atol), Fraction(bound.rtol)
    pairs = zip(size.tolist(), reference.tolist(), strict=True)
    return np.array([one > atol + rtol * abs(two) for one, two in pairs], bool)


def _mixed(a: Array, b: Array, start: int, bound: Bound) -> Statistics:
    """Integers against floating-point numbers: as doubles where that is exact for all, else with what the platform has wider."""
    whole = a if a.dtype.kind in "biu" else b
    exact = whole.dtype.kind == "b" or max(abs(int(whole.min())), abs(int(whole.max()))) <= 2**53
    wide = np.dtype(np.float64 if exact else np.longdouble)
    return measure_floats(a.astype(wide), b.astype(wide), start, bound)


def _complex(a: Array, b: Array, start: int, bound: Bound) -> Statistics:
    """Moduli of differences; an element is NaN, or infinite, if one of its parts is. No ULP distance and no mean that is a
    number are defined: none are given."""
    wide = np.promote_types(a.dtype, b.dtype)
    a, b = _cast(a, wide), _cast(b, wide)
    same = (a.real == b.real) & (a.imag == b.imag) | (np.isnan(a) & np.isnan(b))
    finite = np.isfinite(a) & np.isfinite(b)
    special = np.flatnonzero(~finite)
    found, agreed = specials(a[special], b[special], bound)
    found.count, found.identical = a.size, int(np.count_nonzero(same))
    found.mean = nan
    with np.errstate(all="ignore"):
        size, magnitude = np.abs(b - a), np.abs(a)
        out = ~(size <= bound.atol + bound.rtol * magnitude)
    out[special] = ~agreed
    if finite.any():
        x, y = magnitude[finite], size[finite].astype(np.float64)
        found.compared, found.low, found.high = y.size, float(x.min()), float(x.max())
        found.maximum_absolute, found.sum_of_squares = float(y.max()), float(np.einsum("i,i->", y, y))
        with np.errstate(all="ignore"):
            found.maximum_relative = float(np.nan_to_num(y / x, nan=0.0, posinf=np.inf).max())
    if not same.all():
        found.first_unequal = spot(a, b, int(same.argmin()), start)
        graded = np.where(finite, size, np.where(out, np.inf, 0.0))
        largest = int(graded.argmax())
        found.worst, found.worst_size = spot(a, b, largest, start), float(graded[largest])
    if out.any():
        found.out_of_bound = int(np.count_nonzero(out))
        found.first_out = spot(a, b, int(out.argmax()), start)
    return found


def _times(a: Array, b: Array, start: int, bound: Bound) -> Statistics:
    """Times as integers in their finer unit, in which `atol` and `theta` count; NaT is what NaN is elsewhere."""
    wide = np.promote_types(a.dtype, b.dtype)
    one, two = _cast(a, wide), _cast(b, wide)
    nat_a, nat_b = np.isnat(one), np.isnat(two)
    found = _whole(one.view(np.int64), two.view(np.int64), start, bound)
    if nat_a.any() or nat_b.any():
        known = np.flatnonzero(~(nat_a | nat_b))
        found = _without_missing(one, two, known, (nat_a, nat_b), start, bound)
    for name in ("first_out", "first_unequal", "worst"):
        if (place := getattr(found, name)) is not None:
            setattr(found, name, spot(one, two, place.position - start, start))
    return _with_type(found, a, b)


def _without_missing(
    a: Array, b: Array, known: Array, missing: tuple[Array, Array], start: int, bound: Bound
) -> Statistics:
    both, either = missing[0] & missing[1], missing[0] | missing[1]
    agreed = both if bound.nan is Policy.EQUAL else np.zeros(a.size, bool)
    found = Statistics(count=a.size - known.size, nan_both=int(both.sum()))
    found.nan_reference, found.nan_other = int(missing[0].sum()), int(missing[1].sum())
    found.identical = found.nan_both
    found.out_of_bound = int((either & ~agreed).sum())
    if found.out_of_bound:
        found.first_out = found.worst = spot(a, b, int((either & ~agreed).argmax()), start)
        found.worst_size = float("inf")
    if (either & ~both).any():
        found.first_unequal = spot(a, b, int((either & ~both).argmax()), start)
    if known.size:
        rest = _whole(a[known].view(np.int64), b[known].view(np.int64), 0, bound)
        for name in ("first_out", "first_unequal", "worst"):
            if (place := getattr(rest, name)) is not None:
                place.position = start + int(known[place.position])
        found.add(rest)
    return found


def _equality(a: Array, b: Array, start: int) -> Statistics:
    """Texts, bytes and whatever else has no distance."""
    if a.dtype.kind == "V" or b.dtype.kind == "V":
        same = np.array([one == two for one, two in zip(a.tolist(), b.tolist(), strict=True)], bool)
    else:
        same = np.asarray(a == b)
        if same.shape != a.shape:
            same = np.zeros(a.size, bool)
    found = Statistics(count=a.size, identical=int(np.count_nonzero(same)))
    if found.identical < a.size:
        found.out_of_bound = a.size - found.identical
        found.first_out = found.first_unequal = found.worst = spot(a, b, int(same.argmin()), start)
        found.worst_size = 1
    return found
