"""PROV-N, to be read by people: https://www.w3.org/TR/prov-n/."""

from __future__ import annotations

from recup_kg.exports import ExportOptions, _prov_document
from recup_kg.store import Entry, Store
from recup_kg.store.registry import Kind

NAME = "prov-n"
MEDIA_TYPE = "text/provenance-notation"
SUFFIX = ".provn"
CONFORMS_TO = "http://www.w3.org/TR/prov-n/"
EXTRA = "prov"
KINDS: frozenset[Kind] = frozenset(("execution", "fusion"))


def write(store: Store, entry: Entry, options: ExportOptions) -> bytes:
    """All that the sources of an execution said. Raises `MissingExtra`."""
    return f"{_prov_document.document(store, entry).serialize(format='provn')}\n".encode()
