"""Values that are written as text: numbers in them are compared as numbers, everything else letter by letter."""

from __future__ import annotations

import re
from typing import Any, TypeAlias

import numpy as np

from recup_kg.result_comparisons import Bound
from recup_kg.results.blocks import Array
from recup_kg.results.floats import measure_floats
from recup_kg.results.statistics import Spot, Statistics

_NUMBER = re.compile(
    r"\s*[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|"
    # Letter by letter: without regard to case, an i without its dot is an i as well.
    r"[nN][aA][nN]|[iI][nN][fF](?:[iI][nN][iI][tT][yY])?)\s*"
)
_WHOLE = re.compile(r"\s*[+-]?[0-9]+\s*")
_TOKEN = re.compile(r"(?<![\w.])[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![\w.])")
_LONGEST = 200
Cells: TypeAlias = Any
"""An array of objects, or a column of Arrow."""


def is_number(text: str) -> bool:
    """Whether a text is a decimal number, NaN or an infinity."""
    return _NUMBER.fullmatch(text) is not None


def measure_texts(a: Array, b: Array, start: int, bound: Bound) -> Statistics:
    """What two pieces of cells differ by; a cell that is a number in both is compared as one, integers exactly."""
    same = np.asarray(a == b, bool)
    quick = _all_numbers(a, b)
    if quick is not None:
        return measure_doubles(*quick, same, a, b, start, bound)
    return measure_kinds(_kinds(a, b), same, a, b, start, bound)


def measure_doubles(
    x: Array, y: Array, same: Array, a: Cells, b: Cells, start: int, bound: Bound
) -> Statistics:
    """What cells differ by that are all numbers, which are given too."""
    found = measure_floats(x, y, 0, bound)
    _place(found, np.arange(x.size), a, b, start)
    found.identical = int(np.count_nonzero(same))
    if found.identical < x.size and found.first_unequal is None:
        found.first_unequal = _spot(a, b, int(same.argmin()), start)
    return found


def measure_kinds(
    kinds: tuple[Array, Array, Array], same: Array, a: Array, b: Array, start: int, bound: Bound
) -> Statistics:
    """What cells differ by of which some are numbers in both, by index; some whole in both; and some neither."""
    from recup_kg.results.exact import measure

    found = Statistics(count=0)
    numbers, whole, rest = kinds
    for index, kind in ((whole, np.int64), (numbers, np.float64)):
        if index.size:
            x, y = (_parsed(side[index], kind) for side in (a, b))
            part = measure_floats(x, y, 0, bound) if kind is np.float64 else measure(x, y, 0, bound)
            _place(part, index, a, b, start)
            # The same number in other letters is equal, but not identical.
            part.identical = int(np.count_nonzero(same[index]))
            found.add(part)
    if rest.size:
        found.add(_letters(a, b, same, rest, start))
    if not same.all() and found.first_unequal is None:
        found.first_unequal = _spot(a, b, int(same.argmin()), start)
    return found


def measure_lines(a: Array, b: Array, start: int, bound: Bound) -> Statistics:
    """What two pieces of lines differ by; where the words agree and all numbers are within a bound that is given, the line is."""
    found = Statistics(count=a.size)
    for index, (one, two) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        if one == two:
            found.identical += 1
            continue
        place = _spot(a, b, index, start)
        found.first_unequal = found.first_unequal or place
        part = None if bound.is_exact else _numbers_of_lines(one, two, bound)
        if part is not None and not part.out_of_bound:
            part.count = part.identical = 0
            part.first_unequal = part.first_out = part.worst = None
            found.add(part)
            continue
        found.out_of_bound += 1
        found.first_out = found.first_out or place
        if found.worst is None:
            found.worst, found.worst_size = place, 1
    return found


def _all_numbers(a: Array, b: Array) -> tuple[Array, Array] | None:
    """Both pieces as doubles where each cell is a number that a double holds exactly enough; else None."""
    import pyarrow

    try:
        return doubles(*(pyarrow.array(side, pyarrow.string()) for side in (a, b)))
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError):
        return None


