"""Columns of text that stay in Arrow: cells become Python objects only where their kind must be found out one by one.

What is measured is what `texts.measure_texts` measures of the same cells.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from recup_kg.result_comparisons import Bound
from recup_kg.results.blocks import Array
from recup_kg.results.statistics import Statistics
from recup_kg.results.texts import doubles, kinds_of, measure_doubles, measure_kinds

CELLS = 1 << 15
"""Cells that are measured at once."""
_LETTERS = r"^(?:$|[A-HJ-MO-Za-hj-mo-z_/(\[{#]|[nN][^aA]|[iI][^nN])"
"""How no number starts, nor NaN or an infinity."""
_FRACTION = r"[.eEnN]"
_WHOLE = r"^-?[0-9]{1,18}$"


def measure_cells(a: Any, b: Any, start: int, bound: Bound) -> Statistics:
    """What two columns of text differ by; `a` is the reference and starts at position `start`."""
    total = Statistics()
    for begin in range(0, len(a), CELLS):
        total.add(_measure(a[begin : begin + CELLS], b[begin : begin + CELLS], start + begin, bound))
    return total


def _measure(a: Any, b: Any, start: int, bound: Bound) -> Statistics:
    from pyarrow import compute

    same = _numpy(compute.equal(a, b))
    quick = doubles(a, b)
    if quick is not None:
        return measure_doubles(*quick, same, a, b, start, bound)
    letters = compute.or_(*(compute.match_substring_regex(side, _LETTERS) for side in (a, b)))
    found, unknown = np.flatnonzero(_numpy(letters)), np.flatnonzero(~_numpy(letters))
    x, y = _numpy(a), _numpy(b)
    kinds = _uniform(a, b, found, unknown) or kinds_of(x, y, unknown, found)
    return measure_kinds(kinds, same, x, y, start, bound)


def _uniform(a: Any, b: Any, letters: Array, unknown: Array) -> tuple[Array, Array, Array] | None:
    """The kinds of the cells where those that may be numbers are all of one kind in both columns; else None."""
    nothing = np.empty(0, np.intp)
    if not unknown.size:
        return nothing, nothing, letters
    one, two = a.take(unknown), b.take(unknown)
    if _all_match(one, two, _WHOLE):
        return nothing, unknown, letters
    if _all_match(one, two, _FRACTION) and _are_numbers(one, two):
        return unknown, nothing, letters
    return None


def _all_match(one: Any, two: Any, pattern: str) -> bool:
    from pyarrow import compute

    return all(_numpy(compute.match_substring_regex(side, pattern)).all() for side in (one, two))


def _are_numbers(one: Any, two: Any) -> bool:
    return _all_match(one, two, r"^[+-]?(?i:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|nan|inf|infinity)$")


def _numpy(column: Any) -> Array:
    values: Array = column.to_numpy(zero_copy_only=False)
    return values
