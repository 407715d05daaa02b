"""What of our own store can be found: runs, workflows, programs, files, tags, comparisons, parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from recup_kg.federation.search_items import Item
from recup_kg.store import Entry, Store, registry
from recup_kg.store.registry import EXECUTIONS
from recup_kg.vocab import prefixes_turtle

_LABELLED = ("comparison", "results", "baseline", "metrics", "other")
_RUN = """SELECT DISTINCT ?text WHERE { GRAPH <%s> {
  { ?run a recup:Execution ; ?property ?text . VALUES ?property { rdfs:label recup:workflowName recup:runName } }
  UNION { ?run a recup:Execution ; prov:wasAssociatedWith/schema:name ?text }
  UNION { ?thing recup:configurationFact ?text }
} }"""
_WORKFLOW = """SELECT DISTINCT ?text WHERE { GRAPH <%s> { ?step a recup:Step ; rdfs:label ?text } }"""
_COMPARED = """SELECT DISTINCT ?text WHERE { GRAPH <%s> {
  <%s> ?property ?text . VALUES ?property { rdfs:label rdfs:comment recup:parameter recup:baselineName recup:groupExpression }
} }"""
_PROGRAMS = """SELECT DISTINCT ?text WHERE { GRAPH <%s> { ?task recup:program ?text } }"""
_FILES = """SELECT DISTINCT ?thing ?text ?identifier WHERE { GRAPH <%s> {
  { ?thing a recup:DataObject ; recup:logicalName ?text } UNION { ?thing a recup:AccessedFile ; recup:path ?text }
  OPTIONAL { ?thing dcterms:identifier ?identifier }
} }"""
_PARAMETERS = """SELECT DISTINCT ?thing ?text ?value ?path WHERE { GRAPH <%s> {
  ?thing a ?kind ; rdfs:label ?text . VALUES ?kind { recup:Parameter recup:RandomSeed }
  OPTIONAL { ?thing mls:hasValue ?value } OPTIONAL { ?thing recup:parameterPath ?path }
} }"""
_TAGS = (
    """SELECT DISTINCT ?run ?text WHERE { GRAPH <%s> { ?tagging recup:taggedRun ?run ; recup:tag ?text } }"""
)


class Own:
    """The parts of a store by graph, each with a text that changes when what is found in it would."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._entries = {entry.graph: entry for entry in store.registry()}
        runs = registry.runs(tuple(self._entries.values()))
        self._run_of = {graph: run.name for run in runs for graph in run.graphs}
        self._runs = {run.graph for run in runs}
        self._by_execution = {run.described: run.name for run in runs}

    def parts(self) -> dict[str, str]:
        """What is there: the state of each graph."""
        return {graph: self._state(entry) for graph, entry in self._entries.items()}

    def items(self, graph: str) -> Iterator[Item]:
        """The things of a graph."""
        entry = self._entries[graph]
        if graph in self._runs:
            texts = {text for part in entry.graphs for text in self._texts(_RUN % part)}
            yield Item("run", entry.name, entry.described, run=entry.name, body=_joined(texts))
        if entry.kind == "workflow":
            steps = self._texts(_WORKFLOW % graph)
            yield Item("workflow", entry.label or entry.name, entry.described, body=_joined(steps))
        elif entry.kind in _LABELLED:
            texts = set(self._texts(_COMPARED % (graph, entry.described)))
            yield Item(
                entry.kind,
                entry.label or entry.name,
                entry.described,
                identifiers=entry.name,
                body=_joined(texts),
            )
        elif entry.kind == "tag":
            for row in self._rows(_TAGS % graph):
                run = self._by_execution.get(row["run"])
                yield Item("tag", row["text"], row["run"], run=run, keywords=row["text"])
        elif entry.kind in (*EXECUTIONS, "evidence"):
            yield from self._inside(entry)

    def _inside(self, entry: Entry) -> Iterator[Item]:
        run, graph = self._run_of.get(entry.graph), entry.graph
        for text in self._texts(_PROGRAMS % graph):
            yield Item("program", text, entry.described, run=run)
        for row in self._rows(_FILES % graph):
            yield Item("file", row["text"], row["thing"], run=run, identifiers=row.get("identifier", ""))
        for row in self._rows(_PARAMETERS % graph):
            body = _joined((row.get("value", ""), row.get("path", "")))
            yield Item("parameter", row["text"], row["thing"], run=run, body=body)

    def _state(self, entry: Entry) -> str:
        tagged = ""
        if entry.kind == "tag":
            tagged = " ".join(sorted(self._by_execution.values()))
        return f"{entry.sha256} {entry.name} {self._run_of.get(entry.graph)} {entry.graph in self._runs} {tagged}"

    def _rows(self, query: str) -> Iterator[dict[str, str]]:
        table = self._store.select(prefixes_turtle() + query)
        for row in table.dicts():
            yield {name: str(value) for name, value in row.items() if value is not None}

    def _texts(self, query: str) -> list[str]:
        return [row["text"] for row in self._rows(query)]


def _joined(texts: Iterable[str]) -> str:
    return "\n".join(sorted(text for text in texts if text))
