"""The plain way: read tables with pyarrow, and score each value of the last by its distance from the median in MADs.

Given: CSV files. Prints seconds of processor time since the start of the process, imports included.
"""

from __future__ import annotations

import sys
import time

import numpy as np
import pyarrow as pa
from pyarrow import csv

_TINY = 1e-9


def ranking(tables: list[str]) -> list[tuple[float, str]]:
    """The values of the last table, the furthest from the others first: no screening, no machines, no significance."""
    runs = [_read(path) for path in tables]
    keys = list(runs[-1])
    values = np.array([[run.get(key, np.nan) for key in keys] for run in runs])
    known = np.flatnonzero((~np.isnan(values[:-1])).any(axis=0))
    references, own, keys = values[:-1, known], values[-1, known], [keys[place] for place in known]
    centre = np.nanmedian(references, axis=0)
    spread = 1.4826 * np.nanmedian(np.abs(references - centre), axis=0)
    distances = np.abs(own - centre) / np.maximum(spread, _TINY)
    return sorted(zip(np.nan_to_num(distances).tolist(), keys, strict=True), reverse=True)


def _read(path: str) -> dict[str, float]:
    """Each number of each job."""
    table = csv.read_csv(path)
    jobs = table.column(0).to_pylist()
    found: dict[str, float] = {}
    for field, column in zip(table.schema, table.columns, strict=True):
        if pa.types.is_integer(field.type) or pa.types.is_floating(field.type):
            values = np.asarray(column.to_numpy(), dtype=np.float64).tolist()
            found.update((f"{job} {field.name}", value) for job, value in zip(jobs, values, strict=True))
    return found


if __name__ == "__main__":
    ranking(sys.argv[1:])
    print(time.process_time())
