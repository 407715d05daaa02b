"""RDF 1.1 Turtle with our prefixes: https://www.w3.org/TR/turtle/."""

from __future__ import annotations

import pyoxigraph

from recup_kg.exports import ExportOptions, _rdf
from recup_kg.store import Entry, Store

NAME = "turtle"
MEDIA_TYPE = "text/turtle"
SUFFIX = ".ttl"
CONFORMS_TO = "http://www.w3.org/TR/turtle/"
KINDS = _rdf.ALL_KINDS


def write(store: Store, entry: Entry, options: ExportOptions) -> bytes:
    """All triples of a bundle."""
    return _rdf.serialized(_rdf.triples(store, entry), pyoxigraph.RdfFormat.TURTLE)
