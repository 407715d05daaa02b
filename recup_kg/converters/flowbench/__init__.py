"""FlowBench's table of one Pegasus run (docs/formats/flowbench.md), with the dependencies in the JSON file beside it.

One row for each job: times, delays, what kickstart measured, and a label of the fault that was injected. Papadimitriou et al.,
Flow-Bench, arXiv 2306.09930; https://github.com/PoSeiDon-Workflows/FlowBench.
"""

from __future__ import annotations

from pathlib import Path

from recup_kg.collector import paused_collector
from recup_kg.converters.flowbench.build import build
from recup_kg.converters.flowbench.edges import adjacency_file, children, common_folder
from recup_kg.converters.flowbench.table import header, read_table
from recup_kg.converters.sources import head, source_of
from recup_kg.records import Trace

__all__ = ["NAME", "VERSION", "members", "read", "sniff"]

NAME = "flowbench"
VERSION = "1"


def sniff(path: Path) -> bool:
    """Whether the first line names the columns of such a table."""
    line = head(path, 8192).split(b"\n", 1)[0]
    try:
        return header(line.decode("utf-8-sig")) is not None
    except UnicodeDecodeError:
        return False


def members(path: Path) -> tuple[Path, ...]:
    """The table, and the file of its dependencies where there is one."""
    found = adjacency_file(path)
    return (path,) if found is None else (path, found)


@paused_collector()
def read(path: Path) -> Trace:
    """The records of a run. Raises `MalformedSource`, which names the file, the line and what is wrong."""
    table = read_table(path)
    files = tuple(file.absolute() for file in members(path))
    source = source_of(
        path,
        converter=NAME,
        version=VERSION,
        format_version="not stated",
        layer="WorkflowSystemLayer",
        members=files if len(files) > 1 else (),
        folder=common_folder(files),
        named=True,
    )
    return build(path, table, source, files[1] if len(files) > 1 else None, children(files[1:]))
