"""What peers say is kept in graphs of their own, kept up to date, and never half."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple

import recup_kg
from recup_kg import __version__
from recup_kg.errors import SourceError, StoreError, UsageError
from recup_kg.federation import harvest_file
from recup_kg.federation.fetching import Fetcher, Limits, Response
from recup_kg.federation.harvest import Harvested, harvest, harvest_all, last_harvest
from recup_kg.federation.harvest_blank import skolemised
from recup_kg.federation.peers import Peer, PeerRegistry
from recup_kg.federation.readers import sparql
from recup_kg.federation.recognise import address_of, recognise
from tests.federation.harvest_server import Reply, Site, site, static
from tests.federation.harvest_sites import Repository, catalogue, ckan, crate, fair_data_point, turtle
from tests.store.conftest import free_port, oxigraph, wait_for
from tests.store.virtuoso import running

PROV = "http://www.w3.org/ns/prov#"
DCT = "http://purl.org/dc/terms/"
HTTP = "http://www.w3.org/2011/http#"
LIMITS = Limits(pause=5)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def server() -> Iterator[Site]:
    with site() as found:
        yield found


@pytest.fixture
def registry(tmp_path: Path) -> PeerRegistry:
    return PeerRegistry(tmp_path / "store")


def added(registry: PeerRegistry, given: str, name: str = "p") -> Peer:
    address = address_of(given)
    peer = recognise(address, Fetcher(LIMITS, local=address.startswith("file:")), name=name, taken=())
    registry.add(peer)
    return peer


def lines(registry: PeerRegistry, name: str = "p") -> list[str]:
    return gzip.decompress(registry.harvest_file(name).read_bytes()).decode().splitlines()


def dataset(registry: PeerRegistry, name: str = "p") -> pyoxigraph.Store:
    store = pyoxigraph.Store()
    store.load(gzip.decompress(registry.harvest_file(name).read_bytes()), format=RdfFormat.N_QUADS)
    return store


def titles(registry: PeerRegistry, name: str = "p") -> set[str]:
    query = f"SELECT ?t {{ GRAPH ?g {{ ?s <{DCT}title>|<http://purl.org/dc/elements/1.1/title> ?t }} }}"
    return {row["t"].value for row in dataset(registry, name).query(query)}


def counts(found: Harvested) -> tuple[int, int, int, int, int]:
    return found.documents, found.new, found.changed, found.unchanged, found.gone


def test_a_paged_catalogue_is_kept_whole(server: Site, registry: PeerRegistry) -> None:
    catalogue(server)
    peer = added(registry, server.url)
    server.statuses()
    found = harvest(registry, "p", LIMITS)
    assert counts(found) == (3, 3, 0, 0, 0)
    assert found.licences == ("http://l.example/by",)
    assert titles(registry) == {
        "A paged site",
        *(f"Données {page}-{n}" for page in (1, 2, 3) for n in (0, 1)),
    }
    assert server.statuses() == [200, 200, 200]
    graphs = {str(name.value) for name in dataset(registry).named_graphs()}
    assert len(graphs) == 4
    assert all(graph.startswith(f"{peer.address}#") for graph in graphs)


def test_the_second_harvest_fetches_only_what_changed(server: Site, registry: PeerRegistry) -> None:
    catalogue(server)
    added(registry, server.url)
    harvest(registry, "p", LIMITS)
    before = [line for line in lines(registry) if "#harvest>" not in line]
    server.statuses()
    assert counts(harvest(registry, "p", LIMITS)) == (3, 0, 0, 3, 0)
    assert server.statuses() == [304, 304, 304]
    assert [line for line in lines(registry) if "#harvest>" not in line] == before
    server.pages["/catalog.ttl?page=2"] = turtle(f"<{server.url}/dataset/2-0> dct:title 'Changed' .")
    assert counts(harvest(registry, "p", LIMITS)) == (2, 0, 1, 1, 1)
    assert server.statuses() == [304, 200]
    assert titles(registry) == {"A paged site", "Données 1-0", "Données 1-1", "Changed"}


def test_last_modified_of_a_static_server(registry: PeerRegistry, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "c.ttl").write_text("<http://c.example/> a <http://www.w3.org/ns/dcat#Catalog> .")
    with static(folder) as (url, asked):
        added(registry, f"{url}/c.ttl")
        harvest(registry, "p", LIMITS)
        asked.clear()
        assert counts(harvest(registry, "p", LIMITS)) == (1, 0, 0, 1, 0)
        assert asked == [("/c.ttl", 304)]


def test_where_each_statement_comes_from_is_kept(server: Site, registry: PeerRegistry) -> None:
    catalogue(server, pages=1)
    peer = added(registry, server.url)
    harvest(registry, "p", LIMITS)
    query = f"""SELECT ?graph ?url ?status ?etag ?start ?end ?version WHERE {{
      GRAPH <{peer.address}#harvest> {{
        ?graph <{PROV}wasGeneratedBy> ?retrieval ; <{PROV}wasDerivedFrom> ?url .
        ?retrieval a <{PROV}Activity> ; <{PROV}used> ?url ; <{HTTP}statusCodeValue> ?status ;
          <{PROV}startedAtTime> ?start ; <{PROV}endedAtTime> ?end ; <{DCT}isPartOf> <{peer.address}#harvest> ;
          <{HTTP}headers> [ <{HTTP}fieldName> "ETag" ; <{HTTP}fieldValue> ?etag ] ;
          <{PROV}wasAssociatedWith>/<http://schema.org/softwareVersion> ?version .
        <{peer.address}#harvest> a <{PROV}Activity> ; <{PROV}used> <{peer.address}> ;
          <{DCT}license> <http://l.example/by>
      }} GRAPH ?graph {{ ?s a <http://www.w3.org/ns/dcat#Catalog> }} }}"""
    (row,) = dataset(registry).query(query)
    assert row["url"].value == peer.address
    assert row["status"].value == "200"
    assert row["version"].value == __version__
    start, end = (datetime.fromisoformat(row[name].value) for name in ("start", "end"))
    assert start <= end
    ended, licences = last_harvest(registry, peer)
    assert ended is not None
    assert licences == ("http://l.example/by",)


def test_a_source_without_licence_is_said_to_have_none(server: Site, registry: PeerRegistry) -> None:
    server.pages["/c"] = turtle("<a:b> a dcat:Catalog .")
    peer = added(registry, f"{server.url}/c")
    assert peer.licence is None
    assert harvest(registry, "p", LIMITS).licences == ()
    comment = f'<{peer.address}#harvest> <http://www.w3.org/2000/01/rdf-schema#comment> "the source states no licence"'
    assert [line for line in lines(registry) if line.startswith(comment)]


def test_a_failure_half_way_keeps_the_old_state(server: Site, registry: PeerRegistry) -> None:
    catalogue(server)
    added(registry, server.url)
    harvest(registry, "p", LIMITS)
    before = registry.harvest_file("p").read_bytes()
    for broken, message in (
        (Reply("out of order", "text/plain", 500), "answered 500: out of order"),
        (Reply("<a b", "text/turtle"), "malformed Turtle"),
        (turtle("<a:b> a dcat:Dataset ."), None),
    ):
        server.pages["/catalog.ttl?page=3"] = replace(broken, cut=0 if message else 9)
        with pytest.raises(SourceError, match=message or "broke off: 9 bytes are missing"):
            harvest(registry, "p", LIMITS)
        assert registry.harvest_file("p").read_bytes() == before
    assert sorted(path.name for path in registry.harvest_file("p").parent.iterdir()) == [
        ".p.lock",
        "p.nq.gz",
        "peers.json",
        "peers.lock",
    ]


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(documents=2), "more than 2 documents; allow more with --documents"),
        (Limits(megabytes=0.001), "more than 0.001 MB in all; allow more with --megabytes"),
        (Limits(seconds=0), "took longer than 0 s in all; allow more with --seconds"),
    ],
)
def test_limits(server: Site, registry: PeerRegistry, limits: Limits, message: str) -> None:
    catalogue(server)
    added(registry, server.url)
    with pytest.raises(SourceError) as raised:
        harvest(registry, "p", limits)
    assert str(raised.value).endswith(message)
    assert not registry.harvest_file("p").exists()


