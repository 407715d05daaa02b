"""The tables that `sacct` prints: parsable with any delimiter, or in columns of fixed width.

https://slurm.schedmd.com/sacct.html
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from recup_kg.converters.slurm.fields import COLUMNS, Unmapped, job_of
from recup_kg.converters.sources import head
from recup_kg.errors import MalformedSource
from recup_kg.evidence.jobs import Job

_HEADER = re.compile(r"\ufeff?([A-Za-z]\w*(?:\(\w+\))?)([^\w\r\n()%]+)([A-Za-z].*)?")
_DASHES = re.compile(r"-+(?: -+)*[ \r]*")
_JOB = (
    r"\d{1,12}(?:_(?:\d{1,9}|\[[\d,%-]+\])|\+\d{1,6})?(?:\.(?:batch|extern|interactive|\d{1,9}(?:\+\d+)?))?"
)
_ROW = re.compile(rf"({_JOB})([^\w.+\[]+)")
_STATE = re.compile(
    r"(?:BOOT_FAIL|CANCELLED(?: by \d+)?|COMPLETED|DEADLINE|FAILED|NODE_FAIL|OUT_OF_MEMORY|PENDING|PREEMPTED|RUNNING|REQUEUED"
    r"|RESIZING|REVOKED|SUSPENDED|TIMEOUT)"
)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_OTHERS = frozenset(("jobid", "jobidraw"))
_KNOWN = frozenset(COLUMNS) | _OTHERS
_COMMAND = re.compile(r"^[^\S\n]*(?:[$#>][^\S\n]*)?(sacct\b[^\n]*)", re.MULTILINE)
_NEIGHBOURS = ("README.md", "README.txt", "README", "sacct.cmd", "sacct.sh")


def is_headed(first: str) -> bool:
    """Whether a line is the header of such a table: it names the job and another known column."""
    match = _HEADER.match(first)
    if match is None:
        return first.strip() in ("JobID", "JobIDRaw")
    names = {name.strip() for name in first.strip().split(match[2].strip() or None)}
    # As sacct itself writes them: other tables have a column jobid as well.
    return bool(names & {"JobID", "JobIDRaw"}) and len({name.lower() for name in names} & _KNOWN) > 1


def is_headless(first: str) -> bool:
    """Whether a line is a row of a table without a header: a job, a state and a time."""
    match = _ROW.match(first)
    if match is None:
        return False
    cells = first.split(match[2])
    return len(cells) > 3 and any(map(_STATE.fullmatch, cells)) and any(map(_TIME.fullmatch, cells))


def describing(path: Path) -> Path | None:
    """The file beside a table without a header that holds the command which made it, with its columns."""
    for name in _NEIGHBOURS:
        candidate = path.parent / name
        if candidate != path and candidate.is_file() and _columns(candidate) is not None:
            return candidate
    return None


def read_table(path: Path, text: str, unmapped: Unmapped) -> list[Job]:
    """The jobs and steps of a table. Raises `MalformedSource`."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    names, rows = _rows(path, lines)
    if not {name.lower() for name in names} & _OTHERS:
        raise MalformedSource(path, "no column JobID", where="line 1", advice="add JobID to --format")
    jobs = (
        job_of(dict(zip(names, cells, strict=True)), f"line {number}", unmapped) for number, cells in rows
    )
    return [job for job in jobs if job is not None]


def _rows(path: Path, lines: list[tuple[int, str]]) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    first = lines[0][1]
    if not is_headed(first):
        return _headless(path, lines)
    if len(lines) > 1 and _DASHES.fullmatch(lines[1][1]):
        widths = [(match.start(), match.end()) for match in re.finditer("-+", lines[1][1])]
        names = [first[start:end].strip() for start, end in widths]
        return names, ((number, _cut(path, number, line, widths)) for number, line in lines[2:])
    match = _HEADER.match(first)
    delimiter = match[2] if match else "|"
    names = _cells(first.lstrip("\ufeff"), delimiter)
    return names, _delimited(path, lines[1:], delimiter, len(names))


def _headless(path: Path, lines: list[tuple[int, str]]) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    neighbour = describing(path)
    names = None if neighbour is None else _columns(neighbour)
    if names is None:
        raise MalformedSource(
            path,
            "a table of sacct without a header: what its columns are is not said",
            where="line 1",
            advice="leave out --noheader, or put the command (sacct --format=...) into a file sacct.cmd beside it",
        )
    match = _ROW.match(lines[0][1])
    return names, _delimited(path, lines, match[2][:1] if match else "|", len(names))


def _delimited(
    path: Path, lines: list[tuple[int, str]], delimiter: str, count: int
) -> Iterator[tuple[int, list[str]]]:
    for number, line in lines:
        cells = _cells(line, delimiter)
        if len(cells) == count - 1:
            cells = line.split(delimiter)
        if len(cells) != count:
            raise MalformedSource(
                path,
                f"{len(cells)} values where there are {count} columns",
                where=f"line {number}",
                advice="the file is cut off, or a value holds the delimiter: use sacct -P --delimiter with one that none holds",
            )
        yield number, cells


def _cells(line: str, delimiter: str) -> list[str]:
    """The cells; `sacct --parsable` ends each line with the delimiter."""
    return line.removesuffix("\r").removesuffix(delimiter).split(delimiter)


def _cut(path: Path, number: int, line: str, widths: Sequence[tuple[int, int]]) -> list[str]:
    """The cells of a line of fixed width; one that sacct cut off (it ends with +) is not taken."""
    if len(line.rstrip()) > widths[-1][1]:
        raise MalformedSource(
            path, "the line is wider than its columns", where=f"line {number}", advice="use sacct --parsable2"
        )
    cells = [line[start:end].strip() for start, end in widths]
    return [
        "" if cell.endswith("+") and len(cell) == end - start else cell
        for cell, (start, end) in zip(cells, widths, strict=True)
    ]


def _columns(path: Path) -> list[str] | None:
    """The columns that the first `sacct` command of a file asks for."""
    text = head(path).decode(errors="replace")
    for match in islice(_COMMAND.finditer(text), 20):
        try:
            words = shlex.split(match[1])
        except ValueError:
            continue
        for word, following in zip(words, [*words[1:], ""], strict=True):
            chosen = following if word in ("-o", "--format") else word.removeprefix("--format=")
            if chosen != word or (word.startswith("-o") and len(word) > 2):
                names = (chosen if chosen != word else word[2:]).split(",")
                return [name.partition("%")[0] for name in names]
    return None
