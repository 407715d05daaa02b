"""JSON-LD 1.1 in expanded form: https://www.w3.org/TR/json-ld11/."""

from __future__ import annotations

import pyoxigraph

from recup_kg.exports import ExportOptions, _rdf
from recup_kg.store import Entry, Store

NAME = "jsonld"
MEDIA_TYPE = "application/ld+json"
SUFFIX = ".jsonld"
CONFORMS_TO = "http://www.w3.org/TR/json-ld11/"
KINDS = _rdf.ALL_KINDS


def write(store: Store, entry: Entry, options: ExportOptions) -> bytes:
    """All triples of a bundle."""
    return _rdf.serialized(_rdf.triples(store, entry), pyoxigraph.RdfFormat.JSON_LD)
