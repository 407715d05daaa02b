"""The fields of Nextflow's trace report and how their values are spelled.

https://docs.seqera.io/nextflow/reference/config/trace; units as `nextflow.util.Duration` and `nextflow.util.MemoryUnit` write
them: a duration is milliseconds or `1m 2s`, a size is bytes or `1.5 GB` with 1 KB = 1024 bytes, a share is `98.5%` or 98.5,
a time is milliseconds since 1970 or `2023-05-17 16:33:34.290` in the local time of the machine, `-` is nothing.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from recup_kg.records import Number, Timestamp

DURATIONS = frozenset(("time", "duration", "realtime"))
SIZES = frozenset(
    (
        *("disk", "memory", "rss", "vmem", "peak_rss", "peak_vmem"),
        *("rchar", "wchar", "syscr", "syscw", "read_bytes", "write_bytes"),
    )
)
SHARES = frozenset(("%cpu", "%mem"))
COUNTS = frozenset(("cpus", "attempt", "vol_ctxt", "inv_ctxt"))
TIMES = frozenset(("submit", "start", "complete"))
COUNTERS = DURATIONS | SIZES | SHARES | COUNTS
MAPPED_TEXTS = frozenset(("task_id", "hash", "name", "status", "exit", "script", "hostname"))
TEXTS = frozenset(
    (
        *("native_id", "process", "tag", "module", "container", "queue"),
        *("env", "workdir", "scratch", "error_action", "cpu_model"),
    )
)
KNOWN = COUNTERS | TIMES | MAPPED_TEXTS | TEXTS
NOTHING = frozenset(("", "-", "null", "NA"))

_NUMBER = r"(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
_PLAIN = re.compile(_NUMBER)
_SHARE = re.compile(_NUMBER + r"\s*%?")
_DURATION = re.compile(
    _NUMBER + r"\s*(milliseconds?|millis?|ms|minutes?|mins?|m|seconds?|secs?|s|hours?|h|days?|d)(?![a-z])"
)
_SIZE = re.compile(_NUMBER + r"\s*([KMGTPEZ]?)i?B?", re.IGNORECASE)
_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_LOCAL = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def amount(field: str, written: str) -> Number | None:
    """The value of a counter in ms, bytes, per cent or as a count; None where it can't be read."""
    value = _decimal(field, written.strip())
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def is_rounded(field: str, written: str) -> bool:
    """Whether the value is spelled for people, who don't get all its digits."""
    return field in DURATIONS | SIZES and _PLAIN.fullmatch(written.strip()) is None


def moment(written: str) -> Timestamp:
    """A time; `iso` is in UTC for milliseconds since 1970, without zone for local time, None where it can't be read."""
    text = written.strip()
    if text.isascii() and text.isdigit() and len(text) < 15:
        time = _EPOCH + timedelta(milliseconds=int(text))
        fraction = f".{time.microsecond // 1000:03d}".rstrip("0").rstrip(".")
        return Timestamp(written, f"{time:%Y-%m-%dT%H:%M:%S}{fraction}Z")
    local = _LOCAL.fullmatch(text)
    if local is None:
        return Timestamp(written, None)
    iso = f"{local[1]}T{local[2]}"
    try:
        datetime.fromisoformat(iso)
    except ValueError:
        return Timestamp(written, None)
    return Timestamp(written, iso)


def _decimal(field: str, text: str) -> Decimal | None:
    if field in DURATIONS:
        return Decimal(text) if _PLAIN.fullmatch(text) else _duration(text)
    if field in SIZES:
        match = _SIZE.fullmatch(text)
        return Decimal(match[1]) * 1024 ** " KMGTPEZ".index(match[2].upper() or " ") if match else None
    match = (_SHARE if field in SHARES else _PLAIN).fullmatch(text)
    return Decimal(match[1]) if match else None


def _duration(text: str) -> Decimal | None:
    total, position = Decimal(0), 0
    while position < len(text):
        match = _DURATION.match(text, position)
        if match is None:
            return None
        unit = match[2]
        total += Decimal(match[1]) * _MILLISECONDS["ms" if unit.startswith(("ms", "mil")) else unit[0]]
        position = match.end()
        position += len(text) - position - len(text[position:].lstrip())
    return total if position else None
