"""The terms of a tool's counters, as the ontology describes them, as a graph that sources share."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import pyoxigraph

from recup_kg.measurements import Measurement
from recup_kg.rdf import terms
from recup_kg.rdf.graph import Graph
from recup_kg.resources import path
from recup_kg.vocab import BASE, PROV, RDF, RDFS, RECUP, bundle_iri, digest

_UNIT = "http://qudt.org/schema/qudt/hasUnit"


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


@cache
def measurement_properties() -> Mapping[str, Measurement]:
    """What `ontology/recup.ttl` calls a `recup:MeasurementProperty`: its label and unit (its name in QUDT), by IRI."""
    data = (path("ontology") / "recup.ttl").read_bytes()
    measured: set[str] = set()
    said: dict[str, dict[str, str]] = {RDFS + "label": {}, _UNIT: {}}
    for triple in pyoxigraph.parse(data, format=pyoxigraph.RdfFormat.TURTLE):
        subject, predicate, value = triple.subject.value, triple.predicate.value, triple.object
        if predicate == RDF + "type" and value.value == RECUP + "MeasurementProperty":
            measured.add(subject)
        elif predicate in said:
            said[predicate][subject] = value.value
    labels, units = said[RDFS + "label"], said[_UNIT]
    found = {iri: Measurement(iri, labels[iri], units[iri].rsplit("/", 1)[-1]) for iri in sorted(measured)}
    return MappingProxyType(found)
