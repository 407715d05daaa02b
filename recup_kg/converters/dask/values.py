"""Times and numbers of the capture's columns."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from recup_kg.records import Timestamp

_PLAIN = re.compile(r"(\d{1,12})(?:\.(\d{1,40}))?")
_WHOLE = re.compile(r"(\d{1,20})(?:\.0*)?")
_LATEST = 253402300799
"""9999-12-31T23:59:59Z: the last second that xsd:dateTime spells with four digits."""


def epoch(text: str | None) -> Timestamp | None:
    """The time that `time.time()` gave, in seconds since 1970-01-01T00:00:00Z, with all its digits; None for none.

    `iso` is None where the text is no such number.
    """
    if text is None:
        return None
    match = _PLAIN.fullmatch(text.strip()) or _PLAIN.fullmatch(_unfolded(text))
    if match is None or int(match[1]) > _LATEST:
        return Timestamp(text, None)
    fraction = (match[2] or "").rstrip("0")
    return Timestamp(text, f"{_second(int(match[1]))}{'.' if fraction else ''}{fraction}Z")


def seconds(time: Timestamp | None) -> Decimal | None:
    """The time as an exact number, None where it is none."""
    return None if time is None or time.iso is None else Decimal(time.written.strip())


def whole(text: str | None) -> int | None:
    """A whole number that is not negative, also as pandas writes one of a column with missing values (`12.0`)."""
    match = None if text is None else _WHOLE.fullmatch(text.strip())
    return None if match is None else int(match[1])


def real(text: str | None) -> float | None:
    """A finite number of at least 0."""
    try:
        value = Decimal(text.strip()) if text is not None else None
    except InvalidOperation:
        return None
    if value is None or not value.is_finite() or value < 0 or value > Decimal("1e300"):
        return None
    return float(value)


@lru_cache(maxsize=65536)
def _second(count: int) -> str:
    return datetime.fromtimestamp(count, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _unfolded(text: str) -> str:
    """A number with an exponent as one without."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return ""
    return format(value, "f") if value.is_finite() and -40 < value.adjusted() < 12 else ""
