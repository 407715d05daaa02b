"""What the endpoint says of itself, and the form that a browser gets."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import pytest
import rdflib
from starlette.testclient import TestClient

from recup_kg.store import open_store
from recup_kg.web.app import application
from recup_kg.web.service_description import SD
from recup_kg.web.settings import ServiceSettings
from tests.web.conftest import BASE

FORMS = {
    "text/turtle": "turtle",
    "application/ld+json": "json-ld",
    "application/n-triples": "nt",
    "application/rdf+xml": "xml",
}


@pytest.mark.parametrize("media_type", FORMS)
def test_it_is_told_in_every_format(client: TestClient, store: Path, media_type: str) -> None:
    answer = client.get("/sparql", headers={"accept": media_type})
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, media_type)
    found = rdflib.Graph().parse(data=answer.text, format=FORMS[media_type])
    (service,) = found.subjects(rdflib.RDF.type, rdflib.URIRef(SD + "Service"))
    assert found.value(service, rdflib.URIRef(SD + "endpoint")) == rdflib.URIRef(f"{BASE}/sparql")
    assert (service, rdflib.URIRef(SD + "feature"), rdflib.URIRef(SD + "UnionDefaultGraph")) in found
    assert len(list(found.objects(service, rdflib.URIRef(SD + "resultFormat")))) == 8
    named = {str(name) for name in found.objects(None, rdflib.URIRef(SD + "name"))}
    with open_store(str(store), writable=False) as opened:
        assert named == set(opened.graphs())
    assert len(named) == 4


def test_turtle_where_the_client_says_nothing(client: TestClient) -> None:
    assert client.get("/sparql", headers={"accept": ""}).headers["content-type"].startswith("text/turtle")
    assert client.get("/sparql", headers={"accept": "image/png"}).status_code == 406


def test_what_it_states_is_so(client: TestClient) -> None:
    """The default graph is the union of the named ones."""
    queries = ("SELECT DISTINCT ?s ?p ?o { ?s ?p ?o }", "SELECT DISTINCT ?s ?p ?o { GRAPH ?g { ?s ?p ?o } }")
    counts = [
        client.get("/sparql", params={"query": f"SELECT (COUNT(*) AS ?n) {{ {{ {query} }} }}"}).json()
        for query in queries
    ]
    assert counts[0] == counts[1]


def test_a_browser_gets_a_form_whose_query_works(client: TestClient) -> None:
    answer = client.get("/sparql", headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "form-action 'self'" in answer.headers["content-security-policy"]
    text = answer.text.split("required>")[1].split("</textarea>")[0].replace("&lt;", "<").replace("&gt;", ">")
    found = client.get("/sparql?" + urlencode({"query": text, "format": "csv"}))
    assert found.headers["content-type"].startswith("text/csv")
    assert len(found.text.splitlines()) == 1 + 2


@pytest.mark.parametrize(
    ("origins", "allowed"), [((), None), (("https://a.example",), "https://a.example"), (("*",), "*")]
)
def test_only_scripts_of_listed_sites_may_ask(
    store: Path, origins: tuple[str, ...], allowed: str | None
) -> None:
    with TestClient(application(ServiceSettings(str(store), BASE, origins=origins))) as found:
        answer = found.get("/sparql", headers={"origin": "https://a.example", "accept": "text/turtle"})
        other = found.get("/sparql", headers={"origin": "https://b.example", "accept": "text/turtle"})
    assert answer.headers.get("access-control-allow-origin") == allowed
    assert other.headers.get("access-control-allow-origin") == ("*" if origins == ("*",) else None)
