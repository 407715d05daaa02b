"""Which executions of a store ran on one machine at the same time."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeAlias

from recup_kg.align.tokens import workflow_name
from recup_kg.api.fusion_rows import seconds
from recup_kg.causes.observed import Property
from recup_kg.comparisons import Evidence, Value
from recup_kg.store import Entry, Store

KIND = "co-running execution"
QUERY = "co-running"
Span: TypeAlias = tuple[float, float]

_PREFIXES = """PREFIX recup: <https://w3id.org/recup/ontology#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
"""
_EXECUTIONS = (
    _PREFIXES
    + """SELECT DISTINCT ?graph ?run ?label ?started ?ended ?makespan WHERE { GRAPH ?graph {
  ?run a recup:Execution .
  OPTIONAL { ?run rdfs:label ?label }
  OPTIONAL { ?run prov:startedAtTime ?started }
  OPTIONAL { ?run prov:endedAtTime ?ended }
  OPTIONAL { ?run recup:makespan ?makespan } } }"""
)
_MACHINES = (
    _PREFIXES
    + """SELECT DISTINCT ?graph ?node WHERE { GRAPH ?graph {
  ?task a recup:TaskExecution ; prov:atLocation ?machine . ?machine recup:nodeName ?node } }"""
)
_PLACED = (
    _PREFIXES
    + "SELECT DISTINCT ?graph WHERE { VALUES ?graph { %s } GRAPH ?graph { ?task prov:atLocation ?node } }"
)


@dataclass(frozen=True, slots=True)
class _Ran:
    """An execution that a graph describes, with its time in POSIX seconds; `label` is None where it has none."""

    graph: str
    run: str
    label: str | None
    span: Span | None


class _Busy:
    """When executions had one machine."""

    def __init__(self, ran: Iterable[tuple[Span, _Ran]]) -> None:
        self._ran = sorted(ran, key=lambda item: item[0])
        self._starts = [span[0] for span, _ in self._ran]
        self._latest = list(accumulate((span[1] for span, _ in self._ran), max))

    def during(self, own: Span) -> Iterator[_Ran]:
        """The executions that ran at some time within a span."""
        for place in range(bisect_left(self._starts, own[1]) - 1, -1, -1):
            if self._latest[place] <= own[0]:
                return
            span, ran = self._ran[place]
            if max(own[0], span[0]) < min(own[1], span[1]):
                yield ran


def co_running(store: Store, entries: Sequence[Entry]) -> tuple[Property, ...]:
    """Of each run whether another execution of the store had a task's machine at the same time, and of which workflow.

    Only what the store holds can be found. A run whose start, end or machines were not captured, or whose times have no zone, is
    not among the subjects: of it, nobody can tell.
    """
    owners = {entry.task_graph: entry.name for entry in entries}
    executions = _executions(store)
    spans = _spans(store, owners, executions)
    machines = _machines(store)
    busy = _busy(executions, machines)
    found: dict[str, set[Value]] = {owners[graph]: set() for graph in spans}
    for graph, span in spans.items():
        own = {ran.run for ran in executions[graph]}
        others = (ran for node in machines.get(graph, ()) for ran in busy[node].during(span))
        found[owners[graph]].update(
            workflow_name(ran.label or "") for ran in others if ran.graph != graph and own - {ran.run}
        )
    values = {run: frozenset(known) for run, known in found.items()}
    evidence = (Evidence(QUERY, {}),)
    return (
        (Property(KIND, "same machine at the same time", values, evidence=evidence),)
        if any(values.values())
        else ()
    )


def _executions(store: Store) -> Mapping[str, list[_Ran]]:
    """All executions of the store by graph."""
    found: dict[str, list[_Ran]] = defaultdict(list)
    for row in store.select(_EXECUTIONS).dicts():
        label = None if row["label"] is None else str(row["label"])
        graph = str(row["graph"])
        found[graph].append(_Ran(graph, str(row["run"]), label, _span(row)))
    return found


def _machines(store: Store) -> Mapping[str, set[str]]:
    """The names of the machines that tasks of each graph ran on."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in store.select(_MACHINES).dicts():
        found[str(row["graph"])].add(str(row["node"]))
    return found


def _busy(executions: Mapping[str, list[_Ran]], machines: Mapping[str, Iterable[str]]) -> Mapping[str, _Busy]:
    """When each machine was whose: of the executions that have a label and a time."""
    found: dict[str, list[tuple[Span, _Ran]]] = defaultdict(list)
    for graph, nodes in machines.items():
        timed = [(ran.span, ran) for ran in executions.get(graph, ()) if ran.span and ran.label is not None]
        for node in nodes:
            found[node] += timed
    return {node: _Busy(ran) for node, ran in found.items()}


def _spans(store: Store, owners: Iterable[str], executions: Mapping[str, Sequence[_Ran]]) -> dict[str, Span]:
    """Start and end of the run of each graph whose machines are known too, as POSIX seconds."""
    values = " ".join(f"<{graph}>" for graph in owners)
    placed = (str(row["graph"]) for row in store.select(_PLACED % values).dicts())
    found = {graph: [ran.span for ran in executions.get(graph, ()) if ran.span] for graph in placed}
    return {graph: spans[-1] for graph, spans in found.items() if spans}


def _span(row: Mapping[str, Value]) -> Span | None:
    """The time that a run took; None where it has no start, where that has no zone, or where no end can be told."""
    start, end, length = seconds(row["started"]), seconds(row["ended"]), row["makespan"]
    if start is None:
        return None
    if end is None and isinstance(length, int | float):
        end = start + length
    return None if end is None else (start, end)
