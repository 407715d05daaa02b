"""A VoID file (https://www.w3.org/TR/void/), at `/.well-known/void` (section 7.2) or elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

from recup_kg.federation.harvest_rdf import LICENCES, objects, typed
from recup_kg.federation.harvest_session import Session
from recup_kg.federation.peers import Kind
from recup_kg.federation.readers import dcat
from recup_kg.federation.readers.page import Found, Page

KIND: Kind = "void"
NAME = "VoID file"

_TYPES = tuple(dcat.VOID + name for name in ("Dataset", "DatasetDescription", "Linkset"))


def recognised(page: Page) -> Found | None:
    """A document with a `void:Dataset`."""
    said = page.triples
    names = typed(said, *_TYPES) if said is not None else []
    if said is None or not names:
        return None
    return dcat.found(page.address, said, (typed(said, _TYPES[0]) or names)[0])


def probes(address: str) -> Iterable[str]:
    """The well-known address of the host."""
    if urlsplit(address).scheme in ("http", "https"):
        yield urljoin(address, "/.well-known/void")


def harvest(session: Session) -> None:
    """The file."""
    said = session.document(session.address, first=True) or ()
    for name in typed(said, *_TYPES):
        session.licences(objects(said, name, LICENCES))
