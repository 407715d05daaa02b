"""What a store knows of its runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from recup_kg.api.values import GapCount, Run, RunSummary
from recup_kg.records import Coverage
from recup_kg.store import Entry, Store
from recup_kg.store.table import Value
from recup_kg.vocab import prefixes_turtle

_FACTS = """
SELECT ?graph ?label ?workflow ?format ?version ?started ?written ?makespan ?system WHERE {
  VALUES ?graph { %s }
  GRAPH ?graph {
    ?graph recup:describes ?run ; prov:wasDerivedFrom ?file .
    ?run rdfs:label ?label .
    ?file recup:format ?format ; recup:formatVersion ?version .
    OPTIONAL { ?run recup:workflowName ?workflow }
    OPTIONAL { ?run prov:startedAtTime ?started }
    OPTIONAL { ?run recup:startedAsWritten ?written }
    OPTIONAL { ?run recup:makespan ?makespan }
    OPTIONAL { ?run prov:wasAssociatedWith/schema:name ?system }
  }
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
    """The runs behind entries that are executions, in their order."""
    known = [entry for entry in entries if entry.kind == "execution"]
    if not known:
        return ()
    graphs = [entry.graph for entry in known]
    facts = {str(row["graph"]): row for row in _rows(store, _FACTS, graphs)}
    tasks = {str(row["graph"]): row["tasks"] for row in _rows(store, _TASKS, graphs)}
    return tuple(_run(entry, facts[entry.graph], tasks.get(entry.graph)) for entry in known)


def summary(store: Store, entry: Entry) -> RunSummary:
    """One run with its coverage and gaps."""
    coverage = tuple(
        Coverage(str(row["property"]), int(row["expected"] or 0), int(row["observed"] or 0))
        for row in _rows(store, _COVERAGE, [entry.graph])
    )
    gaps = tuple(
        GapCount(str(row["kind"]), str(row["comment"]), str(row["where"]), int(row["count"] or 0))
        for row in _rows(store, _GAPS, [entry.graph])
    )
    return RunSummary(runs(store, [entry])[0], coverage, gaps)


def _rows(store: Store, query: str, graphs: Iterable[str]) -> Iterable[dict[str, Value]]:
    values = " ".join(f"<{graph}>" for graph in graphs)
    return store.select(prefixes_turtle() + query % values).dicts()


def _run(entry: Entry, row: Mapping[str, Value], tasks: Value) -> Run:
    makespan = row["makespan"]
    return Run(
        run=entry.described,
        graph=entry.graph,
        name=entry.name,
        label=str(row["label"]),
        workflow=str(row["workflow"]),
        source=entry.file_name or "",
        sha256=entry.source_sha256 or "",
        format=str(row["format"]),
        format_version=str(row["version"]),
        tasks=int(tasks or 0),
        started=_text(row["started"]) or _text(row["written"]),
        makespan=None if makespan is None else float(makespan),
        system=_text(row["system"]),
    )


def _text(value: Value) -> str | None:
    return None if value is None else str(value)
