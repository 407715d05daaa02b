"""Times as xsd:dateTime, with the zone that the source gives and none that it does not."""

from __future__ import annotations

import re
from datetime import datetime

from recup_kg.records import Timestamp

_CLOCK = r"(?P<hour>\d\d):?(?P<minute>\d\d):?(?P<second>\d\d)(?P<fraction>[.,]\d+)?"
_ZONE = r"(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?"
_SPELLINGS = (
    re.compile(r"(?P<year>\d{4})-?(?P<month>\d\d)-?(?P<day>\d\d)[T ]" + _CLOCK + _ZONE),
    # WfCommons' Pegasus parser wrote 12-20-20T04:58:25Z for 2020-12-20.
    re.compile(r"(?P<month>\d\d)-(?P<day>\d\d)-(?P<short>\d\d)T" + _CLOCK + _ZONE),
)


def timestamp(written: str) -> Timestamp:
    """The time that the text gives; `iso` is None where it can't be read as one.

    Reads ISO 8601 extended (`2020-12-25T20:10:08+00:00`) and basic (`20200401T035043+0000`), and `MM-DD-YYThh:mm:ssZ`.
    """
    for spelling in _SPELLINGS:
        match = spelling.fullmatch(written.strip())
        if match:
            return Timestamp(written, _iso(match.groupdict()))
    return Timestamp(written, None)


def elapsed(started: Timestamp | None, ended: Timestamp | None) -> float | None:
    """Seconds from one time to the other, where both have a zone or both have none; negative where the end is first."""
    if started is None or ended is None or started.iso is None or ended.iso is None:
        return None
    first, last = datetime.fromisoformat(started.iso), datetime.fromisoformat(ended.iso)
    if (first.tzinfo is None) != (last.tzinfo is None):
        return None
    return (last - first).total_seconds()


def _iso(part: dict[str, str | None]) -> str | None:
    year = part.get("year") or f"20{part['short']}"
    text = f"{year}-{part['month']}-{part['day']}T{part['hour']}:{part['minute']}:{part['second']}"
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    zone = _zone(part["zone"])
    if zone is None:
        return None
    return text + (part["fraction"] or "").replace(",", ".") + zone


def _zone(zone: str | None) -> str | None:
    """The zone as xsd:dateTime spells it, None if there is no such zone."""
    if zone is None or zone == "Z":
        return zone or ""
    hours, minutes = zone[1:3], zone[-2:] if len(zone) > 3 else "00"
    valid = int(hours) < 14 or (hours == "14" and minutes == "00")
    return f"{zone[0]}{hours}:{minutes}" if valid and int(minutes) < 60 else None
