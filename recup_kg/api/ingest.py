"""One source file on its way into a store: detect, read, write as graphs, check, archive, index."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from recup_kg.api.access import Access
from recup_kg.api.values import Ingested
from recup_kg.bundles import SUFFIX
from recup_kg.converters import detect
from recup_kg.rdf.graph import Graph
from recup_kg.rdf.write import graphs
from recup_kg.records import Trace
from recup_kg.store import Entry

_LOG = logging.getLogger(__name__)

Check: TypeAlias = Callable[["Converted"], None]
"""Looks at what is about to be stored, and raises what speaks against it."""
Stage: TypeAlias = Callable[[str], None]
"""Is told what begins: reading, checking, archiving, indexing."""


@dataclass(frozen=True, slots=True)
class Converted:
    """A file as records and as graphs: that of the execution, and that of the workflow template."""

    path: Path
    trace: Trace
    execution: Graph
    workflow: Graph

    @property
    def text(self) -> str:
        """Both graphs as N-Quads."""
        return "".join((*self.execution.lines, *self.workflow.lines))


def convert(path: Path, source_format: str | None = None) -> Converted:
    """Read a file. Raises `SourceError`, or `UsageError` for a format that does not exist."""
    trace = detect(path, source_format).read(path)
    execution, workflow = graphs(trace)
    return Converted(path, trace, execution, workflow)


def ingest(
    access: Access, path: Path, source_format: str | None, check: Check | None, stage: Stage
) -> Ingested:
    """Put a file into the store. Whatever is raised, the store is as it was before.

    Nothing is written, not even the folder of a new store, before the file is known to be good.
    """
    stage("reading")
    converted = convert(path, source_format)
    graph = converted.execution.name
    if access.exists and access.reading().contains(graph):
        _LOG.info("%s is in the store already", path)
        store = access.reading()
        return _ingested(converted, store.resolve(graph), store.count(graph), new=False)
    if check is not None:
        stage("checking")
        check(converted)
    stage("archiving")
    store = access.writing()
    bundles = [store.archive(part.name, part.lines) for part in (converted.execution, converted.workflow)]
    stage("indexing")
    entry = store.add(bundles)[0]
    _LOG.info("%s is in the store as %s (%d triples)", path, entry.name, bundles[0].triples)
    return _ingested(converted, entry, bundles[0].triples, new=True)


def _ingested(converted: Converted, entry: Entry, triples: int, *, new: bool) -> Ingested:
    return Ingested(
        run=entry.described,
        name=entry.name,
        source=str(converted.path),
        format=converted.trace.source.format,
        bundle=entry.sha256 + SUFFIX,
        triples=triples,
        gaps=len(converted.trace.gaps),
        new=new,
    )
