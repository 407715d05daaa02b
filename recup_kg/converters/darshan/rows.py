"""The rows of counters that darshan-parser prints."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from recup_kg.converters.darshan.log import Heatmap, Log, Record
from recup_kg.errors import MalformedSource
from recup_kg.records import Gap, Number, Subject

PATTERNS = {"raid0": 0, "mdt": 2, "raid0,overstriped": 4, "foreign": 8}
"""How the tool spells layout patterns of Lustre."""
FLAGS = (
    "stale",
    "prefrd",
    "prefwr",
    "offline",
    "init",
    "nosync",
    "extension",
    "parity",
    "compress",
    "partial",
    "nocompr",
    "neg",
)
"""How it spells the flags of a layout's component, from the lowest bit on."""

_INTEGER = re.compile(r"-?\d+")
_COMPONENT = re.compile(r"LUSTRE_COMP(\d+)_(\w+)")
_TARGET = re.compile(r"(?:LUSTRE_)?OST_ID_(\d+)")
_BIN = re.compile(r"HEATMAP_(READ|WRITE)_BIN_(\d+)")
_NOTHING = frozenset({"UNKNOWN", "(null)", ""})


@dataclass(slots=True)
class _Layout:
    """A component of a Lustre layout."""

    counters: list[tuple[str, Number]] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    pool: str | None = None


@dataclass(slots=True)
class _Open:
    """A record whose rows are being read."""

    module: str
    rank: int
    identifier: int
    counters: dict[str, Number] = field(default_factory=dict)
    host: str | None = None
    layouts: dict[int, _Layout] = field(default_factory=dict)
    bins: dict[str, list[int]] = field(default_factory=lambda: {"READ": [], "WRITE": []})


class Rows:
    """Row after row into records."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.records: list[Record] = []
        self.heatmaps: list[Heatmap] = []
        self.names: dict[int, str] = {}
        self.placed: dict[int, tuple[str | None, str | None]] = {}
        self.gaps: list[Gap] = []
        self.open: _Open | None = None
        self.key: tuple[str, str, str] = ("", "", "")

    def row(self, number: int, fields: list[str]) -> None:
        """Module, rank, record, counter, value, file, mount point, file system."""
        module, rank, identifier, name, value, file, point, kind = fields
        key = (module, rank, identifier)
        if self.open is None or key != self.key or self._known(name):
            self._close()
            self.key = key
            self.open = _Open(module, self._integer(number, rank), self._integer(number, identifier))
            if file not in _NOTHING:
                self.names.setdefault(self.open.identifier, file)
            place = tuple(None if said in _NOTHING else said for said in (point, kind))
            self.placed.setdefault(self.open.identifier, (place[0], place[1]))
        self._value(number, name, value)

    def give(self, log: Log) -> None:
        """All that was read, to the log."""
        self._close()
        log.records = self.records
        log.heatmaps = self.heatmaps
        log.names = self.names
        log.placed = self.placed
        log.gaps += self.gaps

    def _known(self, name: str) -> bool:
        """Whether the open record has this counter: then this is another record of the same file and rank."""
        return self.open is not None and name in self.open.counters

    def _value(self, number: int, name: str, value: str) -> None:
        record = self.open
        assert record is not None
        if record.module == "LUSTRE" and self._layout(number, record, name, value):
            return
        found = _BIN.fullmatch(name) if record.module == "HEATMAP" else None
        if found is not None:
            record.bins[found[1]].append(self._integer(number, value))
            return
        if name == "MPI_PROCESSOR_NAME":
            record.host = value or None
            return
        read = _number(value)
        if read is None:
            where = f"line {number}, {name}"
            comment = "The text holds no number."
            self.gaps.append(Gap("UnmappedField", Subject("evidence"), where, comment, json.dumps(value)))
        else:
            record.counters[name] = read

    def _layout(self, number: int, record: _Open, name: str, value: str) -> bool:
        """Whether the row tells of a component of a layout; older tools print one without a number."""
        found = _COMPONENT.fullmatch(name)
        component, rest = (int(found[1]), found[2]) if found is not None else (0, name)
        target = _TARGET.fullmatch(rest)
        if found is None and target is None:
            return False
        layout = record.layouts.setdefault(component, _Layout())
        if target is not None:
            layout.targets.append(self._integer(number, value))
        elif rest == "POOL_NAME":
            layout.pool = None if value == "N/A" else value
        elif value != "N/A":
            layout.counters.append((f"LUSTRE_COMP_{rest}", self._coded(number, rest, value)))
        return True

    def _coded(self, number: int, name: str, value: str) -> int:
        if name == "STRIPE_PATTERN" and value in PATTERNS:
            return PATTERNS[value]
        if name == "FLAGS" and value != "0":
            words = value.split(",")
            if set(words) <= set(FLAGS):
                return sum(1 << FLAGS.index(word) for word in words)
        return self._integer(number, value)

    def _close(self) -> None:
        record, self.open = self.open, None
        if record is None:
            return
        if record.module == "HEATMAP":
            width = float(record.counters.get("HEATMAP_F_BIN_WIDTH_SECONDS", 0.0))
            read, written = record.bins["READ"], record.bins["WRITE"]
            if len(read) != len(written):
                raise MalformedSource(
                    self.path,
                    f"a heat map has {len(read)} bins of reads and {len(written)} of writes",
                    where=f"record {record.identifier} of rank {record.rank}",
                    advice="print the log again with darshan-parser",
                )
            self.heatmaps.append(Heatmap(record.identifier, record.rank, width, read, written))
            return
        self._emit(record)

    def _emit(self, record: _Open) -> None:
        alone = record.layouts.pop(0, _Layout())
        self.records.append(
            Record(
                record.module,
                record.identifier,
                record.rank,
                tuple(record.counters.items()),
                record.host,
                osts=tuple(alone.targets),
            )
        )
        for component, layout in sorted(record.layouts.items()):
            self.records.append(
                Record(
                    record.module,
                    record.identifier,
                    record.rank,
                    tuple(layout.counters),
                    component=component,
                    osts=tuple(layout.targets),
                    pool=layout.pool,
                )
            )

    def _integer(self, number: int, value: str) -> int:
        if _INTEGER.fullmatch(value) is None:
            raise MalformedSource(
                self.path,
                f"{value[:60]!r} is no whole number",
                where=f"line {number}",
                advice="print the log again with darshan-parser",
            )
        return int(value)


def _number(text: str) -> Number | None:
    if _INTEGER.fullmatch(text):
        return int(text)
    try:
        return float(text)
    except ValueError:
        return None