def test_pages_in_a_circle_end(server: Site, registry: PeerRegistry) -> None:
    server.pages["/c"] = turtle(f"<a:b> a dcat:Catalog . <{server.url}/c> hydra:next <{server.url}/d> .")
    server.pages["/d"] = turtle(f"<a:c> a dcat:Dataset . <{server.url}/d> hydra:next <{server.url}/c> .")
    added(registry, f"{server.url}/c")
    assert counts(harvest(registry, "p", LIMITS)) == (2, 2, 0, 0, 0)


def test_the_link_header_leads_to_the_next_page_also_when_nothing_changed(
    server: Site, registry: PeerRegistry
) -> None:
    server.pages["/c"] = turtle("<a:b> a dcat:Catalog .", Link='</d?x=1,2>; title="a, b"; rel="last next"')
    server.pages["/d?x=1,2"] = turtle("<a:c> a dcat:Dataset .")
    added(registry, f"{server.url}/c")
    assert harvest(registry, "p", LIMITS).documents == 2
    assert counts(harvest(registry, "p", LIMITS)) == (2, 0, 0, 2, 0)


def test_only_the_host_of_the_peer_is_asked(server: Site, registry: PeerRegistry) -> None:
    with site() as other:
        server.pages["/c"] = turtle(
            f"<{server.url}/c> a dcat:Catalog ; dcat:dataset <{other.url}/secret>, <file:///etc/passwd>, <urn:x:y> ."
        )
        added(registry, f"{server.url}/c")
        found = harvest(registry, "p", LIMITS)
        assert other.asked == []
    assert found.remarks == (f"not followed, as it is on another host: {other.url}/secret",)


