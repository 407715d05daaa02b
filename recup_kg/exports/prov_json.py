"""PROV-JSON: https://www.w3.org/submissions/prov-json/."""

from __future__ import annotations

from recup_kg.exports import ExportOptions, _prov_document
from recup_kg.store import Entry, Store
from recup_kg.store.registry import Kind

NAME = "prov-json"
MEDIA_TYPE = "application/json"
SUFFIX = ".prov.json"
CONFORMS_TO = "https://www.w3.org/submissions/prov-json/"
EXTRA = "prov"
KINDS: frozenset[Kind] = frozenset(("execution", "fusion"))


def write(store: Store, entry: Entry, options: ExportOptions) -> bytes:
    """All that the sources of an execution said. Raises `MissingExtra`."""
    return f"{_prov_document.document(store, entry).serialize(format='json', indent=1)}\n".encode()
