"""Where bundles are kept and asked about: a folder, memory, or a SPARQL 1.1 endpoint."""

from __future__ import annotations

from pathlib import Path

from recup_kg.errors import StoreError
from recup_kg.store.protocol import Answer, Progress, Reindexed, Store
from recup_kg.store.registry import Entry
from recup_kg.store.table import Table, Term, Value, value

__all__ = [
    "Answer",
    "Entry",
    "Progress",
    "Reindexed",
    "Store",
    "Table",
    "Term",
    "Value",
    "open_store",
    "value",
]

WAIT = 60.0
"""Seconds to wait for another process that writes the index."""

TIMEOUT = 300.0
"""Seconds to wait for an answer of a server."""


def open_store(location: str, *, writable: bool, wait: float = WAIT) -> Store:
    """The store in a folder (made where it is opened for writing), `:memory:`, or the store behind an http(s) URL.

    `wait` is the time in seconds for another process to finish writing the index. Raises `StoreError`, `StoreBusy`.
    """
    if location == ":memory:":
        from recup_kg.store.memory import MemoryStore

        return MemoryStore(writable=writable)
    if location.startswith(("http://", "https://")):
        from recup_kg.store.remote import RemoteStore

        return RemoteStore(location, writable=writable, timeout=TIMEOUT)
    if "://" in location or not location.strip():
        raise StoreError(f"{location!r} is no store: name a folder, :memory: or an http(s) URL")
    from recup_kg.store.disk import DiskStore

    return DiskStore(Path(location), writable=writable, wait=wait)
