"""The W3C tests of the SPARQL 1.1 Protocol and of the Graph Store Protocol sent to the service.

https://www.w3.org/2009/sparql/docs/tests/: each test is a list of HTTP requests with what must come back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import rdflib
from rdflib.collection import Collection
from rdflib.compare import isomorphic
from starlette.testclient import TestClient

import recup_kg as recup
from recup_kg.web.app import application
from recup_kg.web.settings import ServiceSettings
from tests.conftest import ROOT
from tests.web.conftest import BASE

SUITE = ROOT.parent / "shared" / "suites" / "rdf-tests" / "sparql" / "sparql11"
TOKEN = {"authorization": "Bearer a long enough token"}
MF = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT = rdflib.Namespace("http://www.w3.org/2011/http#")
CNT = rdflib.Namespace("http://www.w3.org/2011/content#")
UT = rdflib.Namespace("http://www.w3.org/2009/sparql/tests/test-update#")
FORMATS = {
    "boolean": ("application/sparql-results",),
    "tabular": ("application/sparql-results", "text/csv", "text/tab-separated-values"),
    "RDF": ("text/turtle", "application/n-triples", "application/ld+json", "application/rdf+xml"),
}
MANIFESTS = {
    "protocol": "protocol/manifest.ttl",
    "graph-store-indirect": "graph-store-protocol/manifest-indirect.ttl",
    "graph-store-direct": "graph-store-protocol/manifest-direct.ttl",
}
NOT_PASSED: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Case:
    """A test of a manifest."""

    name: str
    graph: rdflib.Graph
    node: rdflib.term.Node


def cases() -> Iterator[Case]:
    for name in MANIFESTS.values():
        path = SUITE / name
        if not path.is_file():
            return
        graph = rdflib.Graph().parse(path)
        entries = next(graph.objects(None, MF.entries))
        for node in Collection(graph, entries):
            yield Case(str(node).rpartition("#")[2], graph, node)


CASES = {
    f"{case.graph.value(case.node, rdflib.RDF.type).rpartition('#')[2]}-{case.name}": case for case in cases()
}


@pytest.fixture
def writable(tmp_path: Path) -> Iterator[TestClient]:
    folder = tmp_path / "store"
    with recup.open(str(folder)) as graph:
        graph._access.writing()
    settings = ServiceSettings(str(folder), BASE, token=TOKEN["authorization"].split(" ", 1)[1])
    with TestClient(application(settings)) as client:
        yield client


def text_of(graph: rdflib.Graph, body: Any) -> bytes:
    encoding = str(graph.value(body, CNT.characterEncoding) or "UTF-8")
    return str(graph.value(body, CNT.chars)).encode(encoding)


def headers_of(graph: rdflib.Graph, node: Any) -> dict[str, str]:
    found = graph.value(node, HT.headers)
    items = Collection(graph, found) if found is not None else ()
    return {
        str(graph.value(item, HT.fieldName)).lower(): str(graph.value(item, HT.fieldValue)) for item in items
    }


def address(path: str, places: dict[str, str]) -> str:
    for mark, place in places.items():
        path = path.replace(quote(mark, safe=""), quote(place, safe="")).replace(mark, place)
    if path.startswith("/gsp"):
        return "/graphs" + path.removeprefix("/gsp")
    return "/sparql" + path.removeprefix("/sparql").removeprefix("/")


def send(client: TestClient, case: Case, request: Any, places: dict[str, str]) -> None:
    graph = case.graph
    body = graph.value(request, HT.body)
    headers = headers_of(graph, request)
    method = str(graph.value(request, HT.methodName))
    path = address(str(graph.value(request, HT.absolutePath)), places)
    content = None if body is None else text_of(graph, body)
    answer = client.request(method, path, content=content, headers={"accept": "*/*", **TOKEN, **headers})
    response = graph.value(request, HT.resp)
    classes = [str(status).rpartition("#")[2] for status in graph.objects(response, MF.expectedStatus)]
    assert any(fits(answer.status_code, name) for name in classes), (
        method,
        path,
        answer.status_code,
        answer.text,
        classes,
    )
    for expected in graph.objects(response, MF.expectedBoolean):
        assert answer.json()["boolean"] is expected.toPython()
    for expected in graph.objects(response, MF.expectedFormat):
        assert answer.headers["content-type"].startswith(FORMATS[str(expected)])
    expected_body = graph.value(response, HT.body)
    if expected_body is not None and method != "HEAD":
        form = headers_of(graph, response).get("content-type", "text/turtle").split(";")[0]
        expected_graph = rdflib.Graph().parse(data=text_of(graph, expected_body), format=form, publicID=BASE)
        found = rdflib.Graph().parse(data=answer.content, format=answer.headers["content-type"].split(";")[0])
        assert isomorphic(found, expected_graph)
    mark = graph.value(response, MF.expectedLocation)
    if mark is not None:
        places[str(mark)] = answer.headers["location"]


STATUS = {
    "OK": 200,
    "Created": 201,
    "NoContent": 204,
    "BadRequest": 400,
    "NotFound": 404,
    "MethodNotAllowed": 405,
}


def fits(status: int, name: str) -> bool:
    if name.startswith("StatusCode"):
        return status // 100 == int(name.removeprefix("StatusCode")[0])
    return status == STATUS.get(name, -1)


@pytest.mark.skipif(not CASES, reason="the W3C suites are not beside the checkout")
@pytest.mark.parametrize("name", sorted(CASES))
def test_w3c(writable: TestClient, name: str) -> None:
    case = CASES[name]
    for data in case.graph.objects(case.node, UT.graphData):
        file = Path(str(case.graph.value(data, UT.graph)).removeprefix("file://"))
        label = str(case.graph.value(data, rdflib.RDFS.label))
        headers = {"content-type": "application/n-triples", **TOKEN}
        assert (
            writable.put(
                "/graphs", params={"graph": label}, content=file.read_bytes(), headers=headers
            ).status_code
            == 201
        )
    places: dict[str, str] = {}
    try:
        for action in case.graph.objects(case.node, MF.action):
            for request in Collection(case.graph, case.graph.value(action, HT.requests)):
                send(writable, case, request, places)
    except AssertionError:
        if name in NOT_PASSED:
            pytest.xfail(NOT_PASSED[name])
        raise
    assert name not in NOT_PASSED


@pytest.mark.skipif(not CASES, reason="the W3C suites are not beside the checkout")
def test_how_many_there_are() -> None:
    assert len(CASES) == 47
