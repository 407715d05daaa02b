"""A store that lives as long as the process."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyoxigraph

from recup_kg.bundles import Bundle, make_bundle
from recup_kg.errors import BundleError, StoreError
from recup_kg.records import SideTable
from recup_kg.store import embedded
from recup_kg.store.base import SparqlStore
from recup_kg.store.protocol import Answer, Progress, Reindexed
from recup_kg.store.registry import Entry
from recup_kg.tables import content_hash, to_arrow

if TYPE_CHECKING:
    import pyarrow

LOCATION = ":memory:"


class MemoryStore(SparqlStore):
    """Bundles in memory."""

    def __init__(self, *, writable: bool = True) -> None:
        super().__init__(LOCATION, writable)
        self._store = pyoxigraph.Store()
        self._graphs: set[str] = set()
        self._tables: dict[str, pyarrow.Table] = {}

    def archive(self, graph: str, lines: Iterable[str]) -> Bundle:
        """A bundle in memory. Raises `BundleError`."""
        self._demand_writable()
        return make_bundle(graph, lines)

    def add(self, new: Iterable[Bundle], progress: Progress | None = None) -> tuple[Entry, ...]:
        """Make bundles part of what queries see; the entry of each. What is there already stays."""
        self._demand_writable()
        given = list(new)
        for done, bundle in enumerate(given, 1):
            if bundle.graph not in self._graphs:
                self._add(bundle)
            if progress:
                progress(done, len(given))
        entries = {entry.graph: entry for entry in self.registry()}
        return tuple(entries[bundle.graph] for bundle in given)

    def keep_table(self, table: SideTable) -> None:
        """Keep a side table in memory."""
        self._tables[content_hash(table)] = to_arrow(table)

    def table(self, content: str) -> pyarrow.Table | None:
        """The side table of a content hash."""
        return self._tables.get(content)

    def remove(self, graph: str, *, alone: bool = False) -> tuple[str, ...]:
        """Remove a graph, and what only it joins or describes unless `alone`; all graphs removed."""
        self._demand_writable()
        graphs = self._to_remove(graph, self.registry(), alone)
        embedded.drop(self._store, graphs)
        self._graphs.difference_update(graphs)
        stated = embedded.table_hashes(self._store)
        self._tables = {content: table for content, table in self._tables.items() if content in stated}
        return graphs

    def reindex(self, progress: Progress | None = None) -> Reindexed:
        """Always raises `StoreError`."""
        raise StoreError("a store in memory has no index to rebuild")

    def ntriples(self, graph: str) -> bytes:
        """The triples of a graph. Raises `UnknownRun` where it is not here."""
        self._demand_graph(graph)
        return embedded.ntriples(self._store, graph)

    def query(self, query: str) -> Answer:
        """The answer to any SPARQL query. Raises `QueryError` for a wrong one."""
        return embedded.evaluate(self._store, query)

    def close(self) -> None:
        """Forget everything."""
        self._store = pyoxigraph.Store()
        self._graphs.clear()
        self._tables.clear()

    def _add(self, bundle: Bundle) -> None:
        embedded.load(self._store, bundle.text(), small=False)
        if not embedded.register(self._store, {bundle.graph: bundle.sha256}):
            raise BundleError(f"the bundle {bundle.graph} can't be used: {embedded.NO_DESCRIPTION}")
        self._graphs.add(bundle.graph)
