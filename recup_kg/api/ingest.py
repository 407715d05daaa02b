"""One source file on its way into a store: detect, read, write as graphs, check, archive, index."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from recup_kg.api.access import Access
from recup_kg.api.values import Ingested, IngestReport, Refused
from recup_kg.bundles import SUFFIX, Bundle
from recup_kg.converters import detect
from recup_kg.errors import BundleError, SourceError
from recup_kg.rdf.graph import Graph
from recup_kg.rdf.write import graphs
from recup_kg.records import Trace
from recup_kg.store import Entry

_LOG = logging.getLogger(__name__)
_STAGES = ("reading", "checking", "archiving")
_INDEXING = 0.7
"""Share of the work that is done when indexing begins."""
_BATCH = 500_000
"""Triples that are indexed together, at least."""

Check: TypeAlias = Callable[["Converted"], None]
"""Looks at what is about to be stored, and raises what speaks against it."""
Stage: TypeAlias = Callable[[str], None]
"""Is told what begins: reading, checking, archiving, indexing."""
Progress: TypeAlias = Callable[[str, float], None]
"""Is told what begins, and the share of the work that is done."""


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


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is left of a file when its bundles are archived, first that of the execution; `new` is False for a repeated file."""

    path: Path
    graph: str
    format: str
    gaps: int
    bundles: tuple[Bundle, ...] = ()
    new: bool = True

    @property
    def triples(self) -> int:
        """Triples of the execution."""
        return self.bundles[0].triples


def convert(path: Path, source_format: str | None = None) -> Converted:
    """Read a file. Raises `SourceError`, or `UsageError` for a format that does not exist."""
    trace = detect(path, source_format).read(path)
    execution, workflow = graphs(trace)
    return Converted(path, trace, execution, workflow)


def ingest(
    access: Access, path: Path, source_format: str | None, check: Check | None, progress: Progress
) -> Ingested:
    """Put a file into the store. Whatever is raised, the store is as it was before."""
    prepared = _prepare(access, path, source_format, check, _stages(progress, path, 0, 1))
    if isinstance(prepared, Ingested):
        return prepared
    progress("indexing", _INDEXING)
    return _index(access, [prepared])[0]


def ingest_all(
    access: Access, paths: Sequence[Path], source_format: str | None, check: Check | None, progress: Progress
) -> IngestReport:
    """Put files into the store, those that can be used. They are indexed together, which is many times faster."""
    taken: dict[int, Ingested] = {}
    waiting: dict[int, Prepared] = {}
    refused: list[Refused] = []
    for number, path in enumerate(paths):
        tell = _stages(progress, path, number, len(paths))
        try:
            found = _prepare(access, path, source_format, check, tell, waiting.values())
        except (SourceError, BundleError) as error:
            refused.append(Refused(str(path), _named(path, error)))
            continue
        if isinstance(found, Ingested):
            taken[number] = found
        else:
            waiting[number] = found
        if sum(item.triples for item in waiting.values()) >= _BATCH:
            _flush(access, waiting, taken, refused, progress)
    _flush(access, waiting, taken, refused, progress)
    return IngestReport(tuple(taken[number] for number in sorted(taken)), tuple(refused))


def _prepare(
    access: Access,
    path: Path,
    source_format: str | None,
    check: Check | None,
    stage: Stage,
    waiting: Collection[Prepared] = (),
) -> Prepared | Ingested:
    """Read, check and archive a file; one that the store has already is done.

    Nothing is written, not even the folder of a new store, before the file is known to be good.
    """
    stage("reading")
    converted = convert(path, source_format)
    trace, graph = converted.trace, converted.execution.name
    item = Prepared(path, graph, trace.source.format, len(trace.gaps))
    if access.exists and access.reading().contains(graph):
        store = access.reading()
        return _ingested(item, store.resolve(graph), store.count(graph), new=False)
    twin = next((other for other in waiting if other.graph == graph), None)
    if twin is not None:
        return replace(item, bundles=twin.bundles, new=False)
    if check is not None:
        stage("checking")
        check(converted)
    stage("archiving")
    store = access.writing()
    bundles = tuple(
        store.archive(part.name, part.lines) for part in (converted.execution, converted.workflow)
    )
    return replace(item, bundles=bundles)


def _flush(
    access: Access,
    waiting: dict[int, Prepared],
    taken: dict[int, Ingested],
    refused: list[Refused],
    progress: Progress,
) -> None:
    """Index what waits, together; where a bundle can't be indexed, one by one, to know which."""
    if not waiting:
        return
    progress("indexing", _INDEXING)
    try:
        taken |= zip(waiting, _index(access, list(waiting.values())), strict=True)
    except BundleError:
        for number, item in waiting.items():
            try:
                taken[number] = _index(access, [item])[0]
            except BundleError as error:
                refused.append(Refused(str(item.path), _named(item.path, error)))
    waiting.clear()


def _index(access: Access, items: Sequence[Prepared]) -> list[Ingested]:
    given = {bundle.graph: bundle for item in items for bundle in item.bundles}
    entries = {entry.graph: entry for entry in access.writing().add(given.values())}
    return [_ingested(item, entries[item.graph], item.triples, new=item.new) for item in items]


def _ingested(item: Prepared, entry: Entry, triples: int, *, new: bool) -> Ingested:
    _LOG.info("%s is in the store as %s (%d triples)", item.path, entry.name, triples)
    return Ingested(
        run=entry.described,
        name=entry.name,
        source=str(item.path),
        format=item.format,
        bundle=entry.sha256 + SUFFIX,
        triples=triples,
        gaps=item.gaps,
        new=new,
    )


def _named(path: Path, error: SourceError | BundleError) -> str:
    return str(error) if isinstance(error, SourceError) else f"{path}: {error}"


def _stages(progress: Progress, path: Path, number: int, count: int) -> Stage:
    def tell(stage: str) -> None:
        share = (number + _STAGES.index(stage) / len(_STAGES)) / count
        progress(f"{stage} {path.name}", share * _INDEXING)

    return tell
