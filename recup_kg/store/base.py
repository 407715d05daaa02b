"""What all stores share: everything that is a SPARQL query."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from types import TracebackType
from typing import TYPE_CHECKING, Self

from recup_kg.errors import QueryError, StoreError, UnknownRun
from recup_kg.records import SideTable
from recup_kg.store import registry
from recup_kg.store.protocol import Answer
from recup_kg.store.registry import EXECUTIONS, Entry, Kind
from recup_kg.store.resolve import resolve
from recup_kg.store.table import Table

if TYPE_CHECKING:
    import pyarrow


class SparqlStore(ABC):
    """A store whose subclass answers `query`."""

    def __init__(self, location: str, writable: bool) -> None:
        self._location = location
        self._writable = writable

    @property
    def location(self) -> str:
        """Where it is: a folder, `:memory:` or a URL."""
        return self._location

    @property
    def writable(self) -> bool:
        """Whether it was opened for writing."""
        return self._writable

    @abstractmethod
    def query(self, query: str) -> Answer:
        """The answer to any SPARQL query. Raises `QueryError` for a wrong one."""

    @abstractmethod
    def close(self) -> None:
        """Let go of files and connections."""

    def select(self, query: str) -> Table:
        """The answer to a SELECT query. Raises `QueryError` for a wrong one."""
        answer = self.query(query)
        if isinstance(answer, Table):
            return answer
        raise QueryError("a SELECT query is needed here, this is none")

    def ask(self, query: str) -> bool:
        """The answer to an ASK query. Raises `QueryError` for a wrong one."""
        answer = self.query(query)
        if isinstance(answer, bool):
            return answer
        raise QueryError("an ASK query is needed here, this is none")

    def construct(self, query: str) -> str:
        """The answer to a CONSTRUCT or DESCRIBE query, in N-Triples. Raises `QueryError` for a wrong one."""
        answer = self.query(query)
        if isinstance(answer, str):
            return answer
        raise QueryError("a CONSTRUCT or DESCRIBE query is needed here, this is none")

    def contains(self, graph: str) -> bool:
        """Is the graph here?"""
        return self.ask(registry.contains_query(graph))

    def registry(self) -> tuple[Entry, ...]:
        """All bundles, in the order of indexing."""
        return registry.entries(self.select(registry.ENTRIES), self.select(registry.MEMBERS))

    def resolve(self, reference: str, kinds: Collection[Kind] = EXECUTIONS) -> Entry:
        """The bundle that a user means. Raises `UnknownRun` where none or several are meant."""
        return resolve(reference, self.registry(), kinds)

    def graphs(self) -> tuple[str, ...]:
        """The graphs of all bundles, in the order of indexing."""
        return tuple(entry.graph for entry in self.registry())

    def count(self, graph: str) -> int:
        """The number of triples in a graph; 0 where it is not here."""
        query = f"SELECT (COUNT(*) AS ?triples) {{ GRAPH {registry.iri(graph)} {{ ?s ?p ?o }} }}"
        return int(self.select(query).column("triples")[0] or 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _demand_writable(self) -> None:
        if not self._writable:
            raise StoreError(f"{self._location} is open for reading only")

    def _demand_graph(self, graph: str) -> None:
        if not self.contains(graph):
            raise UnknownRun(f"{self._location} has no graph {graph}")

    def keep_table(self, table: SideTable) -> None:  # noqa: B027
        """Does nothing: this store has no place for tables."""

    def table(self, content: str) -> pyarrow.Table | None:
        """None: this store has no place for tables."""
        return None

    def _to_remove(self, graph: str, known: tuple[Entry, ...], alone: bool) -> tuple[str, ...]:
        if all(entry.graph != graph for entry in known):
            raise UnknownRun(f"{self._location} has no graph {graph}")
        return (graph,) if alone else registry.also_removed(graph, known)
