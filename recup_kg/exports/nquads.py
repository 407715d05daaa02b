"""RDF 1.1 N-Quads, one named graph for each source: https://www.w3.org/TR/n-quads/."""

from __future__ import annotations

from recup_kg.exports import ExportOptions, _rdf
from recup_kg.store import Entry, Store

NAME = "nquads"
MEDIA_TYPE = "application/n-quads"
SUFFIX = ".nq"
CONFORMS_TO = "http://www.w3.org/TR/n-quads/"
KINDS = _rdf.ALL_KINDS


def write(store: Store, entry: Entry, options: ExportOptions) -> bytes:
    """All quads of a bundle, sorted."""
    return "".join(_rdf.quad_lines(store, entry)).encode()
