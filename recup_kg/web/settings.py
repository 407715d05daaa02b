"""What a service is told at its start."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may cost: seconds of a query, rows of an answer, bytes of memory of a query, queries at once, queries
    that wait for one of these, bytes of a request (`upload` for those with a token), seconds of a change, bytes of an answer,
    bytes of an address, seconds in which a client must go on sending or reading, and seconds and bytes of an answer of a peer."""

    seconds: float = 30.0
    rows: int = 1_000_000
    memory: int = 2048 * MEBIBYTE
    concurrent: int = 4
    waiting: int = 64
    body: int = MEBIBYTE
    upload: int = 1024 * MEBIBYTE
    writing: float = 300.0
    answer: int = 1024 * MEBIBYTE
    address: int = 32 * 1024
    patience: float = 30.0
    peer_seconds: float = 10.0
    peer_size: int = 64 * MEBIBYTE


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Where the store is, at which address the service is seen from outside (`base`, without a slash at its end), and what it
    allows. With a `token` it can be written to. `origins` are those of CORS, `*` for all. `catalog` is the file that says what
    the site publishes; None: the one in the store's folder, if there is one. `federated` lets queries ask peers of the store."""

    location: str
    base: str
    token: str | None = None
    origins: tuple[str, ...] = ()
    catalog: Path | None = None
    limits: Limits = field(default_factory=Limits)
    federated: bool = False

    @property
    def is_remote(self) -> bool:
        """Whether the store is behind a URL."""
        return "://" in self.location