def test_a_redirect_to_another_host_is_not_followed_from_a_link(server: Site, registry: PeerRegistry) -> None:
    with site() as other:
        other.pages["/secret"] = turtle("<a:b> dct:title 'secret' .")
        server.pages["/c"] = turtle(f"<a:c> a dcat:Catalog ; dcat:dataset <{server.url}/d> .")
        server.pages["/d"] = Reply(status=302, headers={"Location": f"{other.url}/secret"})
        added(registry, f"{server.url}/c")
        found = harvest(registry, "p", LIMITS)
        assert other.asked == []
    assert found.remarks == (f"not harvested: {server.url}/d: redirects to another host: {other.url}/secret",)


def test_a_persistent_address_leads_to_the_host_behind_it(server: Site, registry: PeerRegistry) -> None:
    with site() as resolver:
        catalogue(server, pages=2)
        resolver.pages["/id"] = Reply(status=302, headers={"Location": f"{server.url}/catalog.ttl"})
        peer = added(registry, f"{resolver.url}/id")
        assert peer.address == f"{resolver.url}/id"
        assert harvest(registry, "p", LIMITS).documents == 2


def test_a_catalogue_that_names_its_datasets_only(server: Site, registry: PeerRegistry) -> None:
    server.pages["/c"] = turtle(
        f"<{server.url}/c> a dcat:Catalog ; dcat:dataset <{server.url}/d#it>, <{server.url}/page>, <{server.url}/gone> ."
    )
    server.pages["/d"] = turtle(f"<{server.url}/d#it> a dcat:Dataset ; dct:title 'It' .")
    server.pages["/page"] = Reply("<html></html>", "text/html")
    added(registry, f"{server.url}/c")
    found = harvest(registry, "p", LIMITS)
    assert found.documents == 2
    assert found.remarks == (
        f"not harvested: {server.url}/page: is no RDF (text/html)",
        f"not harvested: {server.url}/gone: answered 404: no such page",
    )
    assert titles(registry) == {"It"}


