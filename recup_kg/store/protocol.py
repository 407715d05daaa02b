"""What every store can do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeAlias

from recup_kg.bundles import Bundle
from recup_kg.records import SideTable
from recup_kg.store.registry import EXECUTIONS, Entry, Kind
from recup_kg.store.table import Table

if TYPE_CHECKING:
    import pyarrow

Answer: TypeAlias = Table | bool | str
"""Of SELECT, ASK, and CONSTRUCT or DESCRIBE (N-Triples)."""

Progress: TypeAlias = Callable[[int, int], None]
"""Is told how many bundles are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Reindexed:
    """The result of building an index anew: how many bundles are in it, and why others are not."""

    indexed: int
    refused: tuple[str, ...]


class Store(Protocol):
    """Bundles and SPARQL over them.

    Every method raises `StoreError` where the store can't be read or written, and `StoreBusy` where another process is
    writing for too long.
    """

    @property
    def location(self) -> str:
        """Where it is: a folder, `:memory:` or a URL."""

    @property
    def writable(self) -> bool:
        """Whether it was opened for writing."""

    def archive(self, graph: str, lines: Iterable[str]) -> Bundle:
        """Make a bundle where this store keeps them. It can be asked about after `add`. Raises `BundleError`."""

    def add(self, new: Iterable[Bundle], progress: Progress | None = None) -> tuple[Entry, ...]:
        """Make bundles part of what queries see, whole or not at all; the entry of each. What is there already stays."""

    def contains(self, graph: str) -> bool:
        """Is the graph here?"""

    def registry(self) -> tuple[Entry, ...]:
        """All bundles, in the order of indexing."""

    def resolve(self, reference: str, kinds: Collection[Kind] = EXECUTIONS) -> Entry:
        """The bundle that a user means by an IRI, a name, the start of an id, a source file or `@latest`.

        Raises `UnknownRun` where none or several are meant.
        """

    def keep_table(self, table: SideTable) -> None:
        """Keep a side table beside the bundles, where this store has a place for it."""

    def table(self, content: str) -> pyarrow.Table | None:
        """The side table of a content hash, None where this store has no place for them, or not this one."""

    def remove(self, graph: str, *, alone: bool = False) -> tuple[str, ...]:
        """Remove a graph and its bundle, and what only it joins or describes, unless `alone`. All graphs removed.

        Raises `UnknownRun` where it is not here.
        """

    def reindex(self, progress: Progress | None = None) -> Reindexed:
        """Build the index anew from the bundles alone. Raises `StoreError` where the store keeps no bundles."""

    def graphs(self) -> tuple[str, ...]:
        """The graphs of all bundles, in the order of indexing."""

    def count(self, graph: str) -> int:
        """The number of triples in a graph; 0 where it is not here."""

    def ntriples(self, graph: str) -> bytes:
        """The triples of a graph. Raises `UnknownRun` where it is not here."""

    def query(self, query: str) -> Answer:
        """The answer to any SPARQL query. Raises `QueryError` for a wrong one."""

    def select(self, query: str) -> Table:
        """The answer to a SELECT query. Raises `QueryError` for a wrong one."""

    def ask(self, query: str) -> bool:
        """The answer to an ASK query. Raises `QueryError` for a wrong one."""

    def construct(self, query: str) -> str:
        """The answer to a CONSTRUCT or DESCRIBE query, in N-Triples. Raises `QueryError` for a wrong one."""

    def close(self) -> None:
        """Let go of files and connections; the store can't be used afterwards."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
