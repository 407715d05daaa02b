"""What the site says of each IRI: to people, to machines, in pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

import recup_kg as recup
from recup_kg.api.access import Access
from recup_kg.store import Entry, Store
from recup_kg.vocab import BASE, RDFS, RECUP, segment
from recup_kg.web.app import application
from recup_kg.web.pages.addresses import iri_of_path, page_address, resource_address, split_ending
from recup_kg.web.pages.description import PAGE, describe, is_held
from recup_kg.web.settings import ServiceSettings

SITE = "https://lab.example"
RDF_TYPES = {"ttl": "text/turtle", "jsonld": "application/ld+json", "nt": "application/n-triples"}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, root: Path) -> str:
    place = str(tmp_path_factory.mktemp("pages") / "store")
    graph = recup.open(place)
    names = [
        graph.ingest(root / f"data/wfformat/blast/blast-chameleon-small-{number}.json").name
        for number in ("002", "003")
    ]
    graph.compare(*map(str, names))
    return place


@pytest.fixture(scope="module")
def store(place: str) -> Store:
    return Access(place).reading()


@pytest.fixture(scope="module")
def entry(store: Store) -> Entry:
    return next(entry for entry in store.registry() if entry.kind == "execution")


@pytest.fixture(scope="module")
def client(place: str) -> Iterator[TestClient]:
    app = application(ServiceSettings(location=place, base=SITE))
    yield TestClient(app, base_url=SITE, follow_redirects=False)


def _parsed(body: bytes, ending: str) -> set[pyoxigraph.Triple]:
    form = {
        "ttl": pyoxigraph.RdfFormat.TURTLE,
        "jsonld": pyoxigraph.RdfFormat.JSON_LD,
        "nt": pyoxigraph.RdfFormat.N_TRIPLES,
    }[ending]
    return {quad.triple for quad in pyoxigraph.parse(body, format=form)}


@given(st.text(min_size=1))
def test_any_name_keeps_its_iri_in_an_address(name: str) -> None:
    iri = f"{BASE}run/1/task/{segment(name)}"
    address = page_address(iri, SITE)
    assert address.isascii()
    assert iri_of_path(address.removeprefix(SITE)) == iri


@pytest.mark.parametrize(
    ("iri", "address"),
    [
        ("http://x/?a=1&b", f"{SITE}/resource?iri=http%3A%2F%2Fx%2F%3Fa%3D1%26b"),
        (RECUP + "makespan", f"{SITE}/ontology#makespan"),
        (BASE + "hpctoolkit#a", f"{SITE}/resource?iri={quote(BASE + 'hpctoolkit#a', safe='')}"),
        (BASE, f"{SITE}/resource?iri={quote(BASE, safe='')}"),
    ],
)
def test_addresses(iri: str, address: str) -> None:
    assert page_address(iri, SITE) == address


@pytest.mark.parametrize(
    ("path", "split"),
    [("/run/1.ttl", ("/run/1", "ttl")), ("/run/1.txt", ("/run/1.txt", None)), ("/run/1", ("/run/1", None))],
)
def test_endings(path: str, split: tuple[str, str | None]) -> None:
    assert split_ending(path) == split


@pytest.mark.parametrize("ending", RDF_TYPES)
def test_an_iri_leads_to_a_document_about_it(
    client: TestClient, store: Store, entry: Entry, ending: str
) -> None:
    path = entry.described.removeprefix(BASE)
    answer = client.get(f"/{path}", headers={"Accept": RDF_TYPES[ending]})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{SITE}/{path}.{ending}"
    assert answer.headers["vary"].startswith("Accept")
    found = client.get(answer.headers["location"])
    assert found.status_code == 200
    assert found.headers["content-type"].startswith(RDF_TYPES[ending])
    node = pyoxigraph.NamedNode(entry.described)
    told = _parsed(found.content, ending)
    held = {
        quad.triple
        for known in store.registry()
        for quad in pyoxigraph.parse(store.ntriples(known.graph), format=pyoxigraph.RdfFormat.N_TRIPLES)
    }
    assert {triple for triple in told if triple.subject == node} == {t for t in held if t.subject == node}
    assert told <= held


def test_every_iri_of_ours_answers(client: TestClient, store: Store, entry: Entry) -> None:
    rows = store.select(f"SELECT DISTINCT ?s {{ GRAPH <{entry.graph}> {{ ?s ?p ?o }} }}").rows
    iris = [row[0].value for row in rows if isinstance(row[0], pyoxigraph.NamedNode)]
    assert len(iris) > 100
    for iri in iris:
        assert iri.startswith(BASE)
        assert client.head(page_address(iri, SITE)).status_code == 303, iri


def test_pages_of_links_hold_all_of_them_once(store: Store, entry: Entry) -> None:
    iri = RECUP + "TaskExecution"
    seen: list[tuple[str, str]] = []
    start: int | None = 0
    while start is not None:
        found = describe(store, iri, start)
        assert found is not None
        assert len(found.incoming) <= PAGE
        seen += [(item.subject, item.predicate) for item in found.incoming]
        start = found.following
    first = describe(store, entry.described)
    assert first is not None
    assert len(seen) == len(set(seen)) == found.linked
    assert [source.converter for source in first.sources if source.graph == entry.graph] == ["wfformat"]


@pytest.mark.parametrize("iri", [BASE + "run/none", "http://x/> } DROP ALL", "no iri", "<script>", ""])
def test_nothing_is_held(store: Store, iri: str) -> None:
    assert not is_held(store, iri)
    assert describe(store, iri) is None


@pytest.mark.parametrize(
    ("address", "status", "reason"),
    [
        ("/run/none", 404, "nothing is said here of this IRI"),
        ("/run/%3Cscript%3E.html", 404, "nothing is said here of this IRI"),
        ("/resource", 400, "the address needs one parameter iri"),
        ("/resource?iri=a&iri=b", 400, "the address needs one parameter iri"),
        ("/resource?iri=http://x/&format=exe", 400, "format can be html, ttl, jsonld, nt"),
        ("/resource?iri=http://x/&start=7", 400, "start can be a multiple of 100"),
        ("/resource?iri=http://x/&start=-100", 400, "start can be a multiple of 100"),
        ("/resource?iri=%3Cscript%3E", 404, "nothing is said here of this IRI"),
    ],
)
def test_refused(client: TestClient, address: str, status: int, reason: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.text) == (status, reason + "\n")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_no_format_that_the_client_takes(client: TestClient, entry: Entry) -> None:
    answer = client.get(entry.described.removeprefix(BASE.rstrip("/")), headers={"Accept": "image/png"})
    assert (answer.status_code, answer.headers["vary"].split(",")[0]) == (406, "Accept")


def test_an_unchanged_document_is_not_sent_again(client: TestClient, entry: Entry) -> None:
    address = resource_address(entry.described, "", "ttl")
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(resource_address(entry.described, "", "nt"))
    assert other.headers["etag"] != first.headers["etag"]
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_page_says_what_it_stands_on(client: TestClient, entry: Entry) -> None:
    answer = client.get(resource_address(entry.described), headers={"Accept": "text/html"})
    assert answer.headers["content-location"] == resource_address(entry.described, SITE, "html")
    assert "script" not in answer.headers["content-security-policy"]
    assert f'<{entry.described}>; rel="cite-as"' in answer.headers["link"]
    text = answer.text
    assert "1001.4" in text and "makespan" in text and "blast-chameleon-small-002.json" in text
    assert '<link rel="stylesheet" href="/static/pages.css">' in text
    assert client.get("/static/pages.css").headers["content-type"].startswith("text/css")
    assert "<script" not in text


def test_what_sources_said_is_escaped(tmp_path: Path, root: Path) -> None:
    source = root / "data/wfformat/blast/blast-chameleon-small-002.json"
    planted = tmp_path / "planted.json"
    planted.write_text(source.read_text().replace("makeflow-blast-small", "<script>alert(1)</script>"))
    place = str(tmp_path / "store")
    run = recup.open(place).ingest(planted).run
    client = TestClient(application(ServiceSettings(location=place, base=SITE)))
    text = client.get(resource_address(str(run), "", "html")).text
    assert "&lt;script&gt;alert(1)" in text
    assert "<script" not in text


def test_links_of_a_site_below_a_path(place: str, entry: Entry) -> None:
    client = TestClient(application(ServiceSettings(location=place, base=f"{SITE}/prov")))
    text = client.get(resource_address(entry.described, "", "html")).text
    assert 'href="/prov/static/pages.css"' in text
    assert 'href="/prov/ontology#makespan"' in text


@pytest.mark.parametrize("name", ["ontology", "darshan", "nextflow"])
def test_vocabularies(client: TestClient, name: str) -> None:
    page = client.get(f"/{name}")
    assert page.headers["content-location"] == f"{SITE}/{name}.html"
    turtle, other = client.get(f"/{name}.ttl"), client.get(f"/{name}.jsonld")
    labels = {t for t in _parsed(turtle.content, "ttl") if t.predicate.value == RDFS + "label"}
    assert len(labels) > 3
    assert labels <= _parsed(other.content, "jsonld")
    own = [t.subject.value for t in labels if f"/{name}#" in str(t.subject)]  # type: ignore[union-attr]
    assert own and all(f'id="{iri.partition("#")[2]}"' in page.text for iri in own)


def test_robots_read_no_queries(client: TestClient) -> None:
    assert client.get("/robots.txt").text == "User-agent: *\nDisallow: /sparql\n"
