"""Each IRI of the store at an address of the site: negotiation, documents, links, and what is no IRI of it."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pyoxigraph
import pytest
import rdflib
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

import recup_kg as recup
from recup_kg.store import open_store
from recup_kg.vocab import BASE, PROV, RDF, RECUP
from recup_kg.web.app import application
from recup_kg.web.settings import ServiceSettings
from recup_kg.web.things.addresses import FORMATS, THINGS, document_address, iri_of_path, local, thing_address
from recup_kg.web.things.description import PAGE, describe
from recup_kg.web.things.html import page
from recup_kg.web.things.terms import labels, name_of, prefixed, units
from tests.web.conftest import BASE as SITE
from tests.web.conftest import A


@pytest.fixture(scope="module")
def run(store: Path) -> str:
    with recup.open(str(store)) as graph:
        return graph.run(A).run


@pytest.fixture(scope="module")
def task(run: str) -> str:
    return f"{run}/task/split_fasta_ID000001"


def path(iri: str) -> str:
    return thing_address(iri)


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, "html"),
        ("*/*", "html"),
        ("text/html,application/xhtml+xml;q=0.9", "html"),
        ("text/turtle", "turtle"),
        ("application/ld+json", "jsonld"),
        ("application/n-triples", "ntriples"),
        ("text/turtle;q=0.4, application/ld+json;q=0.6", "jsonld"),
    ],
)
def test_a_thing_leads_to_the_document_that_the_client_likes(
    client: TestClient, run: str, accept: str | None, form: str
) -> None:
    answer = client.get(path(run), headers={"accept": accept} if accept else {"accept": ""})
    assert answer.status_code == 303
    assert answer.headers["location"] == SITE + document_address(run, form)
    assert "Accept" in answer.headers["vary"]


def test_no_format_that_the_client_takes(client: TestClient, run: str) -> None:
    answer = client.get(path(run), headers={"accept": "image/png"})
    assert (answer.status_code, answer.text) == (
        406,
        "there is text/html, text/turtle, application/ld+json, application/n-triples\n",
    )


@pytest.mark.parametrize("form", ["turtle", "jsonld", "ntriples"])
def test_every_format_says_what_the_store_says(client: TestClient, store: Path, task: str, form: str) -> None:
    answer = client.get(document_address(task, form))
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == FORMATS[form]
    name = {"turtle": "turtle", "jsonld": "json-ld", "ntriples": "nt"}[form]
    found = rdflib.Graph().parse(data=answer.text, format=name)
    with open_store(str(store), writable=False) as opened:
        out = opened.select(f"SELECT DISTINCT ?p ?o {{ GRAPH ?g {{ <{task}> ?p ?o }} }}")
        into = opened.select(f"SELECT DISTINCT ?s ?p {{ GRAPH ?g {{ ?s ?p <{task}> }} }}")
    assert 0 < len(into) <= PAGE
    assert len(found) == len(out) + len(into)
    assert (rdflib.URIRef(task), rdflib.URIRef(RDF + "type"), rdflib.URIRef(PROV + "Activity")) in found


def test_the_page_has_facts_labels_units_and_links(client: TestClient, run: str, task: str) -> None:
    answer = client.get(document_address(task, "html"))
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    text = answer.text
    assert "<h1>split_fasta_ID000001</h1>" in text
    assert labels()[RECUP + "runTime"] in text
    assert ">SEC</span>" in text
    assert f'href="{path(run)}/data/small.fasta"' in text
    assert "What points at it" in text
    assert "<script" not in text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_links_of_the_page_lead_somewhere(client: TestClient, task: str) -> None:
    text = client.get(document_address(task, "html")).text
    addresses = {a.replace("&amp;", "&") for a in re.findall(r'href="(/[^"]*)"', text)}
    ours = {a for a in addresses if a.split("/")[1] in (*THINGS, "doc", "static")}
    assert len(ours) > 10
    assert {a: client.get(a).status_code for a in ours if client.get(a).status_code not in (200, 303)} == {}


def test_signposting(client: TestClient, task: str) -> None:
    links = client.get(document_address(task, "html")).headers["link"]
    assert f'<{task}>; rel="cite-as"' in links
    assert f'<{SITE}{document_address(task, "turtle")}>; rel="describedby"; type="text/turtle"' in links
    assert f'<{RECUP}TaskExecution>; rel="type"' in links
    data = client.get(document_address(task, "turtle")).headers["link"]
    assert f'<{task}>; rel="describes"' in data
    assert "cite-as" not in data


def test_a_document_that_the_client_has_is_not_sent_again(client: TestClient, task: str) -> None:
    first = client.get(document_address(task, "turtle"))
    again = client.get(document_address(task, "turtle"), headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    other = client.get(document_address(task, "jsonld"), headers={"if-none-match": first.headers["etag"]})
    assert other.status_code == 200


def test_head(client: TestClient, task: str) -> None:
    full, head = client.get(document_address(task, "turtle")), client.head(document_address(task, "turtle"))
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == full.headers["content-length"]


def test_what_points_at_a_thing_comes_in_pages(client: TestClient, store: Path) -> None:
    iri = RECUP + "DataObject"
    first = client.get(f"/doc/ntriples?iri={quote(iri, safe='')}")
    assert first.text.count("\n") == PAGE
    assert f'<{SITE}{document_address(iri, "ntriples", 1)}>; rel="next"' in first.headers["link"]
    with open_store(str(store), writable=False) as opened:
        count = int(
            opened.select(f"SELECT (COUNT(*) AS ?n) {{ GRAPH ?g {{ ?s ?p <{iri}> }} }}").column("n")[0] or 0
        )
    lines: set[str] = set()
    number = 0
    while True:
        answer = client.get(document_address(iri, "ntriples", number))
        lines |= set(answer.text.splitlines())
        if 'rel="next"' not in answer.headers["link"]:
            break
        number += 1
    assert (number, len(lines)) == (count // PAGE, count)
    page_two = client.get(document_address(iri, "html", 1)).text
    assert 'rel="prev"' in page_two


@pytest.mark.parametrize(
    ("address", "status", "reason"),
    [
        ("/run/0000", 404, "the store says nothing of that"),
        ("/run/<script>alert(1)</script>", 404, "the store says nothing of that"),
        ("/resource", 400, "say which: /resource?iri=IRI"),
        ("/resource?iri=a%20b", 400, "that is no IRI"),
        ("/resource?iri=urn:nothing", 404, "the store says nothing of that"),
        ("/resource?iri=urn:x%3E%20%7B%7D%20%23", 400, "that is no IRI"),
        ("/doc/pdf/run/x", 404, "no format pdf; there are: html, turtle, jsonld, ntriples"),
        ("/doc/html/run/x?page=x", 400, "page is a number from 0"),
        ("/doc/html/run/x?page=99999999999", 400, "page is a number from 0"),
        ("/doc/html", 400, "say which: /resource?iri=IRI"),
    ],
)
def test_what_is_not_there(client: TestClient, address: str, status: int, reason: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.text) == (status, f"{reason}\n")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("address", ["/static/../web/app.py", "/static/%2e%2e/app.py", "/static/app.py"])
def test_no_file_but_the_style_sheet(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 404
    assert client.get("/static/pages.css").headers["content-type"].startswith("text/css")


segments = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)


@given(st.sampled_from(THINGS), st.lists(segments, min_size=1, max_size=3))
def test_our_iris_come_back_from_their_addresses(kind: str, parts: list[str]) -> None:
    iri = BASE + "/".join([kind, *(quote(part, safe="", errors="surrogatepass") for part in parts)])
    address = local(iri)
    assert address is not None
    assert iri_of_path(address[1:]) == iri
    assert document_address(iri, "turtle") == f"/doc/turtle{address}"


@pytest.mark.parametrize("iri", ["urn:x", "http://example.org/a", BASE + "index", BASE + "run"])
def test_other_iris_are_a_parameter(iri: str) -> None:
    assert local(iri) is None
    assert thing_address(iri) == f"/resource?iri={quote(iri, safe='')}"
    assert document_address(iri, "html", 2) == f"/doc/html?iri={quote(iri, safe='')}&page=2"


def test_a_term_of_ours_is_a_part_of_its_vocabulary(client: TestClient, task: str) -> None:
    assert thing_address(RECUP + "runTime") == "/ontology#runTime"
    assert thing_address(BASE + "hpctoolkit#x").startswith("/resource?iri=")
    assert 'href="/ontology#TaskExecution"' in client.get(document_address(task, "html")).text
    assert client.get("/ontology").status_code == 200


def test_a_page_that_is_not_there(client: TestClient, task: str) -> None:
    answer = client.get(document_address(task, "html", 7))
    assert (answer.status_code, answer.text) == (404, "there is no such page\n")


def test_a_site_below_a_path(store: Path, task: str) -> None:
    settings = ServiceSettings(str(store), f"{SITE}/prov")
    with TestClient(application(settings), follow_redirects=False) as below:
        text = below.get(document_address(task, "html")).text
        location = below.get(path(task), headers={"accept": "text/turtle"}).headers["location"]
    assert location == f"{SITE}/prov{document_address(task, 'turtle')}"
    inside = [a for a in re.findall(r'href="([^"]*)"', text) if not a.startswith("http")]
    assert inside
    assert [a for a in inside if not a.startswith("/prov/")] == []


def test_what_sources_say_is_escaped_and_only_web_addresses_are_links() -> None:
    memory = pyoxigraph.Store()
    thing, graph = pyoxigraph.NamedNode("urn:x"), pyoxigraph.NamedNode("urn:g")
    evil = "<img src=x onerror=alert(1)>"
    for value in (
        pyoxigraph.Literal(evil),
        pyoxigraph.NamedNode("javascript:alert(1)"),
        pyoxigraph.BlankNode("b"),
    ):
        memory.add(pyoxigraph.Quad(thing, pyoxigraph.NamedNode("urn:p"), value, graph))

    class Stranger:
        def select(self, query: str) -> object:
            from recup_kg.store.table import table_of

            return table_of(memory.query(query))

    found = describe(Stranger(), "urn:x", 0)  # type: ignore[arg-type]
    assert found is not None
    text = page(found)
    assert evil not in text
    assert "&lt;img src=x" in text
    assert 'href="javascript:' not in text
    assert "javascript:alert(1)" in text


def test_words_of_terms() -> None:
    assert name_of(RECUP + "TaskExecution") == "task execution"
    assert prefixed(PROV + "used") == "prov:used"
    assert prefixed("http://example.org/a") == "http://example.org/a"
    assert units()[RECUP + "runTime"] == "SEC"
    assert len(labels()) > 150
