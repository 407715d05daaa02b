"""The terms of a tool's counters, as the ontology describes them, as a graph that sources share."""

from __future__ import annotations

from functools import cache

import pyoxigraph

from recup_kg.rdf import terms
from recup_kg.rdf.graph import Graph
from recup_kg.resources import path
from recup_kg.vocab import BASE, PROV, RECUP, bundle_iri, digest


@cache
def vocabulary_graph(name: str) -> Graph:
    """The graph of `ontology/<name>.ttl`, without what has no IRI (axioms of OWL). Don't change its lines."""
    data = (path("ontology") / f"{name}.ttl").read_bytes()
    graph = Graph(bundle_iri(digest([data])))
    graph.describe(graph.name, (PROV + "Bundle",), ((RECUP + "describes", terms.iri(BASE + name)),))
    for quad in pyoxigraph.parse(data, format=pyoxigraph.RdfFormat.TURTLE):
        if all(isinstance(term, (pyoxigraph.NamedNode, pyoxigraph.Literal)) for term in quad.triple):
            graph.lines.append(
                f"{quad.subject} {quad.predicate} {quad.object} {pyoxigraph.NamedNode(graph.name)} .\n"
            )
    return graph
