"""Rows of CSV files: a graph is one field of many megabytes, which `csv` refuses unless a limit of all threads is raised.

RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180) as pandas writes it: minimal quoting, a quote in a field doubled.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from recup_kg.errors import MalformedSource
from recup_kg.records import Gap, Subject

LINES_OF_A_ROW = 1000
"""A quote that is not closed within so many lines is a broken row, and not one that takes in the rest of the file."""
GAPS_OF_A_FILE = 100
"""So many broken rows of a file are told one by one, the rest as a number."""

_FIELD = re.compile(r'(?:"([^"]*+(?:""[^"]*+)*+)"|([^,]*+))(,|\Z)')


class Row(NamedTuple):
    """The fields of a row, and the line on which it starts; None where its quotes are not closed."""

    line: int
    fields: list[str] | None


@dataclass(slots=True)
class Notes:
    """What could not be taken over of one file."""

    file_name: str
    gaps: list[Gap] = field(default_factory=list)
    more: int = 0
    repeated: int = 0

    def bad(self, line: int, problem: str, kind: str = "UnreadableValue") -> None:
        """A row, or a value of one, that could not be read."""
        if len(self.gaps) < GAPS_OF_A_FILE:
            self.gaps.append(Gap(kind, Subject("execution"), f"{self.file_name} line {line}", problem))
        else:
            self.more += 1

    def about(self, kind: str, where: str, comment: str) -> None:
        """Something about the file as a whole."""
        place = f"{self.file_name} {where}".rstrip()
        self.gaps.append(Gap(kind, Subject("execution"), place, comment))

    def all(self) -> list[Gap]:
        """All gaps of the file."""
        found = list(self.gaps)
        if self.more:
            comment = f"{self.more} more rows or values could not be read"
            found.append(Gap("UnreadableValue", Subject("execution"), self.file_name, comment))
        if self.repeated:
            comment = f"{self.repeated} rows repeat another one; the graph has each once"
            found.append(Gap("DuplicateEntry", Subject("execution"), self.file_name, comment))
        return found


@dataclass(frozen=True, slots=True)
class Line:
    """A row as its columns name it; `position` counts the rows of the file from 0."""

    number: int
    position: int
    values: dict[str, str]

    def get(self, column: str) -> str | None:
        """The text of a column, None where it is empty or there is no such column."""
        return self.values.get(column) or None


def header(path: Path) -> tuple[str, ...]:
    """The names of the columns, in lower case; none where the file can't be read or has no first line of reasonable length."""
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
            first = stream.readline(65536)
    except OSError:
        return ()
    return tuple(name.strip().lower() for name in split(first.rstrip("\r\n")))


def rows(path: Path) -> Iterator[Row]:
    """The rows of a file, without empty lines. Raises `MalformedSource` where it can't be read."""
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
            yield from _rows(enumerate(stream, 1))
    except OSError as error:
        raise MalformedSource(
            path, f"can't be read: {error.strerror}", advice="check its permissions"
        ) from error


def lines(path: Path, notes: Notes, known: frozenset[str]) -> Iterator[Line]:
    """The rows below the header that have a field for each column; the others are noted, and so are unknown columns."""
    found = rows(path)
    names = [name.strip().lower() for name in (next(found, Row(1, [])).fields or ())]
    for name in dict.fromkeys(names):
        if name not in known and name not in ("", "unnamed: 0"):
            notes.about("UnmappedField", f"column {name}", "this column has no place in the graph")
        if name and names.count(name) > 1:
            notes.about(
                "DuplicateEntry", f"column {name}", "this column is there twice; the graph has the first"
            )
    for position, row in enumerate(found):
        if row.fields is None:
            notes.bad(row.line, "a quote is not closed")
        elif len(row.fields) != len(names):
            notes.bad(row.line, f"{len(row.fields)} fields, but the header names {len(names)}")
        else:
            yield Line(row.line, position, dict(zip(reversed(names), reversed(row.fields), strict=True)))


def split(text: str) -> list[str]:
    """The fields of one row."""
    if '"' not in text:
        return text.split(",")
    fields: list[str] = []
    for match in _FIELD.finditer(text):
        quoted, plain, end = match.groups()
        fields.append(plain if quoted is None else quoted.replace('""', '"'))
        if not end:
            break
    return fields


def _rows(numbered: Iterator[tuple[int, str]]) -> Iterator[Row]:
    waiting: deque[tuple[int, str]] = deque()
    while True:
        taken = _next(waiting, numbered)
        if taken is None:
            return
        number, text = taken
        held = [text]
        balanced = text.count('"') % 2 == 0
        read: list[tuple[int, str]] = []
        while not balanced and len(held) < LINES_OF_A_ROW:
            following = _next(waiting, numbered)
            if following is None:
                break
            read.append(following)
            held.append(following[1])
            balanced = following[1].count('"') % 2 == 1
        if not balanced:
            waiting.extendleft(reversed(read))
            yield Row(number, None)
        elif stripped := "".join(held).rstrip("\r\n"):
            yield Row(number, split(stripped))


def _next(waiting: deque[tuple[int, str]], numbered: Iterator[tuple[int, str]]) -> tuple[int, str] | None:
    return waiting.popleft() if waiting else next(numbered, None)
