"""A store behind the SPARQL 1.1 Protocol and the Graph Store HTTP Protocol of any triplestore."""

from __future__ import annotations

import os
from collections.abc import Iterable
from urllib.parse import quote, urlencode

import pyoxigraph

from recup_kg.bundles import Bundle, make_bundle
from recup_kg.errors import BundleError, QueryError, StoreError
from recup_kg.store import embedded, registry, virtuoso
from recup_kg.store.base import SparqlStore
from recup_kg.store.endpoint import endpoint, of_virtuoso
from recup_kg.store.http import Answer as HttpAnswer
from recup_kg.store.http import Connection, Refused
from recup_kg.store.protocol import Answer, Progress, Reindexed
from recup_kg.store.registry import Entry
from recup_kg.store.table import Table, table_of

_JSON = "application/sparql-results+json"
_NTRIPLES = "application/n-triples"
_ACCEPT = f"{_JSON}, {_NTRIPLES};q=0.9, text/turtle;q=0.5"
_ASKED = "__ASK_RETVAL"
_WRONG_QUERY = (400, 414, 422)


class RemoteStore(SparqlStore):
    """Bundles in a SPARQL 1.1 server. `timeout` is in seconds."""

    def __init__(self, url: str, *, writable: bool, timeout: float) -> None:
        found = endpoint(url, os.environ)
        super().__init__(found.query, writable)
        self._endpoint = found
        self._connection = Connection(found, timeout)
        self._is_virtuoso = False
        self._is_virtuoso = virtuoso.is_virtuoso(self._demand_answer())
        if self._is_virtuoso:
            self._endpoint = of_virtuoso(found, url, os.environ)
            # To a request with Basic authentication it answers 401 without saying what it wants.
            self._connection = Connection(self._endpoint, timeout, digest=True)

    def archive(self, graph: str, lines: Iterable[str]) -> Bundle:
        """A bundle in memory; the server gets it with `add`. Raises `BundleError`."""
        self._demand_writable()
        return make_bundle(graph, lines)

    def add(self, new: Iterable[Bundle], progress: Progress | None = None) -> tuple[Entry, ...]:
        """Send bundles to the server, one graph each; the entry of each. What is there already stays."""
        self._demand_writable()
        given = list(new)
        known = {entry.graph: entry for entry in self.registry()}
        for done, bundle in enumerate(given, 1):
            if bundle.graph not in known:
                known[bundle.graph] = self._add(bundle, tuple(known.values()))
            if progress:
                progress(done, len(given))
        return tuple(known[bundle.graph] for bundle in given)

    def remove(self, graph: str, *, alone: bool = False) -> tuple[str, ...]:
        """Remove a graph, and what only it joins or describes unless `alone`; all graphs removed."""
        self._demand_writable()
        graphs = self._to_remove(graph, self.registry(), alone)
        self._update(registry.deletion(graphs))
        return graphs

    def reindex(self, progress: Progress | None = None) -> Reindexed:
        """Always raises `StoreError`."""
        raise StoreError(f"{self.location} keeps no bundle files: ingest the sources again")

    def ntriples(self, graph: str) -> bytes:
        """The triples of a graph, as the server spells them. Raises `UnknownRun` where it is not here."""
        self._demand_graph(graph)
        if self._is_virtuoso:
            return virtuoso.ntriples(self._table(virtuoso.graph_query(graph)))
        answer = self._graph_store("GET", graph, headers={"Accept": _NTRIPLES})
        return answer.body

    def query(self, query: str) -> Answer:
        """The answer to any SPARQL query. Raises `QueryError` for a wrong one."""
        answer = self._decoded(self._ask_server(query))
        if self._is_virtuoso and isinstance(answer, Table):
            return virtuoso.exact(answer, query, self._table)
        return answer

    def close(self) -> None:
        """Nothing to let go of: each request has a connection of its own."""

    def _table(self, query: str) -> Table:
        """The answer to a SELECT query, as the server spells it."""
        answer = self._decoded(self._ask_server(query))
        if not isinstance(answer, Table):
            raise StoreError(f"{self.location} answered a SELECT query with no table")
        return answer

    def _ask_server(self, query: str) -> HttpAnswer:
        # As a form: Virtuoso 7.2 never answers a query that is the body itself.
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": _ACCEPT}
        try:
            return self._connection.send(
                "POST", self._endpoint.query, urlencode({"query": query}).encode(), headers
            )
        except Refused as error:
            if error.status in _WRONG_QUERY:
                raise QueryError(f"the query can't be answered: {error.reason}") from error
            raise _failure(error) from error

    def _demand_answer(self) -> str:
        """What the server calls itself. Raises `StoreError` where it is no SPARQL endpoint."""
        try:
            answer = self._ask_server("ASK {}")
            if not isinstance(self._decoded(answer), bool):
                raise QueryError("an ASK query is needed here, this is none")
        except (QueryError, StoreError) as error:
            raise StoreError(f"{error} (a SPARQL 1.1 endpoint is needed there)") from error
        return answer.server

    def _add(self, bundle: Bundle, known: tuple[Entry, ...]) -> Entry:
        # Replacing makes it whole where an earlier attempt broke off between the graph and its entry.
        body = bundle.text().replace(f" <{bundle.graph}> .\n".encode(), b" .\n")
        self._graph_store("PUT", bundle.graph, body, {"Content-Type": _NTRIPLES})
        members = self.select(registry.members_query([bundle.graph]))
        said = registry.facts(self.select(registry.facts_query([bundle.graph])), members)
        if not said:
            self._update(registry.deletion([bundle.graph]))
            raise BundleError(f"the bundle {bundle.graph} can't be used: {embedded.NO_DESCRIPTION}")
        (entry,) = registry.enter([(said[bundle.graph], bundle.sha256)], known)
        self._update(registry.insertion([entry]))
        return entry

    def _update(self, update: str) -> None:
        try:
            headers = {"Content-Type": "application/sparql-update"}
            self._connection.send("POST", self._endpoint.update, update.encode(), headers)
        except Refused as error:
            raise _failure(error) from error

    def _graph_store(
        self, method: str, graph: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> HttpAnswer:
        joint = "&" if "?" in self._endpoint.graphs else "?"
        url = f"{self._endpoint.graphs}{joint}graph={quote(graph, safe='')}"
        try:
            return self._connection.send(method, url, body, headers)
        except Refused as error:
            raise _failure(error) from error

    def _decoded(self, answer: HttpAnswer) -> Answer:
        try:
            if answer.media_type in (_JSON, "application/json"):
                return _results(answer.body)
            if answer.media_type in (_NTRIPLES, "text/turtle", "text/plain"):
                return _triples(answer)
        except (SyntaxError, ValueError) as error:
            raise StoreError(f"{self.location} sent a broken answer: {embedded.one_line(error)}") from error
        raise StoreError(f"{self.location} answered with {answer.media_type}: not a SPARQL 1.1 endpoint")


def _results(body: bytes) -> Answer:
    found = pyoxigraph.parse_query_results(body, format=pyoxigraph.QueryResultsFormat.JSON)
    if isinstance(found, pyoxigraph.QueryBoolean):
        return bool(found)
    table = table_of(found)
    # How Virtuoso 7.2 spells true (one row) and false (none).
    if table.columns == (_ASKED,):
        return bool(table.column(_ASKED))
    return table


def _triples(answer: HttpAnswer) -> str:
    if answer.media_type != "text/turtle":
        return answer.body.decode()
    triples = pyoxigraph.parse(answer.body, format=pyoxigraph.RdfFormat.TURTLE)
    text = pyoxigraph.serialize((quad.triple for quad in triples), format=pyoxigraph.RdfFormat.N_TRIPLES)
    return (text or b"").decode()


def _failure(error: Refused) -> StoreError:
    if error.status in (401, 403):
        return StoreError(f"{error}; say who you are in the URL: https://USER:PASSWORD@HOST/…")
    return StoreError(str(error))
