"""RDF 1.1 N-Triples: https://www.w3.org/TR/n-triples/."""

from __future__ import annotations

from recup_kg.exports import ExportOptions, _rdf
from recup_kg.store import Entry, Store

NAME = "ntriples"
MEDIA_TYPE = "application/n-triples"
SUFFIX = ".nt"
CONFORMS_TO = "http://www.w3.org/TR/n-triples/"
KINDS = _rdf.ALL_KINDS


def write(store: Store, entry: Entry, options: ExportOptions) -> bytes:
    """All triples of a bundle, sorted."""
    return "".join(_rdf.lines(store, entry)).encode()
