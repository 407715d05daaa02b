"""The vocabularies at their addresses: formats, tags, and that all formats say the same."""

from __future__ import annotations

import pyoxigraph
import pytest
from starlette.testclient import TestClient

from recup_kg.resources import path
from recup_kg.vocab import BASE, RDFS
from recup_kg.web.routes.vocabularies import FILES

FORMATS = {
    "ttl": ("text/turtle", pyoxigraph.RdfFormat.TURTLE),
    "jsonld": ("application/ld+json", pyoxigraph.RdfFormat.JSON_LD),
    "nt": ("application/n-triples", pyoxigraph.RdfFormat.N_TRIPLES),
}


def _labels(body: bytes, form: pyoxigraph.RdfFormat) -> set[tuple[str, str]]:
    quads = pyoxigraph.parse(body, format=form)
    # Blank nodes get other names in each format.
    return {
        (quad.subject.value, str(quad.object))
        for quad in quads
        if quad.predicate.value == RDFS + "label" and isinstance(quad.subject, pyoxigraph.NamedNode)
    }


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("ending", FORMATS)
def test_each_format_has_all_labels(client: TestClient, name: str, ending: str) -> None:
    media_type, form = FORMATS[ending]
    direct = client.get(f"/{name}.{ending}")
    liked = client.get(f"/{name}", headers={"Accept": media_type})
    assert direct.status_code == liked.status_code == 200
    assert direct.content == liked.content
    assert direct.headers["content-type"].startswith(media_type)
    assert liked.headers["content-location"].endswith(f"/{name}.{ending}")
    assert "Accept" in liked.headers["vary"]
    expected = _labels((path("ontology") / FILES[name]).read_bytes(), pyoxigraph.RdfFormat.TURTLE)
    assert len(expected) > 3
    assert _labels(direct.content, form) == expected
    assert any(subject.startswith(f"{BASE}{name}#") for subject, _ in expected)


def test_every_vocabulary_of_the_package_is_served() -> None:
    assert sorted(FILES.values()) == sorted(file.name for file in path("ontology").glob("*.ttl"))


@pytest.mark.parametrize("ending", FORMATS)
def test_an_unchanged_vocabulary_is_not_sent_again(client: TestClient, ending: str) -> None:
    tag = client.get(f"/ontology.{ending}").headers["etag"]
    again = client.get(f"/ontology.{ending}", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/darshan.ttl", headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("address", "accept", "status"),
    [("/ontology", "image/png", 406), ("/ontology.exe", "*/*", 404), ("/other", "*/*", 404)],
)
def test_refused(client: TestClient, address: str, accept: str, status: int) -> None:
    assert client.get(address, headers={"Accept": accept}).status_code == status
