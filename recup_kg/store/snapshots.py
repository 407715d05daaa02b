"""What readers open: unchanging copies of the index, made of hard links.

A RocksDB that is open for reading beside a writer loses the files that the writer replaces. So each writer leaves a snapshot,
readers hold a lock on the one that they use, and a later writer removes those that nobody uses.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path

import pyoxigraph

from recup_kg.errors import StoreError
from recup_kg.store.embedded import one_line
from recup_kg.store.registry import Entry

_IN_USE = "IN_USE"
_HELD = (errno.EAGAIN, errno.EACCES)
_PATIENCE = 0.5
_RETRY = 0.05


class Snapshot:
    """A snapshot, open for reading, and the lock that keeps its files there; both go with this object.

    It doesn't change: `registry` is what is in it, once that was read.
    """

    def __init__(self, path: Path) -> None:
        self.registry: tuple[Entry, ...] | None = None
        self._lock = os.open(path / _IN_USE, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError as error:
            # A file system without locks has no writers.
            if error.errno in _HELD:
                raise
        # A writer may have removed the file before the lock was there.
        (path / _IN_USE).stat()
        self.store = pyoxigraph.Store.read_only(str(path))

    def __del__(self) -> None:
        if hasattr(self, "_lock"):
            os.close(self._lock)


def published(index: Path) -> list[Path]:
    """The snapshots, the newest first."""
    if not index.is_dir():
        return []
    return sorted((path for path in index.iterdir() if path.name.isdigit()), reverse=True)


def publish(store: pyoxigraph.Store, index: Path) -> None:
    """Make the state of the index what readers open from now on. The lock of the index is held."""
    unfinished = unpublished(index)
    shutil.rmtree(unfinished, ignore_errors=True)
    store.backup(str(unfinished))
    (unfinished / _IN_USE).touch()
    before = published(index)
    number = int(before[0].name) + 1 if before else 1
    unfinished.rename(index / f"{number:012}")
    for old in before:
        _discard(old)


def unpublished(index: Path) -> Path:
    """Where a snapshot is made; it is left behind where its process is killed."""
    return index / "unpublished"


def newest(index: Path) -> Snapshot:
    """The newest snapshot, open. Raises `StoreError` where it can't be opened, or where there is none."""
    end = time.monotonic() + _PATIENCE
    while True:
        found = published(index)
        try:
            return Snapshot(found[0])
        # RuntimeError is how RocksDB's "corruption" arrives; a snapshot may also go before it is locked.
        except (IndexError, OSError, RuntimeError) as error:
            if time.monotonic() >= end:
                raise unreadable(index, error) from error
        time.sleep(_RETRY)


def unreadable(index: Path, error: Exception) -> StoreError:
    """The index can't be used, and what to do."""
    return StoreError(
        f"the index {index} can't be opened: {one_line(error)}; the bundles beside it hold everything: recup reindex"
    )


def _discard(path: Path) -> None:
    with suppress(FileNotFoundError), (path / _IN_USE).open("r+b") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return
        # A reader that comes now finds no such file, and takes a newer snapshot.
        (path / _IN_USE).unlink()
    shutil.rmtree(path, ignore_errors=True)
