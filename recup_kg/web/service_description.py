"""What the SPARQL endpoint says of itself: https://www.w3.org/TR/sparql11-service-description/."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph

from recup_kg.vocab import RDF

SD = "http://www.w3.org/ns/sparql-service-description#"
_FORMATS = "http://www.w3.org/ns/formats/"
PREFIXES = {"sd": SD, "formats": _FORMATS}
_RESULTS = (
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "JSON-LD",
    "RDF_XML",
)


def triples(endpoint: str, graphs: Iterable[str], *, federated: bool = False) -> Iterator[pyoxigraph.Triple]:
    """The description of an endpoint, given its address and the graphs that it has.

    The default graph of a query that names no data set is the union of all graphs.
    """
    service = _node(f"{endpoint}#service")
    dataset = _node(f"{endpoint}#dataset")
    default = _node(f"{endpoint}#default-graph")
    yield _triple(service, RDF + "type", _node(SD + "Service"))
    yield _triple(service, SD + "endpoint", _node(endpoint))
    yield _triple(service, SD + "supportedLanguage", _node(SD + "SPARQL11Query"))
    yield _triple(service, SD + "feature", _node(SD + "UnionDefaultGraph"))
    if federated:
        yield _triple(service, SD + "feature", _node(SD + "BasicFederatedQuery"))
    for name in _RESULTS:
        yield _triple(service, SD + "resultFormat", _node(_FORMATS + name))
    yield _triple(service, SD + "defaultDataset", dataset)
    yield _triple(dataset, RDF + "type", _node(SD + "Dataset"))
    yield _triple(dataset, SD + "defaultGraph", default)
    yield _triple(default, RDF + "type", _node(SD + "Graph"))
    for number, graph in enumerate(graphs):
        named = _node(f"{endpoint}#graph-{number}")
        yield _triple(dataset, SD + "namedGraph", named)
        yield _triple(named, RDF + "type", _node(SD + "NamedGraph"))
        yield _triple(named, SD + "name", _node(graph))


def _node(iri: str) -> pyoxigraph.NamedNode:
    return pyoxigraph.NamedNode(iri)


def _triple(subject: pyoxigraph.NamedNode, predicate: str, value: pyoxigraph.NamedNode) -> pyoxigraph.Triple:
    return pyoxigraph.Triple(subject, _node(predicate), value)