def test_all_three_ways_down_a_fair_data_point(server: Site, registry: PeerRegistry) -> None:
    fair_data_point(server)
    added(registry, f"{server.url}/fdp")
    found = harvest(registry, "p", LIMITS)
    assert titles(registry) == {"A data point", "First", "Second", "Apples", "Pears"}
    assert found.documents == 6
    assert found.licences == ("http://l.example/cc0",)
    assert found.remarks == (f"not harvested: {server.url}/fdp/apples.csv: is no RDF (text/csv)",)


FDP_FILES = 18
LOST = "/textmining/gene-disease-association_lumc"


def test_the_reference_tree_of_a_fair_data_point(
    server: Site, registry: PeerRegistry, shared_data: Path
) -> None:
    files = sorted((shared_data / "fair/fdp/reference-examples").glob("*.ttl"))
    assert len(files) == FDP_FILES
    for path in files:
        text = path.read_text().replace("http://www.dtls.nl", server.url)
        subject = next(
            item.subject.value
            for item in pyoxigraph.parse(text, format=RdfFormat.TURTLE)
            if isinstance(item.subject, NamedNode)
        )
        if subject.startswith(server.url):
            server.pages[subject.removeprefix(server.url)] = Reply(text, etag=True)
    added(registry, f"{server.url}/fdp")
    found = harvest(registry, "p", LIMITS)
    names = {source.removeprefix(server.url) for source, status in server.asked if status == 200}
    # The catalogue names this data set below /fdp; its file names itself beside it, so nothing leads there.
    lost = {name for name in server.pages if name.removeprefix("/fdp").startswith(LOST)}
    assert len(lost) == 3
    assert set(server.pages) - names == lost
    assert found.remarks == (f"not harvested: {server.url}/fdp{LOST}: answered 404: no such page",)
    assert counts(harvest(registry, "p", LIMITS)) == (len(names), 0, 0, len(names), 0)


def package(number: int) -> dict[str, object]:
    return {
        "id": f"id-{number}",
        "name": f"package-{number}",
        "title": f"Package {number}",
        "notes": "",
        "author": "Grace Hopper",
        "license_url": "http://l.example/odbl",
        "tags": [{"name": "harbour"}, {"name": None}, "odd"],
        "organization": {"title": "A town"},
        "resources": [{"id": "r", "url": "http://d.example/a.csv", "format": "CSV"}, {"id": None}],
    }


def test_the_api_of_ckan(server: Site, registry: PeerRegistry) -> None:
    packages = [package(number) for number in range(230)]
    ckan(server, packages)
    peer = added(registry, server.url)
    assert peer.kind == "ckan"
    found = harvest(registry, "p", LIMITS)
    assert counts(found) == (3, 3, 0, 0, 0)
    assert found.remarks == ("licences are stated by package: http://l.example/odbl",)
    assert titles(registry) == {f"Package {number}" for number in range(230)}
    store = dataset(registry)
    query = f"""SELECT ?p ?o {{ GRAPH ?g {{ <{server.url}/dataset/id-7> ?p ?o }} }}"""
    said = {
        (row["p"].value.rpartition("/")[2].rpartition("#")[2], getattr(row["o"], "value", ""))
        for row in store.query(query)
    }
    assert ("keyword", "harbour") in said
    assert ("license", "http://l.example/odbl") in said
    assert "description" not in {name for name, _ in said}
    del packages[50:]
    assert counts(harvest(registry, "p", LIMITS)) == (1, 0, 1, 0, 2)
    assert titles(registry) == {f"Package {number}" for number in range(50)}


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ({"success": False, "error": {"message": "no"}}, "the CKAN API says {'message': 'no'}"),
        ([], "no answer of the CKAN API"),
        ({"success": True, "result": {"count": "1"}}, "no count and results in it"),
        ({"success": True, "result": {"count": 1, "results": [{"id": 3}]}}, "a package without id"),
    ],
)
def test_what_ckan_must_not_answer(
    server: Site, registry: PeerRegistry, answer: object, problem: str
) -> None:
    ckan(server, [])
    added(registry, server.url)
    server.pages["/api/3/action/package_search"] = Reply(json.dumps(answer), "application/json")
    with pytest.raises(SourceError) as raised:
        harvest(registry, "p", LIMITS)
    assert problem in str(raised.value)


