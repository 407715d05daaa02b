"""The W3C tests of service descriptions, on what our endpoint says of itself: https://www.w3.org/TR/sparql11-service-description/."""

from __future__ import annotations

from pathlib import Path

import pytest
import rdflib
from rdflib.collection import Collection
from starlette.testclient import TestClient

from recup_kg.web.service_description import SD
from tests.web.conftest import BASE
from tests.web.test_w3c_protocol import MF, SUITE

MANIFEST = SUITE / "service-description" / "manifest.ttl"
ENDPOINT = rdflib.URIRef(f"{BASE}/sparql")


def names() -> list[str]:
    if not MANIFEST.is_file():
        return []
    graph = rdflib.Graph().parse(MANIFEST)
    entries = Collection(graph, next(graph.objects(None, MF.entries)))
    return [str(node).rpartition("#")[2] for node in entries]


NAMES = names()


@pytest.fixture
def description(client: TestClient) -> rdflib.Graph:
    answer = client.get("/sparql", headers={"accept": "text/turtle"})
    assert answer.status_code == 200
    return rdflib.Graph().parse(data=answer.text, format="turtle")


def check_returns_rdf(description: rdflib.Graph, vocabulary: rdflib.Graph) -> None:
    assert len(description) > 10


def check_has_endpoint_triple(description: rdflib.Graph, vocabulary: rdflib.Graph) -> None:
    assert len(list(description.subjects(rdflib.URIRef(SD + "endpoint"), ENDPOINT))) == 1


def check_conforms_to_schema(description: rdflib.Graph, vocabulary: rdflib.Graph) -> None:
    """No term that the vocabulary lacks; subjects and values are of the classes that it states."""
    for subject, predicate, value in description:
        if not str(predicate).startswith(SD):
            continue
        assert list(vocabulary.predicate_objects(predicate)), predicate
        for node, restriction in ((subject, rdflib.RDFS.domain), (value, rdflib.RDFS.range)):
            for wanted in vocabulary.objects(predicate, restriction):
                assert conforms(node, wanted, description, vocabulary), (subject, predicate, value)
    for kind in description.objects(None, rdflib.RDF.type):
        assert not str(kind).startswith(SD) or list(vocabulary.predicate_objects(kind)), kind


def conforms(
    node: rdflib.term.Node, wanted: rdflib.term.Node, description: rdflib.Graph, vocabulary: rdflib.Graph
) -> bool:
    """Whether a node is of a class of this vocabulary, as far as it is described: terms of other vocabularies are not."""
    types = set(description.objects(node, rdflib.RDF.type)) | set(vocabulary.objects(node, rdflib.RDF.type))
    ours = {kind for kind in types if str(kind).startswith(SD)}
    return not ours or any(
        wanted in vocabulary.transitive_objects(kind, rdflib.RDFS.subClassOf) for kind in ours
    )


CHECKS = {
    "returns-rdf": check_returns_rdf,
    "has-endpoint-triple": check_has_endpoint_triple,
    "conforms-to-schema": check_conforms_to_schema,
}


@pytest.mark.parametrize("name", NAMES)
def test_w3c(name: str, description: rdflib.Graph, shared_data: Path) -> None:
    vocabulary = rdflib.Graph().parse(shared_data / "fair" / "vocab" / "sparql-service-description.ttl")
    CHECKS[name](description, vocabulary)


def test_all_cases_were_found() -> None:
    if not MANIFEST.is_file():
        pytest.skip(f"the suite is not at {SUITE}")
    assert sorted(NAMES) == sorted(CHECKS)
    assert len(NAMES) == 3


def test_the_check_of_the_schema_can_fail(description: rdflib.Graph, shared_data: Path) -> None:
    vocabulary = rdflib.Graph().parse(shared_data / "fair" / "vocab" / "sparql-service-description.ttl")
    description.add((ENDPOINT, rdflib.URIRef(SD + "noSuchTerm"), ENDPOINT))
    with pytest.raises(AssertionError):
        check_conforms_to_schema(description, vocabulary)
