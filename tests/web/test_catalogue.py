"""The catalogue over HTTP: documents, pages, links and downloads."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
import rdflib
from rdflib.namespace import DCAT, RDF
from starlette.testclient import TestClient
from werkzeug.http import parse_dict_header

import recup_kg as recup
from recup_kg import exports
from recup_kg.web.app import application
from recup_kg.web.settings import ServiceSettings
from tests.catalog.conftest import SAID
from tests.web.conftest import BASE, HTML, A

TURTLE = {"Accept": "text/turtle"}
ROOT = rdflib.URIRef(f"{BASE}/")
CATALOGUE = rdflib.URIRef(f"{BASE}/catalog")
LDP_CONTAINS = rdflib.URIRef("http://www.w3.org/ns/ldp#contains")


@pytest.fixture(scope="module")
def site(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    file = tmp_path_factory.mktemp("said") / "catalog.toml"
    file.write_text(SAID)
    with TestClient(application(ServiceSettings(str(store), BASE, catalog=file))) as found:
        yield found


def parsed(client: TestClient, address: str, accept: str = "text/turtle") -> rdflib.Graph:
    answer = client.get(address, headers={"Accept": accept})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].split(";")[0] == accept
    kind = {"text/turtle": "turtle", "application/ld+json": "json-ld", "application/n-triples": "nt"}[accept]
    return rdflib.Graph().parse(data=answer.text, format=kind)


def dataset_addresses(client: TestClient) -> list[str]:
    return sorted(str(item) for item in parsed(client, "/catalog").objects(CATALOGUE, DCAT.dataset))


def run_address(client: TestClient) -> str:
    graph = parsed(client, "/catalog")
    title = rdflib.Literal(f"Execution {A} of makeflow-blast-small")
    (found,) = graph.subjects(rdflib.DCTERMS.title, title)
    return str(found)


def links(header: str) -> list[tuple[str, str, str | None]]:
    found = []
    for part in re.findall(r"<[^>]*>[^<]*(?=,\s*<|$)", header):
        target, _, rest = part.partition(">")
        said = parse_dict_header(rest.strip(" ;,").replace(";", ","))
        found.append((target[1:], str(said["rel"]), said.get("type")))
    return found


@pytest.mark.parametrize("accept", ["text/turtle", "application/ld+json", "application/n-triples"])
def test_all_formats_say_the_same(site: TestClient, accept: str) -> None:
    for address in ("/", "/catalog", run_address(site), "/.well-known/void"):
        assert set(parsed(site, address, accept)) == set(parsed(site, address))


def test_a_machine_gets_turtle_and_a_browser_a_page(site: TestClient) -> None:
    for address in ("/", "/catalog", run_address(site)):
        assert site.get(address, headers={"Accept": "*/*"}).headers["content-type"].startswith("text/turtle")
        answer = site.get(address, headers={"Accept": "text/html,application/xml;q=0.9,*/*;q=0.8"})
        assert answer.headers["content-type"].startswith("text/html")
        assert answer.headers["vary"].startswith("Accept")
        assert site.get(address, headers={"Accept": "image/png"}).status_code == 406
        assert site.get(address, params={"format": "xml"}).status_code == 400
        assert site.get(address, params={"format": "html"}).headers["content-type"].startswith("text/html")


def test_a_client_walks_from_the_root_to_the_bytes(site: TestClient, store: Path) -> None:
    root = parsed(site, "/")
    assert (ROOT, RDF.type, rdflib.URIRef("https://w3id.org/fdp/fdp-o#FAIRDataPoint")) in root
    (catalogue,) = root.objects(ROOT, LDP_CONTAINS)
    members = list(parsed(site, str(catalogue)).objects(catalogue, LDP_CONTAINS))
    assert len(members) == 4
    fetched = 0
    for member in members:
        document = parsed(site, str(member))
        for form in document.objects(member, DCAT.distribution):
            answer = site.get(str(document.value(form, DCAT.downloadURL)))
            assert answer.status_code == 200, answer.text
            checksum = document.value(form, rdflib.URIRef("http://spdx.org/rdf/terms#checksum"))
            if checksum:
                value = document.value(checksum, rdflib.URIRef("http://spdx.org/rdf/terms#checksumValue"))
                assert hashlib.sha256(answer.content).hexdigest() == str(value)
                assert len(answer.content) == int(document.value(form, DCAT.byteSize))
                assert gzip.decompress(answer.content).startswith(b"<https://w3id.org/recup/")
            fetched += 1
    with recup.open(str(store)) as graph:
        graph.runs()
    assert fetched >= 4 * 5


def test_a_download_is_what_export_writes(site: TestClient, store: Path) -> None:
    document = parsed(site, run_address(site))
    found = {str(url).split("/")[-2]: site.get(str(url)) for url in document.objects(None, DCAT.downloadURL)}
    assert set(exports.formats()) & {"turtle", "nquads", "wfformat", "ro-crate"} <= set(found)
    with recup.open(str(store)) as graph:
        for name in ("turtle", "nquads", "wfformat"):
            assert found[name].content == graph.export(A, name)
    assert "ro-crate-metadata.json" in zipfile.ZipFile(BytesIO(found["ro-crate"].content)).namelist()
    assert f"filename={A}.ttl" in found["turtle"].headers["content-disposition"].replace('"', "")


def test_what_a_client_has_is_not_sent_again(site: TestClient) -> None:
    document = parsed(site, run_address(site))
    urls = [str(url) for url in document.objects(None, DCAT.downloadURL)]
    for url in (*urls, "/", "/catalog", run_address(site)):
        head = site.head(url, headers=TURTLE)
        assert head.status_code == 200
        assert head.content == b""
        again = site.get(url, headers={**TURTLE, "If-None-Match": head.headers["etag"]})
        assert again.status_code == 304
        assert again.content == b""


@pytest.mark.parametrize(
    ("address", "status", "reason"),
    [
        ("/dataset/run-0", 404, "the store has no such dataset"),
        ("/linkset/run-0", 404, "the store has no such dataset"),
        ("/download/run-0/turtle/x.ttl", 404, "the store has no such dataset"),
        ("/catalog?page=9", 404, "there is no such page; the last is 0"),
        ("/catalog?page=-1", 400, "page is a number from 0"),
        ("/catalog?profile=x", 400, "no profile x; there are: dcat-ap, fdp"),
    ],
)
def test_what_is_not_there_is_said(site: TestClient, address: str, status: int, reason: str) -> None:
    answer = site.get(address)
    assert (answer.status_code, answer.text) == (status, f"{reason}\n")


def test_nothing_else_of_the_disk_can_be_fetched(site: TestClient) -> None:
    slug = run_address(site).rsplit("/", 1)[-1]
    for name in ("..%2F..%2Fcatalog.toml", "%2Fetc%2Fpasswd", "index.lock"):
        assert site.get(f"/download/{slug}/bundle/{name}").status_code == 404


def test_signposts(site: TestClient) -> None:
    address = run_address(site)
    found = links(site.get(address, headers=HTML).headers["link"])
    relations = {
        relation: [target for target, name, _ in found if name == relation] for _, relation, _ in found
    }
    assert relations["cite-as"] == [address]
    assert relations["license"] == ["https://spdx.org/licenses/CC-BY-4.0"]
    assert relations["type"] == ["https://schema.org/Dataset", "https://schema.org/AboutPage"]
    assert relations["collection"] == [f"{BASE}/catalog"]
    for target, relation, media_type in found:
        if relation in ("item", "describedby", "linkset"):
            answer = site.head(target) if relation == "item" else site.get(target)
            assert answer.status_code == 200
            assert answer.headers["content-type"].split(";")[0] == media_type
        if relation == "item":
            assert links(answer.headers["link"]) == [(address, "collection", "text/html")]
        if relation == "describedby":
            assert (address, "describes", "text/html") in links(answer.headers["link"])
    (linkset,) = relations["linkset"]
    contexts = {item["anchor"]: item for item in site.get(linkset).json()["linkset"]}
    assert [item["href"] for item in contexts[address]["item"]] == relations["item"]
    for target in relations["item"]:
        assert contexts[target]["collection"] == [{"href": address, "type": "text/html"}]


def test_pages_say_schema_org_and_run_no_script(site: TestClient) -> None:
    for address, kind in (("/catalog", "DataCatalog"), (run_address(site), "Dataset")):
        answer = site.get(address, headers=HTML)
        (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', answer.text, re.DOTALL)
        assert json.loads(text)["@type"] == kind
        assert "script-src" not in answer.headers["content-security-policy"]
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_profile_of_the_fair_data_point(site: TestClient) -> None:
    plain = parsed(site, run_address(site))
    other = parsed(site, run_address(site) + "?profile=fdp")
    assert all(isinstance(value, rdflib.URIRef) for value in plain.objects(None, DCAT.mediaType))
    assert all(isinstance(value, rdflib.Literal) for value in other.objects(None, DCAT.mediaType))


def test_the_map_of_the_site_has_all_datasets(site: TestClient) -> None:
    answer = site.get("/sitemap.xml")
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    found = [item.text for item in ElementTree.fromstring(answer.text).iter(f"{space}loc")]
    assert sorted(found[1:]) == dataset_addresses(site)


def test_a_text_of_a_source_can_t_break_out(root: Path, tmp_path: Path) -> None:
    source = json.loads((root / "data" / "wfformat" / "blast" / f"{A}.json").read_text())
    source["name"] = "</script><script>alert(1)</script>"
    (tmp_path / "bad.json").write_text(json.dumps(source))
    with recup.open(str(tmp_path / "store")) as graph:
        graph.ingest(tmp_path / "bad.json", validate=False)
    with TestClient(application(ServiceSettings(str(tmp_path / "store"), BASE))) as client:
        for address in ("/catalog", dataset_addresses(client)[0]):
            assert "<script>alert" not in client.get(address, headers=HTML).text


def test_a_damaged_file_is_told_of_when_it_is_needed(store: Path, tmp_path: Path) -> None:
    file = tmp_path / "catalog.toml"
    file.write_text("")
    with TestClient(application(ServiceSettings(str(store), BASE, catalog=file))) as client:
        assert client.get("/catalog").status_code == 200
        file.write_text("tittle = 'x'")
        answer = client.get("/catalog")
    assert answer.status_code == 500
    assert "\n" not in answer.text.strip()
    assert str(tmp_path) not in answer.text


def test_an_empty_store_has_an_empty_catalogue(tmp_path: Path) -> None:
    with recup.open(str(tmp_path / "store")) as graph:
        graph._access.writing()
    with TestClient(application(ServiceSettings(str(tmp_path / "store"), BASE))) as client:
        assert dataset_addresses(client) == []
        assert "0 datasets" in client.get("/catalog", headers=HTML).text
        assert client.get("/.well-known/void").status_code == 200
