"""SPARQL Update and the Graph Store Protocol: with the token, and never on the graph of a bundle."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib
from starlette.testclient import TestClient

import recup_kg as recup
from recup_kg.store import open_store
from recup_kg.web.app import application
from recup_kg.web.settings import Limits, ServiceSettings
from tests.web.conftest import BASE

TOKEN = "correct horse battery staple"
AUTHORIZED = {"authorization": f"Bearer {TOKEN}"}
UPDATE = {"content-type": "application/sparql-update"}
TURTLE = {"content-type": "text/turtle", **AUTHORIZED}
G = "http://example.org/notes"
NOTE = '<http://example.org/a> <http://schema.org/comment> "the disk was full" .'


@pytest.fixture
def folder(store: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(store, tmp_path / "store"))


@pytest.fixture
def writable(folder: Path) -> Iterator[TestClient]:
    limits = Limits(concurrent=1, body=1000, upload=100_000)
    with TestClient(application(ServiceSettings(str(folder), BASE, token=TOKEN, limits=limits))) as client:
        yield client


def update(client: TestClient, text: str, **headers: str) -> tuple[int, str]:
    answer = client.post("/sparql", content=text, headers={**UPDATE, **AUTHORIZED, **headers})
    return answer.status_code, answer.text


def comments(client: TestClient) -> list[str]:
    query = "SELECT ?text { GRAPH ?g { ?s <http://schema.org/comment> ?text } } ORDER BY ?text"
    rows = client.get("/sparql", params={"query": query}).json()["results"]["bindings"]
    return [row["text"]["value"] for row in rows]


def test_an_update_is_seen_and_lasts(writable: TestClient, folder: Path) -> None:
    assert update(writable, f"INSERT DATA {{ GRAPH <{G}> {{ {NOTE} }} }}") == (204, "")
    assert comments(writable) == ["the disk was full"]
    with recup.open(str(folder)) as graph:
        runs = [run.name for run in graph.runs()]
        graph.reindex()
        assert [run.name for run in graph.runs()] == runs
    assert comments(writable) == ["the disk was full"]
    assert update(writable, f"DELETE WHERE {{ GRAPH <{G}> {{ ?s ?p ?o }} }}") == (204, "")
    assert comments(writable) == []


def test_an_update_as_a_form(writable: TestClient) -> None:
    text = f"INSERT DATA {{ GRAPH <{G}> {{ {NOTE} }} }}"
    assert writable.post("/sparql", data={"update": text}, headers=AUTHORIZED).status_code == 204
    assert comments(writable) == ["the disk was full"]


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": "Bearer wrong"}, {"authorization": "Basic " + TOKEN}, {"authorization": "Bearer"}],
)
def test_without_the_token_nothing_changes(writable: TestClient, headers: dict[str, str]) -> None:
    text = f"INSERT DATA {{ GRAPH <{G}> {{ {NOTE} }} }}"
    answers = [
        writable.post("/sparql", content=text, headers={**UPDATE, **headers}),
        writable.put(
            "/graphs", params={"graph": G}, content=NOTE, headers={"content-type": "text/turtle", **headers}
        ),
        writable.delete("/graphs", params={"graph": G}, headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert all(answer.headers["www-authenticate"].startswith("Bearer") for answer in answers)
    assert comments(writable) == []


def test_a_service_without_a_token_can_not_be_written_to(client: TestClient) -> None:
    answer = client.post("/sparql", content="CLEAR ALL", headers={**UPDATE, **AUTHORIZED})
    assert (answer.status_code, answer.text) == (403, "this service can't be written to\n")
    assert client.delete("/graphs?default", headers=AUTHORIZED).status_code == 403


def test_only_the_token_allows_a_long_request(writable: TestClient) -> None:
    long = f"INSERT DATA {{ GRAPH <{G}> {{ {NOTE} }} }} # " + "x" * 5000
    assert (
        writable.post("/sparql", content=long, headers={**UPDATE, "authorization": "Bearer x"}).status_code
        == 413
    )
    assert update(writable, long)[0] == 204
    assert update(writable, long + "x" * 100_000)[0] == 413


def graph_of_a_bundle(folder: Path) -> str:
    with open_store(str(folder), writable=False) as opened:
        return opened.graphs()[0]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("DROP GRAPH <{bundle}>", 403),
        ("DELETE WHERE {{ GRAPH <{bundle}> {{ ?s ?p ?o }} }}", 403),
        ("INSERT DATA {{ GRAPH <{bundle}> {{ <urn:a> <urn:b> <urn:c> }} }}", 403),
        ("DELETE WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }}", 403),
        ("CLEAR ALL", 403),
        ("CLEAR NAMED", 403),
        ("DROP GRAPH <https://w3id.org/recup/index>", 403),
        ("INSERT DATA {{ GRAPH <https://w3id.org/recup/run/x> {{ <urn:a> <urn:b> <urn:c> }} }}", 403),
        ("LOAD <http://127.0.0.1:1/> INTO GRAPH <urn:g>", 403),
        (
            "INSERT {{ GRAPH <urn:g> {{ ?s ?p ?o }} }} WHERE {{ SERVICE <http://127.0.0.1:1/> {{ ?s ?p ?o }} }}",
            403,
        ),
        ("INSERT nonsense", 400),
    ],
)
def test_bundles_never_change_and_nobody_is_called(
    writable: TestClient, folder: Path, text: str, status: int
) -> None:
    bundle = graph_of_a_bundle(folder)
    query = {"query": "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"}
    before = writable.get("/sparql", params=query).json()
    found, reason = update(writable, text.format(bundle=bundle))
    assert found == status
    assert reason.count("\n") == 1
    assert writable.get("/sparql", params=query).json() == before


def test_a_graph_is_put_read_extended_and_removed(writable: TestClient) -> None:
    at = {"graph": G}
    assert writable.get("/graphs", params=at).status_code == 404
    assert writable.put("/graphs", params=at, content=NOTE, headers=TURTLE).status_code == 201
    more = '<http://example.org/b> <http://schema.org/comment> "and the other" .'
    assert writable.post("/graphs", params=at, content=more, headers=TURTLE).status_code == 204
    answer = writable.get("/graphs", params=at, headers={"accept": "text/turtle"})
    assert len(rdflib.Graph().parse(data=answer.text, format="turtle")) == 2
    assert writable.put("/graphs", params=at, content=more, headers=TURTLE).status_code == 204
    assert comments(writable) == ["and the other"]
    assert writable.delete("/graphs", params=at, headers=AUTHORIZED).status_code == 204
    assert writable.delete("/graphs", params=at, headers=AUTHORIZED).status_code == 404


def test_what_can_not_be_read_replaces_nothing(writable: TestClient) -> None:
    at = {"graph": G}
    writable.put("/graphs", params=at, content=NOTE, headers=TURTLE)
    assert writable.put("/graphs", params=at, content=NOTE + " <broken", headers=TURTLE).status_code == 400
    other = {**TURTLE, "content-type": "image/png"}
    assert writable.put("/graphs", params=at, content=b"x", headers=other).status_code == 415
    assert comments(writable) == ["the disk was full"]


def test_a_bundle_can_be_read_and_not_written(writable: TestClient, folder: Path) -> None:
    at = {"graph": graph_of_a_bundle(folder)}
    answer = writable.get("/graphs", params=at, headers={"accept": "application/n-triples"})
    with open_store(str(folder), writable=False) as opened:
        assert len(answer.text.splitlines()) == opened.count(at["graph"]) > 0
    assert writable.put("/graphs", params=at, content=NOTE, headers=TURTLE).status_code == 403
    assert writable.delete("/graphs", params=at, headers=AUTHORIZED).status_code == 403
    tag = answer.headers["etag"]
    known = {"accept": "application/n-triples", "if-none-match": tag}
    assert writable.get("/graphs", params=at, headers=known).status_code == 304
    writable.put("/graphs", params={"graph": G}, content=NOTE, headers=TURTLE)
    assert writable.get("/graphs", params=at, headers=known).status_code == 200
    assert writable.head("/graphs", params=at).content == b""


SOURCE = "bwa-chameleon-small-001.json"


@pytest.fixture
def roomy(folder: Path) -> Iterator[TestClient]:
    limits = Limits(concurrent=1, body=1000)
    with TestClient(application(ServiceSettings(str(folder), BASE, token=TOKEN, limits=limits))) as client:
        yield client


def test_a_source_is_taken_and_called_after_its_name(roomy: TestClient, folder: Path, root: Path) -> None:
    body = (root / "data" / "wfformat" / "bwa" / SOURCE).read_bytes()
    assert roomy.post("/ingest", params={"name": SOURCE}, content=body).status_code == 413
    assert roomy.post("/ingest", params={"name": SOURCE}, content=b"{}").status_code == 401
    answer = roomy.post("/ingest", params={"name": SOURCE}, content=body, headers=AUTHORIZED)
    assert answer.status_code == 200, answer.text
    assert "/tmp" not in answer.text
    with recup.open(str(folder)) as graph:
        assert "bwa-chameleon-small-001" in [run.name for run in graph.runs()]
    assert "bwa-chameleon-small-001" in roomy.get("/?format=html").text


@pytest.mark.parametrize("name", ["", "..", "../x.json", "/etc/x", "a/b.json", "a\\b", "x\n.json", "x" * 201])
def test_a_path_is_no_name(roomy: TestClient, name: str) -> None:
    answer = roomy.post("/ingest", params={"name": name}, content=b"{}", headers=AUTHORIZED)
    assert (answer.status_code, answer.text.count("\n")) == (400, 1)


def test_a_source_that_is_broken_changes_nothing(roomy: TestClient, folder: Path) -> None:
    with recup.open(str(folder)) as graph:
        before = [run.name for run in graph.runs()]
    answer = roomy.post(
        "/ingest",
        params={"name": "x.json"},
        content=b'{"schemaVersion": "1.5", "workflow": 1',
        headers=AUTHORIZED,
    )
    assert answer.status_code == 422
    assert answer.text.startswith("x.json: ")
    assert answer.text.count("\n") == 1
    with recup.open(str(folder)) as graph:
        assert [run.name for run in graph.runs()] == before


@pytest.mark.parametrize(
    "address",
    ["/graphs", "/graphs?graph=a", "/graphs?graph=urn:a&default", "/graphs?graph=urn:a&graph=urn:b"],
)
def test_which_graph_must_be_said(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 400


def test_a_query_that_needs_too_much_memory(store: Path) -> None:
    limits = Limits(concurrent=1, memory=300 * 2**20, seconds=60)
    pairs = "SELECT (CONCAT(STR(?a), STR(?b), STR(?c), STR(?d)) AS ?all) { ?a ?p ?b . ?c ?q ?d }"
    query = f"SELECT (GROUP_CONCAT(?all) AS ?x) {{ {pairs} }}"
    with TestClient(application(ServiceSettings(str(store), BASE, limits=limits))) as client:
        answer = client.get("/sparql", params={"query": query})
        assert (answer.status_code, answer.text) == (
            422,
            "it needs more memory than the 300 MiB that a query may have here\n",
        )
        assert client.get("/sparql", params={"query": "ASK {}"}).json()["boolean"] is True


def test_a_long_answer_comes_whole(client: TestClient) -> None:
    query = {"query": "SELECT * { ?s ?p ?o }"}
    rows = client.get("/sparql", params=query, headers={"accept": "text/csv"}).text.splitlines()
    count = client.get("/sparql", params={"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"}).json()
    assert len(rows) == 1 + int(count["results"]["bindings"][0]["n"]["value"])
    assert sum(map(len, rows)) > 2**18
