"""`*.metric-db`: the values of one thread, a row of doubles for each context of the `experiment.xml` beside it."""

from __future__ import annotations

import re
import struct
import sys
from array import array
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from recup_kg.converters.sources import read_bytes
from recup_kg.errors import MalformedSource

MAGIC = b"HPCPROF-metricdb__"
_HEADER = 32
_ADVICE = "make the database again with hpcprof, or copy it again"
# hpcrun names its files program-rank-thread-host-process-generation; hpcprof puts a number before.
_NAME = re.compile(r".*-(\d+)-(\d+)-([0-9a-fA-F]+)-(\d+)-(\d+)\.metric-db")


@dataclass(frozen=True, slots=True)
class ThreadName:
    """Who a file is of, as its name says: rank and thread, the host's identifier and the process there."""

    rank: int
    thread: int
    host: int
    process: int


def thread_name(path: Path) -> ThreadName | None:
    """What the name of the file says, None where it is of another pattern."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    rank, thread, host, process, _ = match.groups()
    return ThreadName(int(rank), int(thread), int(host, 16), int(process))


def read_rows(path: Path, metric_count: int) -> tuple[int, array[float]]:
    """The number of rows, and the values row by row. Raises `MalformedSource`."""
    data = read_bytes(path)
    if data[: len(MAGIC)] != MAGIC or len(data) < _HEADER:
        raise _bad(path, 0, "not a metric database of HPCToolkit")
    order = {b"b": ">", b"l": "<"}.get(data[23:24])
    if order is None:
        raise _bad(path, 23, f"byte order {data[23:24]!r} is none that is known")
    rows, columns = struct.unpack_from(order + "II", data, 24)
    if columns != metric_count:
        raise _bad(path, 28, f"{columns} metrics where experiment.xml describes {metric_count}")
    size = rows * columns * 8
    if len(data) != _HEADER + size:
        raise _bad(
            path, 24, f"{rows} rows of {columns} values are {_HEADER + size} bytes; the file has {len(data)}"
        )
    values = array("d")
    values.frombytes(data[_HEADER:])
    if (order == ">") == (sys.byteorder == "little"):
        values.byteswap()
    for place, value in enumerate(values):
        if not isfinite(value):
            raise _bad(path, _HEADER + 8 * place, f"a value is {value}, which is no number")
    return rows, values


def _bad(path: Path, offset: int, problem: str) -> MalformedSource:
    return MalformedSource(path, problem, where=f"byte {offset}", advice=_ADVICE)
