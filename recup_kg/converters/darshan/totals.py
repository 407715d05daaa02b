"""Totals of a module over all its records, by the rules of Darshan's own accumulator.

The rules are those of the `log_agg_records` functions in `darshan-util/darshan-*-logutils.c`
(https://github.com/darshan-hpc/darshan): what `darshan-parser --total` prints. Integers are 64 bits and wrap.
"""

from __future__ import annotations

from collections.abc import Sequence

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


def total(module: str, records: Sequence[Record]) -> tuple[tuple[str, Number], ...]:
    """The totals of the records, in the order of their counters."""
    prefix = PREFIXES[module]
    rows = [dict(record.counters) for record in records]
    names = list(dict.fromkeys(name for row in rows for name in row))
    found = {name: _total(prefix, name, rows) for name in names}
    for kind in _COMMON:
        found |= _common(prefix, kind, rows)
    found |= _slowest(prefix, rows)
    found |= _ranks(prefix, records, rows)
    return tuple((name, found[name]) for name in names if name in found)


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


def _total(prefix: str, name: str, rows: Sequence[dict[str, Number]]) -> Number:
    module = next(module for module, known in PREFIXES.items() if known == prefix)
    values = [row[name] for row in rows if name in row]
    zero: Number = 0.0 if isinstance(values[0], float) else 0
    how = rule(module, name)
    if how == LAST:
        return signed(int(values[-1]))
    if how == MAXIMUM:
        return max([zero, *values])
    if how == EARLIEST:
        return min((value for value in values if value > 0), default=zero)
    if how == SUM:
        return _sum(zero, values, keep=False)
    return _sum(zero, values, keep=True) if how == SUM_OR_UNKNOWN else zero


def _sum(zero: Number, values: Sequence[Number], *, keep: bool) -> Number:
    """The sum, one after the other as the tool does; with `keep` a counter that was not monitored stays -1."""
    found = zero
    for value in values:
        found += value
        if isinstance(found, int):
            found = signed(found)
            found = -1 if keep and found < 0 else found
    return found


def _slowest(prefix: str, rows: Sequence[dict[str, Number]]) -> dict[str, Number]:
    """The sizes of the slowest read and write: that of the first record that has the longest time."""
    found: dict[str, Number] = {}
    for kind in ("READ", "WRITE"):
        size, time = f"{prefix}_MAX_{kind}_TIME_SIZE", f"{prefix}_F_MAX_{kind}_TIME"
        longest: Number = 0.0
        for row in rows:
            if size in row:
                found.setdefault(size, 0)
            if row.get(time, 0.0) > longest:
                longest = row[time]
                found[size] = row.get(size, 0)
    return found


def _ranks(prefix: str, records: Sequence[Record], rows: Sequence[dict[str, Number]]) -> dict[str, Number]:
    """The fastest and the slowest rank, which only make sense if all records are of one file."""
    if f"{prefix}_FASTEST_RANK" not in rows[0]:
        return {}
    found: dict[str, Number] = {}
    # As the tool does: after records of two files it goes on with the identifier 0.
    shared = records[0].identifier
    for number, (record, row) in enumerate(zip(records, rows, strict=True)):
        same = shared == record.identifier
        shared = shared if same else 0
        for kind in ("FASTEST", "SLOWEST"):
            names = (f"{prefix}_{kind}_RANK", f"{prefix}_{kind}_RANK_BYTES", f"{prefix}_F_{kind}_RANK_TIME")
            if not same:
                found |= dict(zip(names, (-1, -1, 0.0), strict=True))
                continue
            rank, moved, time = _own(prefix, names, record, row)
            best = found.get(names[2], 0.0)
            if number == 0 or (time < best if kind == "FASTEST" else time > best):
                found |= dict(zip(names, (rank, moved, time), strict=True))
    return found


def _own(
    prefix: str, names: tuple[str, str, str], record: Record, row: dict[str, Number]
) -> tuple[Number, Number, Number]:
    """Rank, bytes and time of a record: a shared one states them, of another they are its own."""
    if record.rank == -1:
        return row.get(names[0], 0), row.get(names[1], 0), row.get(names[2], 0.0)
    moved = signed(int(row.get(f"{prefix}_BYTES_READ", 0) + row.get(f"{prefix}_BYTES_WRITTEN", 0)))
    read, write, meta = (row.get(f"{prefix}_F_{kind}_TIME", 0.0) for kind in ("READ", "WRITE", "META"))
    return record.rank, moved, read + write + meta


def _common(prefix: str, kind: str, rows: Sequence[dict[str, Number]]) -> dict[str, Number]:
    """The four most common access sizes or strides with their counts."""
    values = [f"{prefix}_{kind}{number}_{kind}" for number in range(1, 5)]
    counts = [f"{prefix}_{kind}{number}_COUNT" for number in range(1, 5)]
    if values[0] not in rows[0]:
        return {}
    best = [(0, 0)] * 4
    for row in rows:
        new = [(int(row[value]), int(row[count])) for value, count in zip(values, counts, strict=True)]
        # MPI-IO passes over a record whose first value is 0.
        if prefix != "MPIIO" or new[0][0] != 0:
            best = _merge(best, new)
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
