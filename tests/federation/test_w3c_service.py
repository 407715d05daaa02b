"""The W3C tests of SPARQL 1.1 Federated Query, each endpoint being a peer that was harvested.

https://www.w3.org/2009/sparql/docs/tests/data-sparql11/service/manifest.ttl
"""

from __future__ import annotations

import gzip
from collections import Counter
from pathlib import Path

import pyoxigraph
import pytest
import rdflib
from rdflib.collection import Collection

from recup_kg.errors import QueryError
from recup_kg.federation.asking import PeerLimits
from recup_kg.federation.gateway import Gateway
from recup_kg.federation.harvested import Harvests
from recup_kg.federation.peers import Peer, PeerRegistry
from recup_kg.federation.service_calls import redirected, service_iris
from tests.conftest import SHARED

FOLDER = SHARED / "suites" / "rdf-tests" / "sparql" / "sparql11"
MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")
NESTED = "is inside of another SERVICE"
REFUSED = {
    "service3": NESTED,
    "service5": "would ask whomever the data name",
    "service6": NESTED,
}
"""We call nobody whom the data name, and let no peer call another one for us."""


def names() -> list[str]:
    return [f"service{number}" for number in ("1", "2", "3", "4a", "5", "6", "7")]


@pytest.fixture(scope="module")
def manifest(shared_suites: Path) -> rdflib.Graph:
    path = FOLDER / "service" / "manifest.ttl"
    return rdflib.Graph().parse(path, publicID=path.as_uri())


def path_of(iri: object) -> Path:
    return Path(str(iri).removeprefix("file://"))


def peers(manifest: rdflib.Graph, action: rdflib.term.Node, registry: PeerRegistry) -> None:
    for number, service in enumerate(manifest.objects(action, QT.serviceData)):
        registry.add(Peer(f"p{number}", str(manifest.value(service, QT.endpoint)), "dcat"))
        turtle = path_of(manifest.value(service, QT.data)).read_bytes()
        quads = pyoxigraph.serialize(
            pyoxigraph.parse(turtle, pyoxigraph.RdfFormat.TURTLE), format=pyoxigraph.RdfFormat.N_QUADS
        )
        registry.harvest_file(f"p{number}").write_bytes(gzip.compress(quads))
    registry.add(Peer("invalid", "http://invalid.endpoint.org/sparql", "dcat"))


def rows(found: object) -> Counter[tuple[str, ...]]:
    assert isinstance(found, pyoxigraph.QuerySolutions)
    variables = sorted(variable.value for variable in found.variables)
    return Counter(tuple(str(row[name]) for name in variables) for row in found)


@pytest.mark.parametrize("name", names())
def test_w3c(manifest: rdflib.Graph, tmp_path: Path, name: str) -> None:
    [test] = [item for item in manifest.subjects(MF.name) if str(item).endswith(f"#{name}")]
    action = manifest.value(test, MF.action)
    assert action is not None
    store, registry = pyoxigraph.Store(), PeerRegistry(tmp_path)
    if data := manifest.value(action, QT.data):
        store.load(path_of(data).read_bytes(), pyoxigraph.RdfFormat.TURTLE)
    peers(manifest, action, registry)
    query = path_of(manifest.value(action, QT.query)).read_text()
    with Gateway(registry.peers(), Harvests(registry), PeerLimits(), lenient=False) as gateway:
        if name in REFUSED:
            with pytest.raises(QueryError, match=REFUSED[name]):
                redirected(query, gateway.address)
            return
        found = rows(store.query(redirected(query, gateway.address)))
        assert [failure.peer for failure in gateway.failures()] == ["invalid"] * (name == "service7")
    expected = path_of(manifest.value(test, MF.result)).read_bytes()
    assert found == rows(pyoxigraph.parse_query_results(expected, format=pyoxigraph.QueryResultsFormat.XML))
    assert found


def test_how_many_there_are(manifest: rdflib.Graph) -> None:
    listed = Collection(manifest, next(manifest.objects(None, MF.entries)))
    assert [str(test).rpartition("#")[2] for test in listed] == names()


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_syntax_is_understood(shared_suites: Path, number: int) -> None:
    query = (FOLDER / "syntax-fed" / f"syntax-service-0{number}.rq").read_text()
    assert service_iris(query, "http://example.org/") == ("http://example.org/g",)
