"""What a worker asks: the newest snapshot of a store in a folder, or a SPARQL server."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias
from urllib.parse import quote, urlencode

import pyoxigraph
from pyoxigraph import NamedNode

from recup_kg.errors import QueryError, StoreError
from recup_kg.store import embedded, snapshots
from recup_kg.store.endpoint import endpoint
from recup_kg.store.http import Answer, Connection, Refused
from recup_kg.web.messages import AskQuery
from recup_kg.web.results import Row

_ACCEPT = "application/sparql-results+json, application/n-triples;q=0.9, text/turtle;q=0.5"
_RDF = {
    "application/n-triples": pyoxigraph.RdfFormat.N_TRIPLES,
    "text/plain": pyoxigraph.RdfFormat.N_TRIPLES,
    "text/turtle": pyoxigraph.RdfFormat.TURTLE,
}
_ASKED = "__ASK_RETVAL"
_THEIR_FAULT = (400, 414, 422)


@dataclass(frozen=True, slots=True)
class Solutions:
    """Of SELECT."""

    columns: tuple[str, ...]
    rows: Iterable[Row]


Found: TypeAlias = Solutions | bool | Iterable[pyoxigraph.Triple]


class Source(Protocol):
    """Where a worker finds its answers."""

    def query(self, job: AskQuery) -> Found:
        """The answer to a query. Raises `QueryError`, `StoreError`."""
        ...

    def graph(self, graph: str | None) -> Iterable[pyoxigraph.Triple] | None:
        """The triples of a graph (None: the default graph); None where it is not there. Raises `StoreError`."""
        ...


class FolderSource:
    """The newest snapshot of a store in a folder, looked for anew with each question."""

    def __init__(self, folder: Path) -> None:
        self._index = folder / "index"
        self._name: str | None = None
        self._snapshot: snapshots.Snapshot | None = None

    def query(self, job: AskQuery) -> Found:
        """The answer to a query. Raises `QueryError`, `StoreError`."""
        store = self.store()
        try:
            found = store.query(
                job.text,
                base_iri=job.base,
                use_default_graph_as_union=job.union,
                default_graph=None
                if job.default_graphs is None
                else list(map(NamedNode, job.default_graphs)),
                named_graphs=None if job.named_graphs is None else list(map(NamedNode, job.named_graphs)),
            )
        except (SyntaxError, ValueError) as error:
            raise QueryError(embedded.without_grammar(embedded.one_line(error))) from error
        if isinstance(found, pyoxigraph.QueryBoolean):
            return bool(found)
        if isinstance(found, pyoxigraph.QuerySolutions):
            return Solutions(tuple(variable.value for variable in found.variables), map(tuple, found))
        return found

    def graph(self, graph: str | None) -> Iterable[pyoxigraph.Triple] | None:
        """The triples of a graph (None: the default graph); None where it is not there. Raises `StoreError`."""
        store = self.store()
        name = pyoxigraph.DefaultGraph() if graph is None else NamedNode(graph)
        if isinstance(name, NamedNode) and not store.contains_named_graph(name):
            return None
        return (quad.triple for quad in store.quads_for_pattern(None, None, None, name))

    def store(self) -> pyoxigraph.Store:
        """The newest snapshot."""
        found = snapshots.published(self._index)
        newest = found[0].name if found else None
        if self._snapshot is None or newest != self._name:
            # The old one goes first: a writer may remove it then.
            self._snapshot = None
            self._snapshot = snapshots.newest(self._index)
            self._name = newest
        return self._snapshot.store


class ServerSource:
    """A SPARQL 1.1 server. Its whole answer is in memory, which is limited."""

    def __init__(self, url: str, seconds: float) -> None:
        self._endpoint = endpoint(url, os.environ)
        self._connection = Connection(self._endpoint, seconds)

    def query(self, job: AskQuery) -> Found:
        """The answer to a query. Raises `QueryError`, `StoreError`."""
        fields = [("query", job.text)]
        fields += [("default-graph-uri", graph) for graph in job.default_graphs or ()]
        fields += [("named-graph-uri", graph) for graph in job.named_graphs or ()]
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": _ACCEPT}
        try:
            answer = self._connection.send("POST", self._endpoint.query, urlencode(fields).encode(), headers)
        except Refused as error:
            if error.status in _THEIR_FAULT:
                raise QueryError(error.reason) from error
            raise StoreError(f"the store answered {error.status}") from error
        return _understood(answer)

    def graph(self, graph: str | None) -> Iterable[pyoxigraph.Triple] | None:
        """The triples of a graph (None: the default graph); None where it is not there. Raises `StoreError`."""
        joint = "&" if "?" in self._endpoint.graphs else "?"
        named = "default" if graph is None else f"graph={quote(graph, safe='')}"
        try:
            accept = {"Accept": "application/n-triples"}
            answer = self._connection.send("GET", f"{self._endpoint.graphs}{joint}{named}", headers=accept)
        except Refused as error:
            if error.status == 404:
                return None
            raise StoreError(f"the store answered {error.status}") from error
        found = _understood(answer)
        return None if isinstance(found, bool | Solutions) else found


def _understood(answer: Answer) -> Found:
    if answer.media_type in _RDF:
        return (quad.triple for quad in pyoxigraph.parse(answer.body, format=_RDF[answer.media_type]))
    try:
        found = pyoxigraph.parse_query_results(answer.body, format=pyoxigraph.QueryResultsFormat.JSON)
    except (SyntaxError, ValueError) as error:
        raise StoreError(f"the store sent a broken answer: {embedded.one_line(error)}") from error
    if isinstance(found, pyoxigraph.QueryBoolean):
        return bool(found)
    columns = tuple(variable.value for variable in found.variables)
    rows = map(tuple, found)
    # The spelling of Virtuoso 7.2.
    if columns == (_ASKED,):
        return any(row[0] is not None and row[0].value in ("1", "true") for row in rows)
    return Solutions(columns, rows)