def test_a_repository_comes_in_parts_and_then_only_what_changed(server: Site, registry: PeerRegistry) -> None:
    repository = Repository(server)
    for number in range(5):
        repository.put(f"oai:r.example:{number}", f"Record {number}")
    added(registry, f"{server.url}/oai")
    repository.requests.clear()
    found = harvest(registry, "p", LIMITS)
    assert counts(found) == (5, 5, 0, 0, 0)
    assert found.licences == ("CC0",)
    assert [request.get("resumptionToken") for request in repository.requests[2:]] == [None, "|2", "|4"]
    repository.put("oai:r.example:1", None)
    repository.put("oai:r.example:2", "Renamed")
    repository.put("oai:r.example:9", "Late")
    repository.requests.clear()
    assert counts(harvest(registry, "p", LIMITS)) == (5, 1, 1, 3, 1)
    assert repository.requests[2]["from"] > "2026"
    assert titles(registry) == {"Record 0", "Renamed", "Record 3", "Record 4", "Late"}
    repository.requests.clear()
    assert counts(harvest(registry, "p", LIMITS)) == (5, 0, 0, 5, 0)


@pytest.mark.parametrize("deleted", ["no", "transient"])
def test_a_repository_that_forgets_deletions_is_read_anew(
    server: Site, registry: PeerRegistry, deleted: str
) -> None:
    repository = Repository(server, deleted)
    for number in range(3):
        repository.put(f"oai:r.example:{number}", f"Record {number}")
    added(registry, f"{server.url}/oai")
    harvest(registry, "p", LIMITS)
    del repository.records["oai:r.example:1"]
    assert counts(harvest(registry, "p", LIMITS)) == (2, 0, 0, 2, 1)
    assert titles(registry) == {"Record 0", "Record 2"}


def test_too_many_records_are_too_many_documents(server: Site, registry: PeerRegistry) -> None:
    repository = Repository(server)
    for number in range(8):
        repository.put(f"oai:r.example:{number}", "R")
    added(registry, f"{server.url}/oai")
    with pytest.raises(SourceError, match="more than 6 documents"):
        harvest(registry, "p", Limits(documents=6))


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (
            '<error code="badResumptionToken">too old</error>',
            "the repository says badResumptionToken: too old",
        ),
        ("<ListRecords><record><header/></record></ListRecords>", "a record without identifier"),
        (
            "<ListRecords><record><header><identifier>a:b</identifier></header></record></ListRecords>",
            "a:b: neither metadata nor deleted",
        ),
        (
            "<ListRecords><resumptionToken>again</resumptionToken></ListRecords>",
            "the resumption token 'again' came before: a circle",
        ),
    ],
)
def test_what_a_repository_must_not_answer(
    server: Site, registry: PeerRegistry, body: str, problem: str
) -> None:
    repository = Repository(server)
    repository.put("oai:r.example:1", "Kept")
    added(registry, f"{server.url}/oai")
    harvest(registry, "p", LIMITS)
    whole = server.pages["/oai"]
    server.pages["/oai"] = lambda request: (
        repository.wrapped(body) if request.get("verb") == "ListRecords" else whole(request)  # type: ignore[operator]
    )
    with pytest.raises(SourceError) as raised:
        harvest(registry, "p", LIMITS)
    assert problem in str(raised.value)
    assert titles(registry) == {"Kept"}


