"""Totals of a module over all its records, by the rules of Darshan's own accumulator.

The rules are those of the `log_agg_records` functions in `darshan-util/darshan-*-logutils.c`
(https://github.com/darshan-hpc/darshan): what `darshan-parser --total` prints. Integers are 64 bits and wrap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import TypeAlias

from recup_kg.converters.darshan.log import Record, signed
from recup_kg.records import Number

PREFIXES = {"POSIX": "POSIX", "MPI-IO": "MPIIO", "STDIO": "STDIO", "DFS": "DFS", "DAOS": "DAOS"}
"""Modules that `darshan-parser --total` prints, with the prefix of their counters."""

SUM = "sum"
SUM_OR_UNKNOWN = "sum or unknown"
LAST = "last"
MAXIMUM = "maximum"
EARLIEST = "earliest"
WITH_SLOWEST = "with the slowest"
RANK = "rank"
COMMON = "common"
NOT_TOTALLED = "not totalled"
_LAST = (
    *("MODE", "MEM_ALIGNMENT", "FILE_ALIGNMENT", "RENAMED_FROM", "CHUNK_SIZE"),
    *("OBJ_OTYPE", "ARRAY_CELL_SIZE", "ARRAY_CHUNK_SIZE"),
)
_KEEP_MINUS_ONE = ("POSIX", "DFS", "DAOS")
_COMMON = ("ACCESS", "STRIDE")
_NAME, _VALUE = itemgetter(0), itemgetter(1)

Columns: TypeAlias = Mapping[str, list[Number]]


def total(module: str, records: Sequence[Record]) -> tuple[tuple[str, Number], ...]:
    """The totals of the records, in the order of their counters."""
    columns = _columns(records)
    found = {name: _total(rule(module, name), values) for name, values in columns.items()}
    prefix = PREFIXES[module]
    for kind in _COMMON:
        found |= _common(prefix, kind, columns)
    found |= _slowest(prefix, columns)
    found |= _ranks(prefix, records, columns)
    return tuple((name, found[name]) for name in columns)


def _columns(records: Sequence[Record]) -> dict[str, list[Number]]:
    """The values of each counter over the records; a counter that some records lack is 0 there."""
    names = tuple(name for name, _ in records[0].counters)
    if all(tuple(map(_NAME, record.counters)) == names for record in records):
        values = zip(*(map(_VALUE, record.counters) for record in records), strict=True)
        return {name: list(column) for name, column in zip(names, values, strict=True)}
    rows = [dict(record.counters) for record in records]
    every = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name, 0.0 if "_F_" in name else 0) for row in rows] for name in every}


def rule(module: str, name: str) -> str:
    """By which rule a counter of a module is totalled."""
    prefix = PREFIXES[module]
    bare = name.removeprefix(f"{prefix}_")
    if bare.endswith("_TIME_SIZE") or bare in ("F_MAX_READ_TIME", "F_MAX_WRITE_TIME"):
        return MAXIMUM if bare.startswith("F_") else WITH_SLOWEST
    if "FASTEST_RANK" in bare or "SLOWEST_RANK" in bare:
        return RANK
    if bare.startswith("F_VARIANCE_") or name == "DAOS_NB_OPS":
        return NOT_TOTALLED
    if bare.startswith(_COMMON) and bare.endswith(("_ACCESS", "_STRIDE", "_COUNT")):
        return COMMON
    if bare.endswith("_START_TIMESTAMP"):
        return EARLIEST
    if bare.endswith("_END_TIMESTAMP") or bare.startswith("MAX_BYTE_"):
        return MAXIMUM
    if bare in _LAST:
        return LAST
    if bare.startswith("F_"):
        return SUM
    return SUM_OR_UNKNOWN if prefix in _KEEP_MINUS_ONE else SUM


def _total(how: str, values: Sequence[Number]) -> Number:
    zero: Number = 0.0 if isinstance(values[0], float) else 0
    if how == LAST:
        return signed(int(values[-1]))
    if how == MAXIMUM:
        return max(zero, *values)
    if how == EARLIEST:
        return min((value for value in values if value > 0), default=zero)
    if how in (SUM, SUM_OR_UNKNOWN):
        return _sum(zero, values, keep=how == SUM_OR_UNKNOWN)
    return zero


def _sum(zero: Number, values: Sequence[Number], *, keep: bool) -> Number:
    """The sum, one after the other as the tool does; with `keep` a counter that was not monitored stays -1."""
    if isinstance(zero, int) and min(values) >= 0:
        whole = sum(values)
        if whole < 2**63:
            return whole
    found = zero
    for value in values:
        found += value
        if isinstance(found, int):
            found = signed(found)
            found = -1 if keep and found < 0 else found
    return found


def _slowest(prefix: str, columns: Columns) -> dict[str, Number]:
    """The sizes of the slowest read and write: that of the first record that has the longest time."""
    found: dict[str, Number] = {}
    for kind in ("READ", "WRITE"):
        name = f"{prefix}_MAX_{kind}_TIME_SIZE"
        if name in columns:
            times = columns.get(f"{prefix}_F_MAX_{kind}_TIME", [0.0])
            longest = max(times)
            found[name] = columns[name][times.index(longest)] if longest > 0 else 0
    return found


def _ranks(prefix: str, records: Sequence[Record], columns: Columns) -> dict[str, Number]:
    """The fastest and the slowest rank, which only make sense if all records are of one file."""
    found: dict[str, Number] = {}
    for kind in ("FASTEST", "SLOWEST"):
        names = (f"{prefix}_{kind}_RANK", f"{prefix}_{kind}_RANK_BYTES", f"{prefix}_F_{kind}_RANK_TIME")
        if names[0] not in columns:
            continue
        # As the tool does: after records of two files it goes on with the identifier 0.
        shared, best = records[0].identifier, (0, 0, 0.0)
        for number, record in enumerate(records):
            if record.identifier != shared:
                shared, best = 0, (-1, -1, 0.0)
                continue
            own = _own(prefix, names, record, {name: values[number] for name, values in columns.items()})
            if number == 0 or (own[2] < best[2] if kind == "FASTEST" else own[2] > best[2]):
                best = own
        found |= dict(zip(names, best, strict=True))
    return found


def _own(
    prefix: str, names: tuple[str, str, str], record: Record, row: dict[str, Number]
) -> tuple[int, int, float]:
    """Rank, bytes and time of a record: a shared one states them, of another they are its own."""
    if record.rank == -1:
        return int(row.get(names[0], 0)), int(row.get(names[1], 0)), float(row.get(names[2], 0.0))
    moved = signed(int(row.get(f"{prefix}_BYTES_READ", 0) + row.get(f"{prefix}_BYTES_WRITTEN", 0)))
    read, write, meta = (float(row.get(f"{prefix}_F_{kind}_TIME", 0.0)) for kind in ("READ", "WRITE", "META"))
    return record.rank, moved, read + write + meta


def _common(prefix: str, kind: str, columns: Columns) -> dict[str, Number]:
    """The four most common access sizes or strides with their counts."""
    values = [f"{prefix}_{kind}{number}_{kind}" for number in range(1, 5)]
    counts = [f"{prefix}_{kind}{number}_COUNT" for number in range(1, 5)]
    if not columns.keys() >= {*values, *counts}:
        return {}
    best = [(0, 0)] * 4
    for row in zip(*(columns[name] for name in (*values, *counts)), strict=True):
        # MPI-IO passes over a record whose first value is 0.
        if any(row) and (prefix != "MPIIO" or row[0] != 0):
            best = _merge(best, [(int(row[place]), int(row[place + 4])) for place in range(4)])
    found: dict[str, Number] = dict(zip(values, (value for value, _ in best), strict=True))
    return found | dict(zip(counts, (count for _, count in best), strict=True))


def _merge(best: list[tuple[int, int]], new: list[tuple[int, int]]) -> list[tuple[int, int]]:
    fresh: list[tuple[int, int]] = []
    for value, count in new:
        if any(known == value for known, _ in best):
            best = [(known, signed(had + count) if known == value else had) for known, had in best]
        else:
            fresh.append((value, count))
    for value, count in fresh:
        if value == 0:
            break
        narrow = (count + 2**31) % 2**32 - 2**31  # the tool compares counts as 32 bits
        place = next(
            (
                index
                for index, (known, had) in enumerate(best)
                if not (had > narrow or (had == narrow and known > value))
            ),
            None,
        )
        if place is None:
            break
        best = [*best[:place], (value, count), *best[place:]][:4]
    return best
