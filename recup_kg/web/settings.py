"""What a service is told at its start."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

MEBIBYTE = 2**20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may cost: seconds of a query, rows of an answer, bytes of memory of a query, queries at once, queries
    that wait for one of these, and bytes of a request (`upload` for those with a token)."""

    seconds: float = 30.0
    rows: int = 1_000_000
    memory: int = 2048 * MEBIBYTE
    concurrent: int = 4
    waiting: int = 64
    body: int = MEBIBYTE
    upload: int = 1024 * MEBIBYTE


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Where the store is, at which address the service is seen from outside (`base`, without a slash at its end), and what it
    allows. With a `token` it can be written to. `origins` are those of CORS, `*` for all."""

    location: str
    base: str
    token: str | None = None
    origins: tuple[str, ...] = ("*",)
    catalog: Path | None = None
    limits: Limits = field(default_factory=Limits)
