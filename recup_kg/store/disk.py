"""A store in a folder: `bundles/` holds everything, `index/` is derived from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pyoxigraph

from recup_kg import bundles, tables
from recup_kg.bundles import Bundle
from recup_kg.errors import BundleError, StoreError
from recup_kg.records import SideTable
from recup_kg.store import embedded, index, registry, snapshots
from recup_kg.store.base import SparqlStore
from recup_kg.store.index import Place
from recup_kg.store.protocol import Answer, Progress, Reindexed
from recup_kg.store.registry import Entry
from recup_kg.store.snapshots import Snapshot

if TYPE_CHECKING:
    import pyarrow

T = TypeVar("T")

_OURS = frozenset(("bundles", "tables", "index", "index.lock", "peers", "search.sqlite"))


class DiskStore(SparqlStore):
    """Bundles in a folder. It sees the state at its opening, and what it added or removed itself.

    `wait` is how long in seconds to wait for other processes that write the index.
    """

    def __init__(self, folder: Path, *, writable: bool, wait: float) -> None:
        super().__init__(str(folder), writable)
        _prepare(folder, writable)
        self._place = Place(folder)
        self._wait = wait
        self._reader: Snapshot | None = None
        self._closed = False
        self._catch_up()

    def archive(self, graph: str, lines: Iterable[str]) -> Bundle:
        """Write a bundle file; needs no lock. Raises `BundleError`, `StoreError`."""
        self._demand_writable()
        try:
            return bundles.write_bundle(self._place.bundles, graph, lines)
        except OSError as error:
            raise _unwritable(self._place.bundles, error) from error

    def add(self, new: Iterable[Bundle], progress: Progress | None = None) -> tuple[Entry, ...]:
        """Index bundles, and whatever else has come into the folder; the entry of each. What is there already stays.

        Raises `BundleError` where one can't be indexed (its file is removed), `StoreBusy`.
        """
        given = [self._in_folder(bundle) for bundle in new]
        whole = {bundle.sha256 for bundle in given}

        def action(store: pyoxigraph.Store) -> tuple[Reindexed, tuple[Entry, ...]]:
            result = index.level(store, self._place, whole, progress)
            return result, embedded.registered(store)

        result, known = self._write(action)
        entries = {entry.graph: entry for entry in known}
        for bundle in given:
            if bundle.graph not in entries:
                raise self._refusal(bundle, result)
        return tuple(entries[bundle.graph] for bundle in given)

    def keep_table(self, table: SideTable) -> None:
        """Write a side table to a file beside the bundles. Raises `StoreError`."""
        self._demand_writable()
        try:
            tables.write_table(self._place.tables, table)
        except OSError as error:
            raise _unwritable(self._place.tables, error) from error

    def table(self, content: str) -> pyarrow.Table | None:
        """The side table of a content hash. Raises `StoreError` where its file is damaged."""
        return tables.read_table(self._place.tables, content)

    def remove(self, graph: str, *, alone: bool = False) -> tuple[str, ...]:
        """Remove a graph and its bundle, and what only it joins or describes unless `alone`; all graphs removed."""

        def action(store: pyoxigraph.Store) -> tuple[str, ...]:
            # Alone, it makes room: what takes its place is in the folder already and gets its name when that is free.
            if not alone:
                index.level(store, self._place)
            graphs = self._to_remove(graph, embedded.registered(store), alone)
            # The files first: an index that still has the graph drops it at the next opening.
            self._remove_files(graphs)
            embedded.drop(store, graphs)
            tables.remove_tables_but(self._place.tables, embedded.table_hashes(store))
            return graphs

        return self._write(action)

    def reindex(self, progress: Progress | None = None) -> Reindexed:
        """Build the index anew from the bundles alone. Raises `StoreBusy`."""
        self._demand_writable()
        self._reader = None
        return index.rebuild(self._place, self._wait, progress)

    def ntriples(self, graph: str) -> bytes:
        """The triples of a graph, letter by letter as the bundle has them. Raises `UnknownRun`, `BundleError`."""
        self._demand_graph(graph)
        files = self.select(registry.file_query(graph)).column("sha256")
        path = bundles.bundle_path(self._place.bundles, str(files[0]))
        with bundles.reading(path) as stream:
            return stream.read().replace(f" <{graph}> .\n".encode(), b" .\n")

    def registry(self) -> tuple[Entry, ...]:
        """All bundles, in the order of indexing; read once for each state that is opened."""
        snapshot = self._snapshot()
        if snapshot.registry is None:
            snapshot.registry = super().registry()
        return snapshot.registry

    def query(self, query: str) -> Answer:
        """The answer to any SPARQL query. Raises `QueryError` for a wrong one."""
        return embedded.evaluate(self._open_reader(), query)

    def close(self) -> None:
        """Let go of the files."""
        self._reader = None
        self._closed = True

    def _open_reader(self) -> pyoxigraph.Store:
        return self._snapshot().store

    def _snapshot(self) -> Snapshot:
        if self._closed:
            raise StoreError(f"{self._location} is closed")
        if self._reader is None:
            self._reader = snapshots.newest(self._place.index)
        return self._reader

    def _catch_up(self) -> None:
        """Index what a killed process or a copy left unindexed, unless another process is at it."""
        if self._writable:
            bundles.clean(self._place.bundles)
        there = bool(snapshots.published(self._place.index))
        if there and self._is_level():
            return
        try:
            self._reader = None
            index.with_writer(self._place, 0.0 if there else self._wait, self._level)
        except (OSError, StoreError) as error:
            if there:
                return
            if isinstance(error, StoreError):
                raise
            raise _unwritable(self._place.folder, error) from error

    def _is_level(self) -> bool:
        try:
            return index.is_level(self._open_reader(), self._place)
        except StoreError:
            # Who may write must be able to come in and rebuild the index.
            if not self._writable:
                raise
            return True

    def _level(self, store: pyoxigraph.Store) -> None:
        index.level(store, self._place)

    def _write(self, action: Callable[[pyoxigraph.Store], T]) -> T:
        self._demand_writable()
        self._reader = None
        try:
            return index.with_writer(self._place, self._wait, action)
        except OSError as error:
            raise _unwritable(self._place.folder, error) from error
        finally:
            self._reader = None

    def _in_folder(self, bundle: Bundle) -> Bundle:
        if bundle.path is not None and bundle.path.parent == self._place.bundles:
            return bundle
        lines = bundle.text().decode().split("\n")[:-1]
        return self.archive(bundle.graph, (f"{line}\n" for line in lines))

    def _refusal(self, bundle: Bundle, result: Reindexed) -> BundleError:
        reasons = [line for line in result.refused if line.startswith(str(bundle.path))]
        if not reasons:
            return BundleError(f"{bundle.path} was removed by another process: ingest its source again")
        if bundle.path is not None:
            bundle.path.unlink(missing_ok=True)
        return BundleError(reasons[0])

    def _remove_files(self, graphs: Iterable[str]) -> None:
        gone = set(graphs)
        for path in bundles.scan(self._place.bundles).values():
            if _graph_or_none(path) in gone:
                path.unlink(missing_ok=True)
        bundles.sync_folder(self._place.bundles)


def _graph_or_none(path: Path) -> str | None:
    try:
        return bundles.graph_of(path)
    except BundleError:
        return None


def _prepare(folder: Path, writable: bool) -> None:
    """Check that a folder is a store, or make it one."""
    if folder.exists() and not folder.is_dir():
        raise StoreError(f"{folder} is a file: a store is a folder")
    if not folder.exists() and not writable:
        raise StoreError(f"there is no store at {folder}: recup ingest FILE makes one")
    try:
        if folder.exists() and not (folder / "bundles").is_dir():
            _demand_empty(folder, writable)
        if writable:
            (folder / "bundles").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _demand_empty(folder: Path, writable: bool) -> None:
    names = {path.name for path in folder.iterdir()}
    if names - _OURS or not writable:
        raise StoreError(f"{folder} is not a store (it has no folder bundles/): name another folder")


def _unwritable(folder: Path, error: OSError) -> StoreError:
    return StoreError(f"can't write to {folder}: {error.strerror or embedded.one_line(error)}")
