"""Rows about the tasks of many runs, in few queries: each asks about many graphs, and each run stays a graph of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from recup_kg.store import Store
from recup_kg.vocab import prefixes_turtle

Row: TypeAlias = tuple[str | None, ...]

_AT_ONCE = 32

EXECUTIONS = """SELECT ?graph ?run ?makespan ?started WHERE { VALUES ?graph { %s } GRAPH ?graph {
  ?run a recup:Execution . OPTIONAL { ?run recup:makespan ?makespan } OPTIONAL { ?run prov:startedAtTime ?started } } }"""
CONFIGURATIONS = """SELECT ?graph ?fingerprint ?fact WHERE { VALUES ?graph { %s } GRAPH ?graph {
  ?configuration recup:fingerprint ?fingerprint . OPTIONAL { ?configuration recup:configurationFact ?fact } } }"""
_TASKS = """SELECT ?graph ?task ?property ?value WHERE { VALUES ?graph { %s } GRAPH ?graph {
  ?task a recup:TaskExecution ; ?property ?value FILTER (?property IN (PROPERTIES)) } }"""
NODES = (
    """SELECT ?graph ?node ?name WHERE { VALUES ?graph { %s } GRAPH ?graph { ?node recup:nodeName ?name } }"""
)
HOSTS = """SELECT ?graph ?node ?machine WHERE { VALUES ?graph { %s } GRAPH ?graph { ?node recup:hostedBy ?machine } }"""
INPUTS = """SELECT ?graph ?task ?data ?size WHERE { VALUES ?graph { %s } GRAPH ?graph {
  ?task prov:used ?data . OPTIONAL { ?data dcat:byteSize ?size } } }"""
OUTPUTS = """SELECT ?graph ?task ?data ?size WHERE { VALUES ?graph { %s } GRAPH ?graph {
  ?data prov:wasGeneratedBy ?task . OPTIONAL { ?data dcat:byteSize ?size } } }"""
ARTEFACTS = """SELECT ?graph ?about ?property WHERE { VALUES ?graph { %s } GRAPH ?graph {
  ?artefact a recup:RecordingArtefact ; recup:about ?about ; recup:observedProperty ?property } }"""
READY = """SELECT ?graph ?task ?ready WHERE { VALUES ?graph { %s } GRAPH ?graph {
  ?transition recup:toState "ready" ; recup:transitionOf ?task ; prov:atTime ?ready } }"""
FETCHES = """SELECT ?graph ?task ?start ?end WHERE { VALUES ?graph { %s } GRAPH ?graph {
  ?transfer recup:transferDirection "incoming" ; recup:transferred ?data ; recup:toProcess ?process ;
    prov:startedAtTime ?start ; prov:endedAtTime ?end .
  ?task prov:used ?data ; recup:performedBy ?process ; a recup:TaskExecution } }"""
ACCESSES = """SELECT ?graph ?task ?property ?value WHERE {
  VALUES ?graph { %s }
  VALUES ?property { recup:readCount recup:writeCount recup:accessReadBytes recup:accessWrittenBytes recup:accessTime }
  GRAPH ?graph { ?access recup:accessBy ?task ; ?property ?value } }"""
COUNTERS = """SELECT ?graph ?task ?property ?value WHERE { VALUES ?graph { %s } GRAPH ?graph {
  ?record a recup:CounterRecord ; recup:observes ?task . ?task a recup:TaskExecution . ?record ?property ?value
  FILTER (isNumeric(?value)) } }"""
PROCESSES = (
    "SELECT ?graph ?task ?group WHERE { VALUES ?graph { %s } GRAPH ?graph { ?task recup:ranIn ?group } }"
)
TOTALS = """SELECT ?graph ?group ?property ?value WHERE { VALUES ?graph { %s } GRAPH ?graph {
  ?total a recup:CounterTotal ; recup:observes ?group ; ?property ?value FILTER (isNumeric(?value)) } }"""


def tasks(properties: Iterable[str]) -> str:
    """SPARQL for what is stated of each task, of these properties (IRIs)."""
    return _TASKS.replace("PROPERTIES", ", ".join(f"<{name}>" for name in sorted(properties)))


def rows(store: Store, query: str, graphs: Sequence[str]) -> Iterator[Row]:
    """The rows of a query about graphs, as text."""
    for start in range(0, len(graphs), _AT_ONCE):
        values = " ".join(f"<{graph}>" for graph in graphs[start : start + _AT_ONCE])
        found = store.select(prefixes_turtle() + query % values)
        for row in found.rows:
            yield tuple([None if term is None else str(getattr(term, "value", term)) for term in row])


def posix(time: str) -> float | None:
    """Seconds since 1970-01-01T00:00:00Z of an xsd:dateTime, UTC where it has no zone; None for what is no time."""
    try:
        read = datetime.fromisoformat(time)
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
