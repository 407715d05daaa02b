"""The index of a store folder: a RocksDB that is derived from the bundles, and brought level with them under a lock."""

from __future__ import annotations

import gzip
import logging
import os
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pyoxigraph

from recup_kg import bundles
from recup_kg.errors import BundleError, StoreBusy
from recup_kg.store import embedded, snapshots, written
from recup_kg.store.lock import locked
from recup_kg.store.protocol import Progress, Reindexed
from recup_kg.store.registry import FILES
from recup_kg.store.table import Table

T = TypeVar("T")

_LOG = logging.getLogger(__name__)
# Of compressed text. The bulk loader takes 1 to 2 GB of memory for a batch of 100 MB.
_BATCH = 32 << 20
_SMALL = 32 << 10
_MANY = 500
_RETRY = 0.05
_SECOND = 10**9


@dataclass(frozen=True, slots=True)
class Place:
    """The parts of a store folder."""

    folder: Path

    @property
    def bundles(self) -> Path:
        return self.folder / "bundles"

    @property
    def tables(self) -> Path:
        return self.folder / "tables"

    @property
    def index(self) -> Path:
        return self.folder / "index"

    @property
    def work(self) -> Path:
        """The RocksDB that writers open."""
        return self.index / "work"

    @property
    def new(self) -> Path:
        """Where it is built anew."""
        return self.index / "work.new"

    @property
    def old(self) -> Path:
        """Where it is put aside when the new one is ready."""
        return self.index / "work.old"

    @property
    def lock(self) -> Path:
        return self.folder / "index.lock"


def with_writer(place: Place, wait: float, action: Callable[[pyoxigraph.Store], T]) -> T:
    """What the action returns, called with the index open for writing, under the lock.

    The action must not keep the store. Raises `StoreBusy`.
    """
    with locked(place.lock, wait):
        _clean(place)
        place.index.mkdir(exist_ok=True)
        return _publishing(_open(place.work, wait), place, action)


def is_level(store: pyoxigraph.Store, place: Place) -> bool:
    """Does the index hold the bundles of the folder, and is there nothing to clean up?"""
    left_over = (place.old, place.new, snapshots.unpublished(place.index), *place.work.glob("bulk-*.sst"))
    if any(path.exists() for path in left_over):
        return False
    pending, refused = _pending(store, place)
    return not (pending or refused or _gone(store, bundles.scan(place.bundles)))


def level(
    store: pyoxigraph.Store,
    place: Place,
    known_whole: Collection[str] = (),
    progress: Progress | None = None,
) -> Reindexed:
    """Index the bundles that the index lacks, and drop those whose file is gone.

    `known_whole` are hashes of bundles that need no check. Damaged bundles are left out, and logged.
    """
    present = bundles.scan(place.bundles)
    embedded.drop(store, _gone(store, present))
    files = _files(store)
    newest = max((_age(path) for sha256, path in present.items() if sha256 in files), default=(0, ""))
    pending, refused = _pending(store, place)
    done = 0
    for batch in _batches(pending):
        refused += _add_batch(store, batch, known_whole)
        newest = _keep_order(batch, newest)
        done += len(batch)
        if progress:
            progress(done, len(pending))
    for line in refused:
        _LOG.warning("%s", line)
    return Reindexed(len(_files(store)), tuple(refused))


def rebuild(place: Place, wait: float, progress: Progress | None) -> Reindexed:
    """Build the index anew beside the old one, and put it in its place. Raises `StoreBusy`."""
    with locked(place.lock, wait):
        _clean(place)
        place.index.mkdir(exist_ok=True)
        result = _build(place, progress)
        if place.work.exists():
            place.work.rename(place.old)
        place.new.rename(place.work)
        shutil.rmtree(place.old, ignore_errors=True)
        return result


@dataclass(frozen=True, slots=True)
class _Pending:
    sha256: str
    path: Path
    graph: str


def _build(place: Place, progress: Progress | None) -> Reindexed:
    store = pyoxigraph.Store(str(place.new))
    result = level(store, place, progress=progress)
    written.restore(store, place.folder)
    snapshots.publish(store, place.index)
    return result


def _publishing(store: pyoxigraph.Store, place: Place, action: Callable[[pyoxigraph.Store], T]) -> T:
    result = action(store)
    snapshots.publish(store, place.index)
    return result


