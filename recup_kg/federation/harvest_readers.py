"""The kinds of peers, in the order in which an answer is held against them.

A reader's `recognised(page)` gives what a page says of its peer, or None; `probes(address)` are further addresses at which it may
be found; `harvest(session)` keeps its metadata.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from recup_kg.federation.harvest_session import Session
from recup_kg.federation.peers import Kind
from recup_kg.federation.readers import ckan, dcat, fdp, oai_pmh, rocrate, sparql, void
from recup_kg.federation.readers.page import Found, Page


class Reader(Protocol):
    """A module of this package."""

    KIND: Kind
    NAME: str
    """How messages call it."""

    def recognised(self, page: Page) -> Found | None:
        """What the page says of a peer of this kind."""

    def probes(self, address: str) -> Iterable[str]:
        """Where else to look, given what the user named."""

    def harvest(self, session: Session) -> None:
        """Keep the peer's metadata in the session."""


# From what only one kind looks like to what several do: a FAIR Data Point is a DCAT catalogue too.
READERS: tuple[Reader, ...] = (rocrate, oai_pmh, ckan, fdp, sparql, dcat, void)


def reader(kind: Kind) -> Reader:
    """The reader of a kind."""
    return next(item for item in READERS if kind == item.KIND)
