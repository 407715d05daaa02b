"""Which executions of a store ran on one machine at the same time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from recup_kg.align.tokens import workflow_name
from recup_kg.api.fusion_rows import seconds
from recup_kg.causes.observed import Property
from recup_kg.comparisons import Evidence, Value
from recup_kg.queries import bind, load
from recup_kg.store import Entry, Store

KIND = "co-running execution"
QUERY = "co-running"
Span = tuple[float, float]


def co_running(store: Store, entries: Sequence[Entry]) -> tuple[Property, ...]:
    """Of each run whether another execution of the store had a task's machine at the same time, and of which workflow.

    Only what the store holds can be found. A run whose start, end or machines were not captured, or whose times have no zone, is
    not among the subjects: of it, nobody can tell.
    """
    owners = {entry.task_graph: entry.name for entry in entries}
    spans = _spans(store, owners)
    found: dict[str, set[Value]] = {run: set() for run in spans}
    for row in store.select(bind(load(QUERY), {"run": tuple(owners)})).dicts():
        run = owners[str(row["graph"])]
        mine, theirs = spans.get(run), _span(row, "otherStarted", "otherEnded", "otherMakespan")
        if mine and theirs and max(mine[0], theirs[0]) < min(mine[1], theirs[1]):
            found[run].add(workflow_name(str(row["otherLabel"])))
    values = {run: frozenset(known) for run, known in found.items()}
    evidence = (Evidence(QUERY, {}),)
    return (
        (Property(KIND, "same machine at the same time", values, evidence=evidence),)
        if any(values.values())
        else ()
    )


_RUNS = """PREFIX recup: <https://w3id.org/recup/ontology#>
PREFIX prov: <http://www.w3.org/ns/prov#>
SELECT DISTINCT ?graph ?started ?ended ?makespan WHERE {
  VALUES ?graph { %s }
  GRAPH ?graph {
    ?run a recup:Execution ; prov:startedAtTime ?started .
    ?task prov:atLocation ?node .
    OPTIONAL { ?run prov:endedAtTime ?ended }
    OPTIONAL { ?run recup:makespan ?makespan }
  }
}"""


def _spans(store: Store, owners: Mapping[str, str]) -> dict[str, Span]:
    """Start and end of each run whose machines are known too, as POSIX seconds."""
    values = " ".join(f"<{graph}>" for graph in owners)
    spans = (
        (owners[str(row["graph"])], _span(row, "started", "ended", "makespan"))
        for row in store.select(_RUNS % values).dicts()
    )
    return {run: span for run, span in spans if span is not None}


def _span(row: Mapping[str, Value], started: str, ended: str, makespan: str) -> Span | None:
    """The time that a run took; None where it has no zone, or no end can be told."""
    start, end, length = seconds(row[started]), seconds(row[ended]), row[makespan]
    if start is None:
        return None
    if end is None and isinstance(length, int | float):
        end = start + length
    return None if end is None else (start, end)