DATACITE = """<oai_datacite xmlns="http://schema.datacite.org/oai/oai-1.1/"><payload>
<resource xmlns="http://datacite.org/schema/kernel-4">
<identifier identifierType="DOI">10.1234/abc</identifier>
<creators><creator><creatorName>Noether, Emmy</creatorName>
<nameIdentifier nameIdentifierScheme="ORCID">0000-0002-1825-0097</nameIdentifier></creator></creators>
<titles><title>Invariants</title></titles><publisher>Göttingen</publisher>
<publicationYear>1918</publicationYear><resourceType resourceTypeGeneral="Dataset"/>
<subjects><subject>symmetry</subject></subjects><descriptions><description> </description></descriptions>
<rightsList><rights rightsURI="http://l.example/by"/><rights>All yours</rights></rightsList>
<relatedItems><relatedItem><titles><title>Another</title></titles></relatedItem></relatedItems>
</resource></payload></oai_datacite>"""
RDF_RECORD = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:d="http://purl.org/dc/terms/">
<rdf:Description rdf:about="http://d.example/1"><d:title>From RDF</d:title></rdf:Description></rdf:RDF>"""


@pytest.mark.parametrize(
    ("prefix", "namespace", "metadata", "expected"),
    [
        (
            "oai_datacite",
            "http://datacite.org/schema/kernel-4",
            DATACITE,
            {
                ("title", "Invariants"),
                ("publisher", "Göttingen"),
                ("issued", "1918"),
                ("keyword", "symmetry"),
                ("identifier", "https://doi.org/10.1234/abc"),
                ("license", "http://l.example/by"),
                ("rights", "All yours"),
                ("type", "http://www.w3.org/ns/dcat#Dataset"),
                ("name", "Noether, Emmy"),
                ("identifier", "0000-0002-1825-0097"),
            },
        ),
        ("oai_dcat", "http://www.w3.org/ns/dcat#", RDF_RECORD, {("title", "From RDF")}),
    ],
)
def test_the_richest_format_of_a_repository_is_asked_for(
    server: Site,
    registry: PeerRegistry,
    prefix: str,
    namespace: str,
    metadata: str,
    expected: set[tuple[str, str]],
) -> None:
    repository = Repository(server)
    whole = server.pages["/oai"]
    offered = "".join(
        f"<metadataFormat><metadataPrefix>{name}</metadataPrefix><metadataNamespace>{space}</metadataNamespace></metadataFormat>"
        for name, space in (("oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc/"), (prefix, namespace))
    )
    record = f"<record><header><identifier>oai:r.example:1</identifier></header><metadata>{metadata}</metadata></record>"

    def answer(request: dict[str, str]) -> Reply:
        if request.get("verb") == "ListMetadataFormats":
            return repository.wrapped(f"<ListMetadataFormats>{offered}</ListMetadataFormats>")
        if request.get("verb") == "ListRecords":
            assert request["metadataPrefix"] == prefix
            return repository.wrapped(f"<ListRecords>{record}</ListRecords>")
        return whole(request)  # type: ignore[operator, return-value]

    server.pages["/oai"] = answer
    peer = added(registry, f"{server.url}/oai")
    harvest(registry, "p", LIMITS)
    query = f"SELECT ?p ?o {{ GRAPH ?g {{ ?s ?p ?o FILTER(?g != <{peer.address}#harvest>) }} }}"
    said = {
        (row["p"].value.rpartition("/")[2].rpartition("#")[2], row["o"].value)
        for row in dataset(registry).query(query)
        if "#genid-" not in row["o"].value
    }
    assert said == expected


def test_a_crate_with_an_entity_tag(server: Site, registry: PeerRegistry) -> None:
    server.pages["/c/ro-crate-metadata.json"] = Reply(crate(), "application/json", etag=True)
    added(registry, f"{server.url}/c/")
    assert counts(harvest(registry, "p", LIMITS)) == (1, 1, 0, 0, 0)
    server.statuses()
    found = harvest(registry, "p", LIMITS)
    assert counts(found) == (1, 0, 0, 1, 0)
    assert found.licences == ("http://l.example/mit",)
    assert server.statuses() == [304]
    server.pages["/c/ro-crate-metadata.json"] = Reply("{}", "application/json")
    with pytest.raises(SourceError, match="no metadata of an RO-Crate"):
        harvest(registry, "p", LIMITS)


CRATES = 35


def test_every_real_crate(registry: PeerRegistry, shared_data: Path) -> None:
    folders = sorted(path for path in (shared_data / "fair/ro-crate").iterdir() if path.is_dir())
    assert len(folders) == CRATES
    for number, folder in enumerate(folders):
        added(registry, str(folder), f"c{number}")
        assert harvest(registry, f"c{number}", LIMITS).statements > 10
        before = lines(registry, f"c{number}")
        assert counts(harvest(registry, f"c{number}", LIMITS)) == (1, 0, 0, 1, 0)
        kept = [line for line in lines(registry, f"c{number}") if "#harvest>" not in line]
        assert kept == [line for line in before if "#harvest>" not in line]
        assert not [line for line in kept if line.startswith("_:") or " _:" in line]


def test_a_real_sparql_server_page_by_page(
    registry: PeerRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sparql, "PAGE", 3)
    port = free_port()
    data = tmp_path / "data.trig"
    things = "".join(
        f'<http://d.example/{n}> a dcat:Dataset ; dct:title "T{n}" ; dct:creator [ foaf:name "N{n}" ] .\n'
        for n in range(7)
    )
    prefixes = "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/> PREFIX foaf: <http://xmlns.com/foaf/0.1/>\n"
    data.write_text(
        f"{prefixes}{things} GRAPH <http://g.example/> {{ <http://d.example/8> a dcat:Catalog ; dct:title 'T8' }}\n"
    )
    subprocess.run(
        [oxigraph(), "load", "-l", str(tmp_path / "db"), "-f", str(data)], check=True, capture_output=True
    )
    command = [oxigraph(), "serve", "-l", str(tmp_path / "db"), "-b", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        assert added(registry, f"http://127.0.0.1:{port}/query").kind == "sparql"
        found = harvest(registry, "p", LIMITS)
        assert counts(found) == (3, 3, 0, 0, 0)
        assert titles(registry) == {*(f"T{n}" for n in range(7)), "T8"}
        assert sum("foaf/0.1/name> " in line for line in lines(registry)) == 7
    finally:
        process.terminate()
        process.wait()


def test_a_void_file(server: Site, registry: PeerRegistry) -> None:
    server.pages["/.well-known/void"] = turtle("<a:b> a void:Dataset ; dct:title 'V' ; dct:license <l:x> .")
    added(registry, server.url)
    assert harvest(registry, "p", LIMITS).licences == ("l:x",)


def test_all_peers_and_one_that_fails(server: Site, registry: PeerRegistry) -> None:
    catalogue(server, pages=1)
    server.pages["/d"] = turtle("<a:b> a dcat:Catalog .")
    added(registry, server.url, "good")
    added(registry, f"{server.url}/d", "bad")
    server.pages["/d"] = Reply("broken", "text/plain", 500)
    done, refused = harvest_all(registry, (), LIMITS)
    assert [item.peer for item in done] == ["good"]
    assert [(item.peer, item.error) for item in refused] == [("bad", f"{server.url}/d: answered 500: broken")]
    with pytest.raises(UsageError, match="there is no peer 'x'"):
        harvest_all(registry, ("good", "x"), LIMITS)


def test_a_damaged_harvest_says_what_to_do(server: Site, registry: PeerRegistry) -> None:
    catalogue(server, pages=1)
    added(registry, server.url)
    registry.harvest_file("p").write_bytes(b"no gzip")
    message = r"p\.nq\.gz is damaged .*: remove it and harvest again"
    with pytest.raises(StoreError, match=message):
        harvest(registry, "p", LIMITS)
    with pytest.raises(StoreError, match=message):
        last_harvest(registry, registry.named("p"))


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    url = "http://h.example/c?a=b&c=d"
    retrieval = harvest_file.Retrieval(
        url, url + "x", "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z", 200, '"e"', "m", "<l>"
    )
    triples = (Triple(NamedNode("a:b"), NamedNode("a:c"), Literal('ü\n"')),)
    given = harvest_file.Harvest(
        "http://h.example/c",
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:02Z",
        {url: harvest_file.Document(url, url, triples)},
        {url: retrieval},
        ("http://l.example/",),
        ("a remark",),
        {"responseDate": "2026"},
    )
    harvest_file.write(tmp_path / "x" / "h.nq.gz", given)
    assert harvest_file.read(tmp_path / "x" / "h.nq.gz", given.address) == given
    assert harvest_file.read(tmp_path / "none", given.address) is None
    summary = harvest_file.summary(tmp_path / "x" / "h.nq.gz", given.address)
    assert summary == replace(given, documents={})
    assert harvest_file.summary(tmp_path / "none", given.address) is None


def blank(text: str, graph: str = "g:1") -> list[str]:
    found = [quad.triple for quad in pyoxigraph.parse(text, format=RdfFormat.TURTLE)]
    return sorted(map(str, skolemised(found, graph, "http://p.example/")))


def test_blank_nodes_keep_their_names_whatever_the_order() -> None:
    one = "[] <a:p> [ <a:q> 1 ], [ <a:q> 2 ] . _:x <a:knows> _:y . _:y <a:knows> _:x ; <a:n> 'y' ."
    other = "_:b <a:n> 'y' ; <a:knows> _:a . _:a <a:knows> _:b . [] <a:p> [ <a:q> 2 ], [ <a:q> 1 ] ."
    assert blank(one) == blank(other)
    assert len(blank(one)) == 7
    assert "_:" not in "".join(blank(one))
    assert not set(blank(one)) & set(blank(one, "g:2"))


def test_nodes_that_nothing_tells_apart_stay_apart() -> None:
    assert len(blank("[] <a:p> 1 . [] <a:p> 1 .")) == 2
    long_list = f"<a:s> <a:p> ({' '.join(['1'] * 100)}) ."
    assert len(blank(long_list)) == 201
    assert blank(long_list) == blank(long_list)
    assert blank("<a:s> <a:p> <a:o> .") == ["<a:s> <a:p> <a:o>"]


def test_a_quoted_triple_has_no_blank_nodes_either() -> None:
    inner = Triple(BlankNode("x"), NamedNode("a:p"), BlankNode("y"))
    (found,) = skolemised([Triple(BlankNode("x"), NamedNode("a:q"), inner)], "g:1", "http://p.example/")
    assert "_:" not in str(found)


def test_the_next_page_of_a_link_header() -> None:
    def page(link: str | None) -> str | None:
        return Response("u", "u", 200, "", b"", None, None, link, "", "").next_page()

    assert page("<a>; rel=next") == "a"
    assert page('<a>; rel="prev", <b>; rel="start NEXT"') == "b"
    assert page("<a>; rel=prev") is None
    assert page(None) is None


def test_virtuoso_page_by_page(
    registry: PeerRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path
) -> None:
    """It states an endpoint on a host that is none, and answers ASK in malformed Turtle where it may."""
    monkeypatch.setattr(sparql, "PAGE", 2)
    with running(tmp_path) as url:
        with recup_kg.open(url) as kg:
            for path in sorted((root / "data" / "wfformat").rglob("blast-chameleon-small-00*.json")):
                kg.ingest(path)
        peer = added(registry, url.replace("dba:dba@", ""))
        assert (peer.kind, peer.endpoint) == ("sparql", peer.address)
        assert counts(harvest(registry, "p", LIMITS)) == (2, 2, 0, 0, 0)
    said = dataset(registry)
    query = "SELECT DISTINCT ?s { GRAPH ?g { ?s a ?t FILTER(STRSTARTS(STR(?t), 'https://w3id.org/recup/ontology#')) } }"
    # Two executions and their workflow.
    assert len(list(said.query(query))) == 3
