"""Nextflow's trace report (`-with-trace`): https://docs.seqera.io/nextflow/reports#trace-file.

It tells of tasks and what they used, not of the files and dependencies between them.
"""

from __future__ import annotations

from pathlib import Path

from recup_kg.collector import paused_collector
from recup_kg.converters.nextflow.build import build
from recup_kg.converters.nextflow.table import header, rows
from recup_kg.converters.sources import head, source_of
from recup_kg.records import Trace

__all__ = ["NAME", "VERSION", "read", "sniff"]

NAME = "nextflow"
VERSION = "1"


def sniff(path: Path) -> bool:
    """Whether the first line names fields of a trace."""
    line = head(path, 4096).split(b"\n", 1)[0]
    try:
        return header(line.decode("utf-8-sig")) is not None
    except UnicodeDecodeError:
        return False


@paused_collector()
def read(path: Path) -> Trace:
    """The records of a trace report. Raises `MalformedSource`, which names the file, the line and what is wrong."""
    names, found = rows(path)
    source = source_of(
        path, converter=NAME, version=VERSION, format_version="not stated", layer="WorkflowSystemLayer"
    )
    return build(names, found, source)