def doubles(a: Any, b: Any) -> tuple[Array, Array] | None:
    """Two columns of Arrow as doubles, as `_all_numbers`."""
    import pyarrow

    if a.null_count or b.null_count:
        return None
    try:
        x, y = (side.cast(pyarrow.float64()).to_numpy(zero_copy_only=False) for side in (a, b))
    except pyarrow.ArrowInvalid:
        return None
    if any(np.abs(side, where=np.isfinite(side), out=np.zeros(side.size)).max() > 2**53 for side in (x, y)):
        return None
    return x, y


def _parsed(cells: Array, kind: type[np.int64 | np.float64]) -> Array:
    """Cells that are numbers as numbers: by Arrow, or one by one where it knows not all spellings."""
    import pyarrow

    try:
        column = pyarrow.array(cells, pyarrow.string())
        parsed: Array = column.cast(pyarrow.from_numpy_dtype(kind)).to_numpy(zero_copy_only=False)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowTypeError):
        return np.array([kind(text) for text in cells], kind)
    return parsed


def _numbers_of_lines(one: str, two: str, bound: Bound) -> Statistics | None:
    if _TOKEN.sub("#", one) != _TOKEN.sub("#", two):
        return None
    x, y = (np.array(_TOKEN.findall(line), float) for line in (one, two))
    return measure_floats(x, y, 0, bound) if x.size else None


def _kinds(a: Array, b: Array) -> tuple[Array, Array, Array]:
    """The indices of the cells that are numbers in both, that are whole in both, and that are neither."""
    return kinds_of(a, b, np.arange(a.size), np.empty(0, np.intp))


def kinds_of(a: Array, b: Array, unknown: Array, letters: Array) -> tuple[Array, Array, Array]:
    """As `_kinds`, where the cells at `letters` are known to be no numbers."""
    whole: list[int] = []
    numbers: list[int] = []
    rest: list[int] = letters.tolist()
    for index, one, two in zip(unknown.tolist(), a[unknown].tolist(), b[unknown].tolist(), strict=True):
        if _is_whole(one) and _is_whole(two):
            whole.append(index)
        elif _is_number(one) and _is_number(two) and not (_is_long(one) or _is_long(two)):
            numbers.append(index)
        else:
            rest.append(index)
    return np.array(numbers, np.intp), np.array(whole, np.intp), np.sort(np.array(rest, np.intp))


def _is_whole(value: object) -> bool:
    if isinstance(value, str):
        return _WHOLE.fullmatch(value) is not None and -(2**63) <= int(value) < 2**63
    return isinstance(value, int) and -(2**63) <= value < 2**63


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) or (isinstance(value, str) and is_number(value))


def _is_long(value: object) -> bool:
    """Whether it is a whole number that a double might not hold: it is compared letter by letter."""
    text = str(value)
    return _WHOLE.fullmatch(text) is not None and abs(int(text)) > 2**53


def _letters(a: Array, b: Array, same: Array, rest: Array, start: int) -> Statistics:
    found = Statistics(count=rest.size, identical=int(np.count_nonzero(same[rest])))
    wrong = rest[~same[rest]]
    if wrong.size:
        found.out_of_bound = wrong.size
        found.first_out = found.first_unequal = found.worst = _spot(a, b, int(wrong[0]), start)
        found.worst_size = float("inf")
    return found


def _place(part: Statistics, index: Array, a: Cells, b: Cells, start: int) -> None:
    """Name the elements by where they are in the whole piece, with the letters that stand there."""
    for name in ("first_out", "first_unequal", "worst"):
        if (found := getattr(part, name)) is not None:
            setattr(part, name, _spot(a, b, int(index[found.position]), start))


def _spot(a: Cells, b: Cells, index: int, start: int) -> Spot:
    return Spot(start + index, _short(a[index]), _short(b[index]))


def _short(value: object) -> str:
    text = "null" if value is None else str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
