"""The rows of a table, as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from recup_kg.converters.flowbench.columns import KNOWN, NEEDED, NOTHING
from recup_kg.converters.sources import read_text
from recup_kg.errors import MalformedSource


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its line, the name of its job, and the columns that say something."""

    line: int
    job: str
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """The names of the columns beside that of the job, and the rows."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def header(line: str) -> tuple[str, ...] | None:
    """The names of the columns in a first line, None where it is none of such a table."""
    names = next(csv.reader([line.rstrip("\r\n")]), [])
    return tuple(names) if NEEDED.issubset(names) else None


def read_table(path: Path) -> Table:
    """The table. Raises `MalformedSource` that names the line."""
    text = read_text(path)
    names = header(text.split("\n", 1)[0])
    if names is None:
        advice = f"FlowBench's tables have the columns {', '.join(sorted(NEEDED))}"
        raise MalformedSource(
            path, "the first line does not name FlowBench's columns", where="line 1", advice=advice
        )
    _check_names(path, names)
    rows = tuple(_row(path, line, names, fields) for line, fields in _fields(path, text) if fields)
    if not rows:
        raise MalformedSource(path, "no job has a row", where="line 2", advice="export the table again")
    return Table(names[1:], rows)


def _fields(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """The fields of each row below the header, with the line that it begins at: a quoted value may hold lines."""
    reader = csv.reader(io.StringIO(text, newline=""))
    next(reader)
    line = reader.line_num + 1
    try:
        for fields in reader:
            yield line, fields
            line = reader.line_num + 1
    except csv.Error as error:
        advice = "quote values that hold commas or quotes, and leave no quote open"
        raise MalformedSource(path, str(error), where=f"line {line}", advice=advice) from error


def _check_names(path: Path, names: tuple[str, ...]) -> None:
    if names[0] in KNOWN:
        problem = f"the first column must name the jobs, here it is {names[0]!r}"
        raise MalformedSource(path, problem, where="line 1", advice="keep the index when writing the table")
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        problem = f"the column {repeated!r} stands twice"
        raise MalformedSource(path, problem, where="line 1", advice="leave one of them out")


def _row(path: Path, line: int, names: tuple[str, ...], fields: list[str]) -> Row:
    if len(fields) != len(names):
        problem = f"{len(fields)} values for {len(names)} columns"
        advice = "the file was cut off, or a value holds an unquoted comma"
        raise MalformedSource(path, problem, where=f"line {line}", advice=advice)
    job = fields[0].strip()
    if job in NOTHING:
        problem = "the row does not name its job"
        raise MalformedSource(path, problem, where=f"line {line}", advice="the first column names the jobs")
    stated = zip(names[1:], (field.strip() for field in fields[1:]), strict=True)
    return Row(line, job, {name: value for name, value in stated if value not in NOTHING})