def _clean(place: Place) -> None:
    """Remove what a killed process left behind; the lock is held, so no living one needs it."""
    if place.old.exists() and not place.work.exists():
        place.old.rename(place.work)
    for folder in (place.new, place.old, snapshots.unpublished(place.index)):
        shutil.rmtree(folder, ignore_errors=True)
    # RocksDB does not know of the files of a bulk load that did not finish, and keeps the logs of a thousand openings.
    for pattern in ("bulk-*.sst", "LOG.old.*"):
        for orphan in place.work.glob(pattern):
            orphan.unlink()


def _open(index: Path, wait: float) -> pyoxigraph.Store:
    end = time.monotonic() + wait
    while True:
        try:
            return pyoxigraph.Store(str(index))
        except (OSError, RuntimeError) as error:
            if "lock" not in str(error).lower():
                raise snapshots.unreadable(index, error) from error
            if time.monotonic() >= end:
                raise StoreBusy(
                    f"{index} is open in another program: close that, or try again later"
                ) from error
        time.sleep(_RETRY)


def _files(store: pyoxigraph.Store) -> dict[str, str]:
    """The graphs in the index by the hash of their bundle."""
    table = embedded.evaluate(store, FILES)
    assert isinstance(table, Table)
    return {str(sha256): str(graph) for graph, sha256 in table.values()}


def _gone(store: pyoxigraph.Store, present: Mapping[str, Path]) -> list[str]:
    return [graph for sha256, graph in _files(store).items() if sha256 not in present]


def _pending(store: pyoxigraph.Store, place: Place) -> tuple[list[_Pending], list[str]]:
    """The bundles to index, oldest first, and why others can't be. Of two bundles of one graph the older counts."""
    files = _files(store)
    seen = set(files.values())
    pending, refused = [], []
    for sha256, path in bundles.scan(place.bundles).items():
        if sha256 in files:
            continue
        try:
            graph = bundles.graph_of(path)
        except BundleError as error:
            refused.append(str(error))
            continue
        if graph not in seen:
            seen.add(graph)
            pending.append(_Pending(sha256, path, graph))
    return pending, refused


def _batches(pending: Sequence[_Pending]) -> Iterator[list[_Pending]]:
    batch: list[_Pending] = []
    size = 0
    for item in pending:
        batch.append(item)
        size += item.path.stat().st_size
        if size > _BATCH or len(batch) == _MANY:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _add_batch(store: pyoxigraph.Store, batch: Sequence[_Pending], known_whole: Collection[str]) -> list[str]:
    """Load and register bundles; why some could not be."""
    whole, refused = [], []
    for item in batch:
        try:
            if item.sha256 not in known_whole:
                bundles.verify_bundle(item.path)
            whole.append(item)
        except BundleError as error:
            refused.append(str(error))
    return refused + (_load(store, whole) if whole else [])


def _load(store: pyoxigraph.Store, batch: Sequence[_Pending]) -> list[str]:
    size = sum(item.path.stat().st_size for item in batch)
    stream = embedded.Chain(gzip.open(item.path, "rb") for item in batch)  # noqa: SIM115
    try:
        embedded.load(store, stream, small=size < _SMALL)
    except BundleError as error:
        embedded.drop(store, [item.graph for item in batch])
        if len(batch) == 1:
            return [f"{batch[0].path}: {error}"]
        return [line for item in batch for line in _load(store, [item])]
    entries = embedded.register(store, {item.graph: item.sha256 for item in batch})
    described = {entry.graph for entry in entries}
    return [f"{item.path}: {embedded.NO_DESCRIPTION}" for item in batch if item.graph not in described]


def _keep_order(batch: Sequence[_Pending], newest: tuple[int, str]) -> tuple[int, str]:
    """Date the files in the order of indexing, so that a rebuilt index has the same names and the same latest run."""
    for item in batch:
        # The bundle may belong to somebody else, who alone may date it.
        with suppress(OSError):
            if _age(item.path) <= newest:
                _make_newer(item.path, newest[0])
            newest = max(newest, _age(item.path))
    return newest


def _make_newer(path: Path, than: int) -> None:
    wanted = max(time.time_ns(), than + 1000)
    os.utime(path, ns=(wanted, wanted))
    if path.stat().st_mtime_ns <= than:
        # Some file systems keep whole seconds.
        wanted = (than // _SECOND + 1) * _SECOND
        os.utime(path, ns=(wanted, wanted))


def _age(path: Path) -> tuple[int, str]:
    try:
        return path.stat().st_mtime_ns, path.name
    except FileNotFoundError:
        return 0, path.name
