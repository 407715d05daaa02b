"""WfCommons WfFormat 1.5, the task graph of an execution: https://github.com/wfcommons/WfFormat."""

from __future__ import annotations

from recup_kg.converters import exporter_named
from recup_kg.errors import UsageError
from recup_kg.exports import ExportOptions
from recup_kg.rdf.read import read_trace
from recup_kg.store import Entry, Store
from recup_kg.store.registry import Kind

NAME = "wfformat"
MEDIA_TYPE = "application/json"
SUFFIX = ".json"
CONFORMS_TO = "https://github.com/wfcommons/WfFormat"
KINDS: frozenset[Kind] = frozenset(("execution", "fusion"))


def write(store: Store, entry: Entry, options: ExportOptions) -> bytes:
    """The task graph of an execution. Raises `UsageError` where only logs tell of it."""
    if not any(known.graph == entry.task_graph and known.kind == "execution" for known in store.registry()):
        raise UsageError(f"{entry.name} has no task graph: no source of it is a trace")
    return exporter_named(NAME).write(read_trace(store.ntriples(entry.task_graph).decode()))
