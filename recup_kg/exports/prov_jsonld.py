"""PROV-JSONLD: https://openprovenance.org/prov-jsonld/."""

from __future__ import annotations

from recup_kg.exports import ExportOptions, _prov_document
from recup_kg.store import Entry, Store
from recup_kg.store.registry import Kind

NAME = "prov-jsonld"
MEDIA_TYPE = "application/ld+json"
SUFFIX = ".prov.jsonld"
CONFORMS_TO = "https://openprovenance.org/prov-jsonld/"
EXTRA = "prov"
KINDS: frozenset[Kind] = frozenset(("execution", "fusion"))


def write(store: Store, entry: Entry, options: ExportOptions) -> bytes:
    """All that the sources of an execution said. Raises `MissingExtra`."""
    return f"{_prov_document.document(store, entry).serialize(format='jsonld', indent=1)}\n".encode()
