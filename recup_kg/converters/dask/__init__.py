"""The RECUP group's capture of Dask: CSV files of one run in one folder (docs/formats/dask.md).

What scheduler and worker plugins of `distributed` (https://distributed.dask.org/en/stable/plugins.html) saw: graphs that clients
submitted, transitions of tasks by scheduler and workers, transfers between workers, workers and clients that came and went.
"""

from __future__ import annotations

from pathlib import Path

from recup_kg.collector import paused_collector
from recup_kg.converters.dask.build import build
from recup_kg.converters.dask.files import capture, is_csv, kind_of
from recup_kg.errors import MalformedSource
from recup_kg.records import Trace

__all__ = ["NAME", "VERSION", "members", "read", "sniff"]

NAME = "dask"
VERSION = "2"


def sniff(path: Path) -> bool:
    """Whether the first line has the columns of one of the CSV files of a capture."""
    return is_csv(path) and kind_of(path) is not None


def members(path: Path) -> tuple[Path, ...]:
    """All files of the capture that the file belongs to."""
    return tuple(sorted({*capture(path).files, path}))


@paused_collector()
def read(path: Path) -> Trace:
    """The records of the capture that the file belongs to, whichever of its files it is. Raises `MalformedSource`."""
    found = capture(path)
    if not found.tables or path not in found.files:
        raise MalformedSource(
            path,
            "no file of a Dask capture",
            where="line 1",
            advice="its first line must name the columns (key, start, finish, called_from, time, ...)",
        )
    return build(path, found, NAME, VERSION)
