"""Numbers with their units and the digits that they deserve, and counts of things."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import floor, isfinite, log10

NOT_CAPTURED = "not captured"
MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"

_BYTES = ("B", "kB", "MB", "GB", "TB", "PB")
_SECONDS = ("s", "seconds")
_WORDS = re.compile(r"[^.:/]*[.:/]+|[^.:/]+$")
_NARROW, _SMALL, _CAPITAL = 0.42, 0.69, 0.82
"""Widths of characters as parts of the size of the font."""


def number(value: float, digits: int = 4) -> str:
    """A number with so many significant digits, whole ones in full, thousands separated."""
    if not isfinite(value):
        return str(value)
    if float(value).is_integer() and abs(value) < 1e15:
        return _signed(f"{abs(value):,.0f}", value)
    if value and not 1e-4 <= abs(value) < 1e15:
        return _signed(f"{abs(value):.{digits - 1}g}", value)
    places = max(0, digits - 1 - floor(log10(abs(value)))) if value else 0
    return _signed(_trimmed(f"{abs(value):,.{places}f}"), value)


def seconds(value: float | None) -> str:
    """A duration: three digits below 0.01 s, else three decimals below 10 s, two below 1,000 s, one above; no end zeros."""
    if value is None:
        return NOT_CAPTURED
    if 0 < abs(value) < 0.01:
        return f"{number(value, 3)} s"
    places = 3 if abs(value) < 10 else 2 if abs(value) < 1000 else 1
    return _signed(_trimmed(f"{abs(value):,.{places}f}"), value) + " s"


def signed_seconds(value: float | None) -> str:
    """A difference in seconds, with its sign."""
    return seconds(value) if value is None or value <= 0 else f"+{seconds(value)}"


def size(value: float) -> str:
    """A number of bytes in decimal multiples (IEC 80000-13); below 10,000 it is exact."""
    if abs(value) < 10_000:
        return f"{number(value)} B"
    place = min(floor(log10(abs(value)) / 3), len(_BYTES) - 1)
    return f"{number(value / 1000**place, 4)} {_BYTES[place]}"


def quantity(value: object, unit: str | None = None) -> str:
    """A value with its unit; None is what was not captured."""
    if value is None:
        return NOT_CAPTURED
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if unit in _SECONDS:
        return seconds(float(value))
    if unit == "bytes":
        return size(value)
    return f"{number(value)} {unit}" if unit else number(value)


def ratio(value: float | None) -> str:
    """How many times; empty where it can't be said."""
    if value is None:
        return ""
    return f"{value:.2f} {TIMES}" if 0.1 <= value < 100 else f"{number(value, 3)} {TIMES}"


def probability(value: float | None) -> str:
    """A probability with two digits; empty where there is none."""
    if value is None:
        return ""
    return f"{value:.2g}" if value >= 0.001 or value == 0 else f"{value:.1e}"


def count(value: int, noun: str, plural: str | None = None) -> str:
    """So many things."""
    return f"{value:,} {noun if value == 1 else plural or noun + 's'}"


def short(text: str, length: int) -> str:
    """A text that is cut in its middle, so that both ends, which tell things apart, stay."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    head = (length - 1) // 2
    return f"{line[:head]}…{line[len(line) - (length - 1 - head) :]}"


def fitted(text: str, pixels: float, size: float) -> str:
    """A text that is cut so that it fits into so many pixels, in a sans serif of that size.

    Of dotted names the first words go; else more of the end than of the start stays. Widths are those of DejaVu Sans Bold, the
    widest of the usual fonts, so that it fits in all of them.
    """
    line = " ".join(text.split())
    if _wide(line, size) <= pixels:
        return line
    for start in re.finditer(r"[.:/]", line):
        cut = f"…{line[start.end() :]}"
        if start.end() < len(line) and _wide(cut, size) <= pixels:
            return cut
    for length in range(len(line) - 1, 1, -1):
        head = length // 4
        cut = f"{line[:head]}…{line[len(line) - (length - head) + 1 :]}"
        if _wide(cut, size) <= pixels:
            return cut
    return "…"


def without_common_start(names: Sequence[str]) -> dict[str, str]:
    """Names without the words, each ended by a dot, colon or slash, that all of them begin with."""
    words = {name: _WORDS.findall(name) for name in names}
    shared = 0
    for same in zip(*(found[:-1] for found in words.values()), strict=False):
        if len(set(same)) > 1 or len(words) == 1:
            break
        shared += 1
    return {name: "".join(found[shared:]) or name for name, found in words.items()}


def _wide(text: str, size: float) -> float:
    return size * sum(
        _NARROW if c in "iIjl.,:;'|!() " else _CAPITAL if c.isupper() or c in "mwMW@%…" else _SMALL
        for c in text
    )


def some(names: Sequence[str], most: int = 3) -> str:
    """The first names, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _signed(text: str, value: float) -> str:
    return f"{MINUS}{text}" if value < 0 and text.strip("0.,") else text
