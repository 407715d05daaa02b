"""What the memory and the disk store share: work on a pyoxigraph store."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import IO, cast

import pyoxigraph

from recup_kg.errors import BundleError, QueryError, StoreError
from recup_kg.store import registry
from recup_kg.store.parallel import Readable, load_in_parallel, workers
from recup_kg.store.protocol import Answer
from recup_kg.store.registry import Entry
from recup_kg.store.table import Table, table_of
from recup_kg.vocab import RECUP

NO_DESCRIPTION = "it does not say what it describes (recup:describes): not a bundle of this software"


class ReadError(StoreError):
    """The store, or a server that the query names, can't be read."""


def evaluate(store: pyoxigraph.Store, query: str) -> Answer:
    """The answer to a SPARQL query. Raises `QueryError` for a wrong one, `ReadError`."""
    try:
        return _answer(store.query(query))
    # RuntimeError is how RocksDB's "corruption" arrives.
    except (OSError, RuntimeError) as error:
        raise ReadError(f"the query can't be answered: {one_line(error)}") from error
    except (SyntaxError, ValueError) as error:
        raise QueryError(f"the query can't be answered: {without_grammar(one_line(error))}") from error


def registered(store: pyoxigraph.Store) -> tuple[Entry, ...]:
    """The registry."""
    return registry.entries(_select(store, registry.ENTRIES), _select(store, registry.MEMBERS))


def load(store: pyoxigraph.Store, text: bytes | Readable, *, small: bool) -> None:
    """Add N-Quads. Raises `BundleError` where they are malformed.

    Bytes and small texts are added all or nothing. Of a stream that is not small, parts may stay where it is malformed: the
    caller drops its graphs. A transaction is ten times faster than the bulk loader for a few thousand quads, and three times
    slower for many.
    """
    try:
        if small:
            store.load(cast(IO[bytes], text), pyoxigraph.RdfFormat.N_QUADS, lenient=True)
        elif isinstance(text, bytes):
            _bulk_load(store, text)
        else:
            load_in_parallel(text, partial(_bulk_load, store), workers())
    except SyntaxError as error:
        raise BundleError(f"not N-Quads: {one_line(error)}") from error


def _bulk_load(store: pyoxigraph.Store, text: bytes | IO[bytes] | io.RawIOBase) -> None:
    # The text is that of bundles with the right hash, which converters wrote: `lenient` saves 15 % by not checking IRIs again.
    store.bulk_load(cast(IO[bytes], text), pyoxigraph.RdfFormat.N_QUADS, lenient=True)


def register(store: pyoxigraph.Store, loaded: Mapping[str, str]) -> tuple[Entry, ...]:
    """Put loaded graphs (with the hash of each) into the registry, in this order; graphs that can't be are dropped."""
    members = _select(store, registry.members_query(loaded))
    said = registry.facts(_select(store, registry.facts_query(loaded)), members)
    usable = ((said[graph], sha256) for graph, sha256 in loaded.items() if graph in said)
    entries = tuple(registry.enter(usable, registered(store)))
    store.update(registry.insertion(entries))
    drop(store, [graph for graph in loaded if graph not in said])
    return entries


def drop(store: pyoxigraph.Store, graphs: Iterable[str]) -> None:
    """Remove graphs and their entries in the registry, in one transaction."""
    found = list(graphs)
    if found:
        store.update(registry.deletion(found))


def table_hashes(store: pyoxigraph.Store) -> frozenset[str]:
    """The content hashes of the side tables that graphs speak of."""
    found = _select(
        store, f"SELECT DISTINCT ?hash {{ GRAPH ?graph {{ ?table <{RECUP}contentHash> ?hash }} }}"
    )
    return frozenset(map(str, found.column("hash")))


def ntriples(store: pyoxigraph.Store, graph: str) -> bytes:
    """The triples of a graph, as the store spells them."""
    text = store.dump(format=pyoxigraph.RdfFormat.N_TRIPLES, from_graph=pyoxigraph.NamedNode(graph))
    return text or b""


def one_line(error: BaseException) -> str:
    """The text of an error, on one line."""
    return " ".join(str(error).split()) or type(error).__name__


def without_grammar(message: str) -> str:
    """The message without the hundreds of characters that a parser would have expected."""
    place, _, expected = message.partition(": expected one of ")
    if not expected:
        return message
    reason = "a prefix is not declared" if "Prefix not found" in expected else "this is not SPARQL"
    return f"{place}: {reason}"


class Chain(io.RawIOBase):
    """Texts one after the other as one binary stream; pyoxigraph asks only for `read`."""

    def __init__(self, streams: Iterator[io.BufferedIOBase]) -> None:
        super().__init__()
        self._streams = streams
        self._current: io.BufferedIOBase | None = None

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; none at the end of the last text."""
        while True:
            if self._current is None:
                self._current = next(self._streams, None)
            if self._current is None:
                return b""
            data = self._current.read(size)
            if data:
                return data
            self._current.close()
            self._current = None


def _select(store: pyoxigraph.Store, query: str) -> Table:
    answer = evaluate(store, query)
    if not isinstance(answer, Table):
        raise StoreError("the registry could not be read")
    return answer


def _answer(
    found: pyoxigraph.QuerySolutions | pyoxigraph.QueryBoolean | pyoxigraph.QueryTriples,
) -> Answer:
    if isinstance(found, pyoxigraph.QueryBoolean):
        return bool(found)
    if isinstance(found, pyoxigraph.QuerySolutions):
        return table_of(found)
    return (found.serialize(format=pyoxigraph.RdfFormat.N_TRIPLES) or b"").decode()
