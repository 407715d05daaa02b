"""The text that darshan-parser (plain, --base, --total, --all) and darshan-dxt-parser print of a log, also compressed with gzip.

Lines that start with `#` tell of the job, the regions, the mounts and the traced files; a row of counters is module, rank,
record, counter, value, file, mount point and file system with tabs between; `total_<counter>: <value>` is a total. What
--perf and --file derive is not read. Times are rounded: six decimals in rows, four in traces, whole seconds in the header.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from recup_kg.converters.darshan.log import Job, Log, Region, module_gap, text_of
from recup_kg.converters.darshan.rows import Rows
from recup_kg.converters.darshan.segments import Segments
from recup_kg.converters.darshan.totals import PREFIXES
from recup_kg.errors import MalformedSource
from recup_kg.records import Number

SIZE_LIMIT = 8 * 1024**3
"""Bytes that a text may have when decompressed."""

_GZIP = b"\x1f\x8b"
_FIRST = re.compile(rb"^# darshan log version: ", re.MULTILINE)
_FACT = re.compile(
    r"# (darshan log version|exe|uid|jobid|start_time|end_time|nprocs|run time): ?(.*)", re.DOTALL
)
_METADATA = re.compile(r"# metadata: (.*?) = (.*)", re.DOTALL)
_PART = re.compile(r"# (job data|record table): (\d+) bytes")
_REGION = re.compile(r"# (\S.*?) module(?: \(id (\d+)\))?: (\d+) bytes \(compressed\)(?:, ver=(\d+))?")
_MOUNT = re.compile(r"# mount entry:\s*\t(?:.*\t)?(.*)\t(.*)")
_PARTIAL = re.compile(r"# \*(?:WARNING|ERROR)\*: The (\S+) module contains incomplete data")
_TOTAL = re.compile(r"total_([A-Z]\w*): (\S+)")
_DERIVED = re.compile(
    r"(?:total_bytes|unique files|shared files|agg_\w+|file_type|performance|\w+_by_\w+)\b.*:"
)
_MODULE = re.compile(r"# (\S+) module data")
_INTEGER = re.compile(r"-?\d+")
_NEEDED = ("darshan log version", "exe", "uid", "jobid", "start_time", "end_time", "nprocs", "run time")
_LONGEST_NAME = 64
_ADVICE = "print the log again with darshan-parser"


def is_text(start: bytes) -> bool:
    """Whether a file that starts with these bytes is such a text."""
    if start.startswith(_GZIP):
        try:
            start = zlib.decompressobj(wbits=31).decompress(start, 4096)
        except zlib.error:
            return False
    return _FIRST.search(start[:4096]) is not None


def read_text(path: Path) -> Log:
    """What the text says. Raises `MalformedSource`."""
    parser = _Parser(path)
    lines = text_of(_content(path)).split("\n")
    if lines[-1] == "":
        lines.pop()
    for number, line in enumerate(lines, start=1):
        parser.feed(number, line.removesuffix("\r"))
    return parser.finish(len(lines))


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            if stream.read(2) != _GZIP:
                stream.seek(0)
                return stream.read()
        with gzip.open(path) as packed:
            found = packed.read(SIZE_LIMIT)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise MalformedSource(path, "the compressed text is damaged or cut off", advice=_ADVICE) from error
    except OSError as error:
        raise MalformedSource(
            path, f"can't be read: {error.strerror}", advice="check its permissions"
        ) from error
    return found


class _Parser:
    """Line after line into a log."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.facts: dict[str, str] = {}
        self.metadata: list[tuple[str, str]] = []
        self.sizes: dict[str, int] = {}
        self.regions: list[Region] = []
        self.mounts: list[tuple[str, str]] = []
        self.totals: dict[str, list[tuple[str, Number]]] = {}
        self.shown: set[str] = set()
        self.partial: set[str] = set()
        self.rows = Rows(path)
        self.segments = Segments(path)
        self.open_row: list[str] = []
        self.started = 0

    def feed(self, number: int, line: str) -> None:
        """One line."""
        if self.open_row:
            self._row(number, line)
        elif line.startswith("#"):
            self._comment(number, line)
        elif line.lstrip().startswith("X_"):
            self.segments.row(number, line)
        elif "\t" in line:
            self._row(number, line)
        elif line.strip():
            self._total(number, line)

    def _row(self, number: int, line: str) -> None:
        """A row of counters; the name of a file may hold line ends, so that it goes on in the next line."""
        self.started = number if not self.open_row else self.started
        self.open_row.append(line)
        fields = "\n".join(self.open_row).split("\t")
        if len(fields) >= 8:
            self.open_row = []
            self.rows.row(self.started, [*fields[:5], "\t".join(fields[5:-2]), *fields[-2:]])
        elif len(fields) < 6 or len(self.open_row) > _LONGEST_NAME:
            self._broken(self.started)

    def _broken(self, number: int) -> None:
        raise MalformedSource(
            self.path, "a row of counters needs 8 fields", where=f"line {number}", advice=_ADVICE
        )

    def _total(self, number: int, line: str) -> None:
        found = _TOTAL.fullmatch(line.strip())
        if found is not None:
            module = next(
                (name for name, prefix in PREFIXES.items() if found[1].startswith(f"{prefix}_")), None
            )
            value = _number(found[2])
            if module is not None and value is not None:
                self.totals.setdefault(module, []).append((found[1], value))
                return
        if found is None and _DERIVED.match(line.strip()):
            return
        raise MalformedSource(
            self.path,
            f"not a line of darshan-parser: {line.strip()[:60]!r}",
            where=f"line {number}",
            advice=_ADVICE,
        )

    def _comment(self, number: int, line: str) -> None:
        if line.startswith("# DXT, "):
            self.segments.comment(number, line)
            return
        for pattern, take in self._takers():
            found = pattern.match(line)
            if found is not None:
                take(found)
                return

    def _takers(self) -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], object]], ...]:
        return (
            (_MODULE, lambda found: self.shown.add(found[1])),
            (_PARTIAL, lambda found: self.partial.add(found[1])),
            (_MOUNT, lambda found: self.mounts.append((found[1], found[2]))),
            (_REGION, self._region),
            (_PART, lambda found: self.sizes.setdefault(found[1], int(found[2]))),
            (_METADATA, lambda found: self.metadata.append((found[1], found[2]))),
            (_FACT, self._fact),
        )

    def _fact(self, found: re.Match[str]) -> None:
        self.facts.setdefault(found[1], found[2])

    def _region(self, found: re.Match[str]) -> None:
        name = f"module {found[2]}" if found[2] else found[1]
        self.regions.append(Region(name, int(found[3]), int(found[4] or 0)))

    def finish(self, last: int) -> Log:
        """The log, after the last line."""
        if self.open_row:
            self._broken(self.started)
        job = self._job()
        regions = tuple(self._flagged(region) for region in self.regions)
        log = Log(job, regions, "text", tuple(self.mounts))
        self.rows.give(log)
        self.segments.give(log)
        log.totals = {module: tuple(pairs) for module, pairs in self.totals.items()}
        self._gaps(log)
        return log

    def _flagged(self, region: Region) -> Region:
        flag = True if region.module in self.partial else (False if region.module in self.shown else None)
        return replace(region, partial=flag)

    def _gaps(self, log: Log) -> None:
        """A gap for each module that the log has and the text does not show."""
        said = (
            {record.module for record in log.records}
            | {trace.module for trace in log.traces}
            | set(log.totals)
        )
        said |= {"HEATMAP"} if log.heatmaps else set()
        said |= self.segments.unsound
        for region in log.regions:
            if region.size and region.module not in said and not region.partial:
                comment = "The log has records of this module that this text does not show."
                log.gaps.append(module_gap(region.module, "NotCaptured", comment))

    def _job(self) -> Job:
        missing = [name for name in _NEEDED if name not in self.facts]
        if missing:
            raise MalformedSource(self.path, f"the text does not say {missing[0]!r}", advice=_ADVICE)
        version = self.facts["darshan log version"].strip()
        if not version.startswith("3."):
            raise MalformedSource(
                self.path,
                f"a log of version {version}; this reads version 3",
                advice="convert the log with the darshan-convert of Darshan 3 and print it again",
            )
        return Job(
            version,
            self.facts["exe"],
            self._integer("uid"),
            self._integer("jobid"),
            self._integer("nprocs"),
            self._integer("start_time"),
            self._integer("end_time"),
            self._float("run time"),
            metadata=tuple(self.metadata),
            job_size=self.sizes.get("job data", 0),
            name_size=self.sizes.get("record table", 0),
        )

    def _integer(self, name: str) -> int:
        value = self.facts[name].strip()
        if _INTEGER.fullmatch(value) is None:
            self._wrong(name)
        return int(value)

    def _float(self, name: str) -> float:
        value = _number(self.facts[name].strip())
        return float(value) if value is not None else self._wrong(name)

    def _wrong(self, name: str) -> float:
        said = self.facts[name][:60]
        raise MalformedSource(self.path, f"{name!r} is {said!r}, not a number", advice=_ADVICE)


def _number(text: str) -> Number | None:
    if _INTEGER.fullmatch(text):
        return int(text)
    try:
        return float(text)
    except ValueError:
        return None
