"""The rows of a trace file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from recup_kg.converters.nextflow.fields import KNOWN
from recup_kg.converters.sources import read_text
from recup_kg.errors import MalformedSource

SEPARATORS = ("\t", ",", ";", "|")
_TELLING = frozenset(
    (
        "task_id",
        "hash",
        "native_id",
        "realtime",
        "peak_rss",
        "peak_vmem",
        "rchar",
        "wchar",
        "workdir",
        "process",
    )
)


@dataclass(frozen=True, slots=True)
class Row:
    """A line: its number, and what it says in each column."""

    line: int
    values: dict[str, str]


def header(line: str) -> tuple[str, list[str]] | None:
    """The separator and the fields of a header line; None where it is none of a trace."""
    for separator in SEPARATORS:
        names = [name.strip().strip('"') for name in line.rstrip("\r\n").split(separator)]
        known = KNOWN.intersection(names)
        if len(names) > 1 and len(known) * 2 > len(names) and len(known & _TELLING) > 1:
            return separator, names
    return None


def rows(path: Path) -> tuple[list[str], list[Row]]:
    """The fields and the rows. Raises `MalformedSource` that names the line."""
    lines = read_text(path).split("\n")
    found = header(lines[0])
    if found is None:
        problem = "the first line does not name fields of a Nextflow trace"
        raise MalformedSource(path, problem, where="line 1", advice="give the file that -with-trace writes")
    separator, names = found
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        problem = f"the field {repeated[0]!r} stands twice"
        raise MalformedSource(path, problem, where="line 1", advice="see trace.fields of your configuration")
    read = []
    for number, line in enumerate(lines[1:], 2):
        text = line.rstrip("\r")
        if not text.strip():
            continue
        values = text.split(separator)
        if len(values) != len(names):
            problem = f"{len(values)} values for {len(names)} fields"
            advice = "the file was cut off, or a value holds the separator: see trace.sep"
            raise MalformedSource(path, problem, where=f"line {number}", advice=advice)
        read.append(Row(number, dict(zip(names, (value.strip() for value in values), strict=True))))
    return names, read
