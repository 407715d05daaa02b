"""The traces that darshan-dxt-parser prints."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from recup_kg.converters.darshan import dxt
from recup_kg.converters.darshan.log import Log, Operations, Trace, module_gap
from recup_kg.errors import MalformedSource

_FILE = re.compile(r"# DXT, file_id: (\d+), file_name: (.*)", re.DOTALL)
_RANK = re.compile(r"# DXT, rank: (-?\d+), hostname: (.*)")
_COUNTS = re.compile(r"# DXT, write_count: (\d+), read_count: (\d+)")
_MOUNT = re.compile(r"# DXT, mnt_pt: (.*), fs_type: (.*)")
_ROW = re.compile(
    r"\s*X_(POSIX|MPIIO)\s+(-?\d+)\s+(write|read)\s+(\d+)\s+(-?\d+)\s+(-?\d+)\s+(-?[\d.]+|-?nan|-?inf)\s+(-?[\d.]+|-?nan|-?inf)(.*)"
)
_ADVICE = "print the log again with darshan-dxt-parser"
_NOTHING = frozenset({"UNKNOWN", "(null)", ""})


@dataclass(slots=True)
class _Columns:
    offset: list[int | None] = field(default_factory=list)
    length: list[int] = field(default_factory=list)
    start: list[float] = field(default_factory=list)
    end: list[float] = field(default_factory=list)
    thread: list[int | None] = field(default_factory=list)

    def operations(self) -> Operations:
        tags: list[str | None] = [None] * len(self.length)
        return Operations(self.offset, self.length, self.start, self.end, self.thread, tags)


@dataclass(slots=True)
class _Open:
    """A traced file whose rows are being read. `counts` are those that the text announces: writes, then reads."""

    line: int
    identifier: int
    name: str
    module: str | None = None
    rank: int = 0
    host: str = ""
    counts: tuple[int, int] = (0, 0)
    place: tuple[str | None, str | None] = (None, None)
    written: _Columns = field(default_factory=_Columns)
    read: _Columns = field(default_factory=_Columns)


class Segments:
    """Line after line into traces. `unsound` are the modules whose rows can't be true."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.traced: list[_Open] = []
        self.unsound: set[str] = set()

    def comment(self, number: int, line: str) -> None:
        """A line that starts with `# DXT, `."""
        found = _FILE.fullmatch(line)
        if found is not None:
            self.traced.append(_Open(number, int(found[1]), found[2]))
            return
        current = self.traced[-1] if self.traced else None
        if current is None:
            return
        if (rank := _RANK.fullmatch(line)) is not None:
            current.rank, current.host = int(rank[1]), rank[2]
        elif (counts := _COUNTS.fullmatch(line)) is not None:
            current.counts = (int(counts[1]), int(counts[2]))
        elif (mount := _MOUNT.fullmatch(line)) is not None:
            place = [None if said in _NOTHING else said for said in mount.groups()]
            current.place = (place[0], place[1])

    def row(self, number: int, line: str) -> None:
        """A read or write."""
        found = _ROW.fullmatch(line)
        if found is None or not self.traced:
            raise MalformedSource(self.path, "not a row of a trace", where=f"line {number}", advice=_ADVICE)
        current = self.traced[-1]
        current.module = f"DXT_{found[1]}"
        columns = current.written if found[3] == "write" else current.read
        columns.offset.append(int(found[5]))
        columns.length.append(int(found[6]))
        columns.start.append(float(found[7]))
        columns.end.append(float(found[8]))
        last = found[9].split()[-1:]
        columns.thread.append(int(last[0]) if last and last[0].isdigit() else None)

    def give(self, log: Log) -> None:
        """All that was read, to the log; a module with a value that can't be true is left out with a gap."""
        for trace in self.traced:
            self._complete(trace)
        modules = [trace.module for trace in self.traced if trace.module is not None]
        versions = {region.module: region.version for region in log.regions}
        self.unsound = {
            trace.module for trace in self.traced if trace.module and not self._sound(trace, log.job.run_time)
        }
        for module in sorted(self.unsound):
            comment = "The traces are left out: a segment has values that can't be true."
            log.gaps.append(module_gap(module, "UnreadableValue", comment))
        for trace in self.traced:
            known = trace.module or (modules[0] if len(set(modules)) == 1 else None)
            if known is None or known in self.unsound:
                continue
            module = known
            if module == "DXT_MPIIO" and versions.get(module) == 1:
                # This version did not record them.
                trace.written.offset = [None] * len(trace.written.offset)
                trace.read.offset = [None] * len(trace.read.offset)
            log.traces.append(_trace(trace, module))
            if trace.name not in _NOTHING:
                log.names.setdefault(trace.identifier, trace.name)
            log.placed.setdefault(trace.identifier, trace.place)

    def _complete(self, trace: _Open) -> None:
        found = (len(trace.written.length), len(trace.read.length))
        if found != trace.counts:
            raise MalformedSource(
                self.path,
                f"a trace announces {trace.counts[0]} writes and {trace.counts[1]} reads and has {found[0]} and {found[1]}",
                where=f"line {trace.line}",
                advice=_ADVICE,
            )

    def _sound(self, trace: _Open, run_time: float) -> bool:
        return all(
            dxt.plausible(columns.offset, columns.length, columns.start, columns.end, run_time)
            for columns in (trace.written, trace.read)
        )


def _trace(trace: _Open, module: str) -> Trace:
    return Trace(
        module, trace.identifier, trace.rank, trace.host, trace.written.operations(), trace.read.operations()
    )
