"""Times that HPCToolkit counts from the epoch."""

from __future__ import annotations

from datetime import UTC, datetime

from recup_kg.records import Timestamp


def nanoseconds(count: int | None, per_second: int = 10**9) -> Timestamp | None:
    """The time of so many nanoseconds (or other parts of a second) since the epoch, UTC; None for none and for 0."""
    if not count:
        return None
    seconds, rest = divmod(count, per_second)
    written = str(count)
    try:
        clock = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return Timestamp(written, None)
    digits = len(str(per_second)) - 1
    fraction = f".{rest:0{digits}d}".rstrip("0").rstrip(".")
    return Timestamp(written, f"{clock:%Y-%m-%dT%H:%M:%S}".rjust(19, "0") + fraction + "Z")
