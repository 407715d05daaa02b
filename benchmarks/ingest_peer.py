"""The plain rdflib way: read the JSON, add each triple, serialize, parse.

Given: the format to serialize in, the trace, and bundles that hold its triples.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import pyoxigraph
from rdflib import Graph, Literal, URIRef


def main(form: str, source: str, bundles: list[str]) -> None:
    """Go the whole way and leave a graph that can be queried in memory."""
    json.loads(Path(source).read_text(encoding="utf-8"))
    graph = Graph()
    for bundle in bundles:
        for quad in pyoxigraph.parse(
            gzip.decompress(Path(bundle).read_bytes()), format=pyoxigraph.RdfFormat.N_QUADS
        ):
            graph.add((URIRef(quad.subject.value), URIRef(quad.predicate.value), _object(quad.object)))
    text = graph.serialize(format=form)
    again = Graph()
    again.parse(data=text, format=form)
    assert len(again) == len(graph)


def _object(term: object) -> URIRef | Literal:
    if isinstance(term, pyoxigraph.NamedNode):
        return URIRef(term.value)
    assert isinstance(term, pyoxigraph.Literal)
    return Literal(term.value, datatype=URIRef(term.datatype.value))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
