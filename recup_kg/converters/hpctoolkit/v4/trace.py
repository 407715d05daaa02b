"""`trace.db`: from when to when, and how often, each profile was sampled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from recup_kg.converters.hpctoolkit.v4.reader import Reader

_ELEMENT = 12


@dataclass(frozen=True, slots=True)
class TraceLine:
    """The trace of a profile: number of samples, and the first and last time in nanoseconds since the epoch, UTC."""

    profile: int
    samples: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Traces:
    """The lines that have samples, and the smallest and largest time that the file states."""

    lines: tuple[TraceLine, ...]
    first: int
    last: int


def read_traces(path: Path) -> Traces:
    """The file. Raises `MalformedSource`."""
    reader = Reader(path, b"trce")
    place, _, (pointer, count, size, least, most) = reader.section(0, "QIB3xQQ", "the section of traces")
    lines = []
    for entry in reader.table(pointer, count, size, 24, "the list of traces", place):
        profile, start, end = reader.fields("I4xQQ", entry, "a trace")
        if end < start or (end - start) % _ELEMENT:
            raise reader.bad(entry, f"the trace of profile {profile} ends at byte {end}, within a sample")
        reader.inside(start, end - start, f"the trace of profile {profile}", entry)
        if end == start:
            continue
        first = reader.fields("Q", start, "a sample")[0]
        last = reader.fields("Q", end - _ELEMENT, "a sample")[0]
        if last < first:
            raise reader.bad(start, f"the trace of profile {profile} ends before it begins")
        lines.append(TraceLine(profile, (end - start) // _ELEMENT, first, last))
    return Traces(tuple(lines), least, most)
