"""What all routes share: the settings, the store as it is now, and the processes that work for strangers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from recup_kg.api.access import Access
from recup_kg.catalog.publication import Publication, load_publication, publication_file
from recup_kg.store import Store
from recup_kg.web.pool import Pool
from recup_kg.web.settings import ServiceSettings

T = TypeVar("T")


class Service:
    """The store that is served. Other processes may change it at any time: each request sees the newest state."""

    def __init__(self, settings: ServiceSettings) -> None:
        self.settings = settings
        self._lock = Lock()
        self._state: str | None = None
        self._access = Access(settings.location)

    @cached_property
    def pool(self) -> Pool:
        """The processes that answer queries."""
        return Pool(self.settings.location, self.settings.limits)

    def close(self) -> None:
        """End the processes and let go of the store."""
        if "pool" in self.__dict__:
            self.pool.close()
        self._access.close()

    def state(self) -> str:
        """A name of the state of the store, which changes with every change of a store in a folder."""
        index = Path(self.settings.location) / "index"
        if not index.is_dir():
            return ""
        return max((path.name for path in index.iterdir() if path.name.isdigit()), default="")

    def store(self) -> Store:
        """The store in its newest state, for our own queries; those of strangers go to the pool. Raises `StoreError`."""
        with self._lock:
            state = self.state()
            if state != self._state:
                # Requests that still use the old one keep it until they are done.
                self._access = Access(self.settings.location)
                self._state = state
            return self._access.reading()

    def publication(self) -> Publication:
        """What `catalog.toml` says now. Raises `SourceError` for one that can't be used."""
        settings = self.settings
        file = publication_file(settings.location, settings.catalog)
        return load_publication(file, settings.base)

    async def read(self, work: Callable[[Store], T]) -> T:
        """The result of work on the newest state of the store, which does not hold up other requests."""
        return await run_in_threadpool(lambda: work(self.store()))
