"""Opening the store when it is needed, for reading or for writing."""

from __future__ import annotations

from pathlib import Path

from recup_kg.errors import StoreError, UnknownRun
from recup_kg.store import Entry, Store, open_store
from recup_kg.store.registry import EXECUTIONS, Kind

MEMORY = ":memory:"
RUNS = EXECUTIONS
RUNS_AND_COMPARISONS: tuple[Kind, ...] = (*EXECUTIONS, "comparison", "results")


class Access:
    """A store that is opened when it is first asked for. Reading makes nothing; writing makes the folder."""

    def __init__(self, location: str) -> None:
        self.location = location
        self._open: Store | None = None

    @property
    def exists(self) -> bool:
        """Whether there is anything to read; of a URL that can't be known before."""
        is_folder = self.location != MEMORY and "://" not in self.location
        return not is_folder or Path(self.location).exists()

    def reading(self) -> Store:
        """The store, to read from it. Raises `StoreError` where there is none."""
        if not self.exists:
            raise StoreError(
                f"no store at {self.location}: recup ingest FILE makes it, --store names another"
            )
        if self._open is None:
            self._open = open_store(self.location, writable=self.location == MEMORY)
        return self._open

    def writing(self) -> Store:
        """The store, to change it."""
        if self._open is not None and not self._open.writable:
            self.close()
        if self._open is None:
            self._open = open_store(self.location, writable=True)
        return self._open

    def find(self, reference: str, kinds: tuple[Kind, ...] = RUNS) -> Entry | None:
        """What is meant; None where nothing is but a file of that name is there. Raises `UnknownRun`, `StoreError`."""
        is_file = Path(reference).exists()
        if not self.exists:
            if is_file:
                return None
            raise UnknownRun(
                f"no file {reference}, and no store at {self.location}: recup ingest FILE makes one"
            )
        try:
            return self.reading().resolve(reference, kinds)
        except UnknownRun:
            if is_file:
                return None
            raise

    def close(self) -> None:
        """Let go of the store."""
        if self._open is not None:
            self._open.close()
            self._open = None
