"""What a store knows of its runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from recup_kg.api.tags import tags_of
from recup_kg.api.values import GapCount, Run, RunSource, RunSummary
from recup_kg.records import Coverage
from recup_kg.store import Entry, Store
from recup_kg.store.registry import EXECUTIONS
from recup_kg.store.table import Value
from recup_kg.vocab import prefixes_turtle

_FACTS = """
SELECT ?graph ?label ?workflow ?started ?written ?makespan ?system WHERE {
  VALUES ?graph { %s }
  GRAPH ?graph {
    ?graph recup:describes ?run .
    ?run rdfs:label ?label .
    OPTIONAL { ?run recup:workflowName ?workflow }
    OPTIONAL { ?run prov:startedAtTime ?started }
    OPTIONAL { ?run recup:startedAsWritten ?written }
    OPTIONAL { ?run recup:makespan ?makespan }
    OPTIONAL { ?run prov:wasAssociatedWith/schema:name ?system }
  }
}"""
_SOURCES = """
SELECT ?graph ?file ?format ?version ?sha256 ?described WHERE {
  VALUES ?graph { %s }
  GRAPH ?graph {
    ?graph recup:describes ?described ; prov:wasDerivedFrom ?source .
    ?source recup:fileName ?file ; recup:format ?format ; recup:formatVersion ?version ;
            spdx:checksum/spdx:checksumValue ?sha256 .
  }
} ORDER BY ?format ?file ?sha256"""
_FINGERPRINTS = """
SELECT ?graph ?fingerprint WHERE {
  VALUES ?graph { %s }
  GRAPH ?graph { ?configuration recup:fingerprint ?fingerprint }
}"""
_TASKS = """
SELECT ?graph (COUNT(?task) AS ?tasks) WHERE {
  VALUES ?graph { %s }
  GRAPH ?graph { ?task a recup:TaskExecution }
} GROUP BY ?graph"""
_COVERAGE = """
SELECT ?property ?expected ?observed WHERE {
  VALUES ?graph { %s }
  GRAPH ?graph {
    ?entry a recup:Coverage ; recup:observedProperty ?property ;
           recup:expectedCount ?expected ; recup:observedCount ?observed
  }
} ORDER BY ?property"""
_GAPS = """
SELECT ?kind ?comment (MIN(?place) AS ?where) (COUNT(?gap) AS ?count) WHERE {
  VALUES ?graph { %s }
  GRAPH ?graph { ?gap a recup:Gap ; recup:gapKind ?kind ; rdfs:comment ?comment ; recup:where ?place }
} GROUP BY ?kind ?comment ORDER BY ?kind DESC(?count) ?comment"""


def runs(store: Store, entries: Iterable[Entry]) -> tuple[Run, ...]:
    """The runs that entries stand for, in their order."""
    known = [entry for entry in entries if entry.kind in EXECUTIONS]
    if not known:
        return ()
    facts = _by_graph(_rows(store, _FACTS, [entry.task_graph for entry in known]))
    tasks = _by_graph(_rows(store, _TASKS, [entry.task_graph for entry in known]))
    configurations = _by_graph(_rows(store, _FINGERPRINTS, [entry.graph for entry in known]))
    sources = _sources(store, known)
    tags = tags_of(store)
    return tuple(
        replace(
            _run(
                entry,
                {**facts[entry.task_graph], **configurations.get(entry.graph, {})},
                tasks.get(entry.task_graph),
                sources[entry.graph],
            ),
            tags=tags.get(entry.described, ()),
        )
        for entry in known
    )


def summary(store: Store, entry: Entry) -> RunSummary:
    """One run with its coverage and gaps."""
    coverage = tuple(
        Coverage(str(row["property"]), int(row["expected"] or 0), int(row["observed"] or 0))
        for row in _rows(store, _COVERAGE, [entry.task_graph])
    )
    gaps = tuple(
        GapCount(str(row["kind"]), str(row["comment"]), str(row["where"]), int(row["count"] or 0))
        for row in _rows(store, _GAPS, entry.graphs)
    )
    return RunSummary(runs(store, [entry])[0], coverage, gaps)


def _sources(store: Store, entries: Iterable[Entry]) -> dict[str, tuple[RunSource, ...]]:
    """The sources of each run, that of its tasks first."""
    graphs = {graph: None for entry in entries for graph in entry.graphs}
    rows: dict[str, RunSource] = {}
    for row in _rows(store, _SOURCES, graphs):
        graph = str(row["graph"])
        rows.setdefault(graph, _source(graph, row))
    found = {}
    for entry in entries:
        own = [rows[graph] for graph in rows if graph in entry.graphs]
        found[entry.graph] = tuple(sorted(own, key=lambda source: source.graph != entry.task_graph))
    return found


def _source(graph: str, row: Mapping[str, Value]) -> RunSource:
    return RunSource(
        graph=graph,
        described=str(row["described"]),
        file=str(row["file"]),
        sha256=str(row["sha256"]),
        format=str(row["format"]),
        format_version=str(row["version"]),
    )


def _by_graph(rows: Iterable[dict[str, Value]]) -> dict[str, dict[str, Value]]:
    return {str(row["graph"]): row for row in rows}


def _rows(store: Store, query: str, graphs: Iterable[str]) -> Iterable[dict[str, Value]]:
    values = " ".join(f"<{graph}>" for graph in graphs)
    return store.select(prefixes_turtle() + query % values).dicts()


def _run(
    entry: Entry, row: Mapping[str, Value], tasks: Mapping[str, Value] | None, sources: Sequence[RunSource]
) -> Run:
    makespan = row["makespan"]
    main = sources[0] if sources else RunSource(entry.graph, entry.described, "", "", "", "")
    return Run(
        run=entry.described,
        graph=entry.graph,
        name=entry.name,
        label=str(row["label"]),
        workflow=_text(row["workflow"]),
        source=main.file,
        sha256=main.sha256,
        format=main.format,
        format_version=main.format_version,
        tasks=int(tasks["tasks"] or 0) if tasks else _no_tasks(entry),
        started=_text(row["started"]) or _text(row["written"]),
        makespan=None if makespan is None else float(makespan),
        system=_text(row["system"]),
        sources=tuple(sources),
        fingerprint=_text(row.get("fingerprint")),
    )


def _no_tasks(entry: Entry) -> int | None:
    """None where no source has a task graph."""
    return None if entry.kind == "fusion" and entry.task_graph == entry.graph else 0


def _text(value: Value) -> str | None:
    return None if value is None else str(value)
