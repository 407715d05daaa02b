"""Each kind of peer is recognised by what it answers, wherever it is."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from recup_kg.errors import MalformedSource, SourceError, UnknownFormat, UsageError
from recup_kg.federation.fetching import Fetcher, Limits
from recup_kg.federation.harvest_readers import READERS
from recup_kg.federation.peers import Peer
from recup_kg.federation.recognise import address_of, recognise
from tests.federation.harvest_server import Reply, Site, site, static
from tests.federation.harvest_sites import Repository, catalogue, ckan, crate, fair_data_point, turtle


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def server() -> Iterator[Site]:
    with site() as found:
        yield found


def known(given: str, limits: Limits | None = None) -> Peer:
    address = address_of(given)
    source = Fetcher(limits or Limits(pause=5), local=address.startswith("file:"))
    return recognise(address, source, name=None, taken=())


def refusal(given: str) -> str:
    with pytest.raises(SourceError) as raised:
        known(given)
    return str(raised.value)


def zipped(name: str, text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, text)
    return out.getvalue()


def test_there_are_seven_kinds() -> None:
    assert [reader.KIND for reader in READERS] == [
        "ro-crate",
        "oai-pmh",
        "ckan",
        "fdp",
        "sparql",
        "dcat",
        "void",
    ]


def test_a_sparql_endpoint_by_its_service_description(server: Site) -> None:
    text = f"<{server.url}/s> a sd:Service ; sd:endpoint <{server.url}/s> ; sd:defaultDataset [] ."
    server.pages["/s"] = turtle(text)
    peer = known(f"{server.url}/s")
    assert (peer.kind, peer.address, peer.endpoint) == ("sparql", f"{server.url}/s", f"{server.url}/s")


@pytest.mark.parametrize(
    "reply",
    [
        Reply('{"head": {}, "boolean": true}', "application/sparql-results+json"),
        Reply('{"head": {}, "boolean": true}', "application/json"),
        Reply(
            '<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head/><boolean>true</boolean></sparql>',
            "application/sparql-results+xml",
        ),
        Reply(
            '{"head": {"vars": ["__ASK_RETVAL"]}, "results": {"bindings": []}}',
            "application/sparql-results+json",
        ),
    ],
    ids=["json", "plain-json", "xml", "virtuoso"],
)
def test_a_sparql_endpoint_by_its_answer_to_a_question(server: Site, reply: Reply) -> None:
    server.pages["/s"] = Reply("a form", "text/html", 400)
    server.pages["/s?query=ASK%20%7B%7D"] = reply
    peer = known(f"{server.url}/s")
    assert (peer.kind, peer.address, peer.endpoint) == ("sparql", f"{server.url}/s", f"{server.url}/s")


def test_a_service_description_that_names_another_host_is_not_believed(server: Site) -> None:
    server.pages["/s"] = turtle(
        "<http://elsewhere.example/s> a sd:Service ; sd:endpoint <http://elsewhere.example/s> ."
    )
    assert "is none of:" in refusal(f"{server.url}/s")
    server.pages["/s?query=ASK%20%7B%7D"] = Reply('{"boolean": true}', "application/sparql-results+json")
    assert known(f"{server.url}/s").endpoint == f"{server.url}/s"


def test_a_server_that_says_nothing(server: Site) -> None:
    def late(request: dict[str, str]) -> Reply:
        time.sleep(1)
        return Reply()

    server.pages["/late"] = late
    with pytest.raises(SourceError, match=r"/late: said nothing for 0\.2 s; try again later"):
        known(f"{server.url}/late", Limits(pause=0.2))


def test_a_long_address_is_cut_in_a_message() -> None:
    message = refusal(f"http://127.0.0.1:9/{'x' * 5000}")
    assert message.endswith("x…: can't be reached: Connection refused")
    assert len(message) < 300


def test_an_answer_to_anything_is_no_sparql_endpoint(server: Site) -> None:
    server.pages["/s"] = Reply('{"boolean": "yes"}', "application/json")
    assert "is none of:" in refusal(f"{server.url}/s")


def test_a_fair_data_point(server: Site) -> None:
    fair_data_point(server)
    peer = known(f"{server.url}/fdp")
    assert (peer.kind, peer.title, peer.licence) == ("fdp", "A data point", "http://l.example/cc0")


def test_the_reference_fair_data_point_without_a_type(shared_data: Path) -> None:
    peer = known(str(shared_data / "fair/fdp/reference-examples/dtl-fdp.ttl"))
    assert peer.kind == "fdp"
    assert peer.licence == "http://rdflicense.appspot.com/rdflicense/cc-by-nc-nd3.0"


def test_a_host_that_is_a_fair_data_point_has_the_endpoint_of_its_void_file(server: Site) -> None:
    server.pages["/"] = turtle(f"<{server.url}/> a fdpo:FAIRDataPoint ; dct:title 'Root' .")
    server.pages["/.well-known/void"] = turtle(
        f"<{server.url}/#d> a void:Dataset ; void:sparqlEndpoint <{server.url}/sparql> ."
    )
    peer = known(f"{server.url}/")
    assert (peer.kind, peer.endpoint) == ("fdp", f"{server.url}/sparql")


DCAT_FILES = 14


def test_every_real_dcat_document_is_a_catalogue(shared_data: Path) -> None:
    folder = shared_data / "fair" / "dcat"
    files = [*sorted((folder / "w3c").glob("*.ttl")), *sorted((folder / "dcat-ap-hvd").glob("*.ttl"))]
    assert len(files) == DCAT_FILES
    # It describes its data set with schema.org alone.
    other = next(path for path in files if path.name == "dryad-globtherm-sdata.ttl")
    assert b"dcat#" not in other.read_bytes()
    assert "is none of:" in refusal(str(other))
    kinds = {path.name: known(str(path)).kind for path in files if path != other}
    assert set(kinds.values()) == {"dcat"}, kinds


@pytest.mark.parametrize(
    ("media_type", "text"),
    [
        ("text/turtle", "<http://c.example/> a <http://www.w3.org/ns/dcat#Catalog> ."),
        ("text/plain", "<http://c.example/> a <http://www.w3.org/ns/dcat#Catalog> ."),
        (
            "application/ld+json",
            '{"@context": {"d": "http://www.w3.org/ns/dcat#"}, "@id": "http://c.example/", "@type": "d:Catalog"}',
        ),
        (
            "application/json",
            '[{"@id": "http://c.example/", "@type": ["http://www.w3.org/ns/dcat#Catalog"]}]',
        ),
        (
            "application/xml",
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:d="http://www.w3.org/ns/dcat#">'
            '<d:Catalog rdf:about="http://c.example/"/></rdf:RDF>',
        ),
    ],
)
def test_a_catalogue_in_each_syntax(server: Site, media_type: str, text: str) -> None:
    server.pages["/c"] = Reply(text, media_type)
    assert known(f"{server.url}/c").kind == "dcat"


def test_ckan_with_its_catalogue(server: Site) -> None:
    catalogue(server)
    server.pages["/"] = Reply("<!DOCTYPE html><html></html>", "text/html")
    peer = known(server.url)
    assert (peer.kind, peer.address, peer.title) == ("dcat", f"{server.url}/catalog.ttl", "A paged site")


def test_ckan_with_its_api_only(server: Site) -> None:
    ckan(server, [])
    server.pages["/"] = Reply("<html></html>", "text/html")
    peer = known(server.url)
    assert (peer.kind, peer.address) == ("ckan", f"{server.url}/")
    assert known(f"{server.url}/api/3/action/package_search").address == f"{server.url}/"


CRATES = 35


def test_every_real_crate_as_a_folder(shared_data: Path) -> None:
    folders = sorted(path for path in (shared_data / "fair/ro-crate").iterdir() if path.is_dir())
    assert len(folders) == CRATES
    assert {known(str(folder)).kind for folder in folders} == {"ro-crate"}


def test_a_crate_behind_http_as_folder_file_and_zip(server: Site) -> None:
    server.pages["/c/ro-crate-metadata.json"] = Reply(crate(), "application/json")
    server.pages["/c.zip"] = Reply(zipped("c/ro-crate-metadata.json", crate("Zipped")), "application/zip")
    folder = known(f"{server.url}/c")
    assert (
        folder
        == known(f"{server.url}/c/ro-crate-metadata.json").__replace__(name=folder.name, added=folder.added)
        if hasattr(folder, "__replace__")
        else True
    )
    assert (folder.kind, folder.title, folder.licence) == ("ro-crate", "A crate", "http://l.example/mit")
    assert folder.address == f"{server.url}/c/ro-crate-metadata.json"
    assert known(f"{server.url}/c/ro-crate-metadata.json").address == folder.address
    assert known(f"{server.url}/c.zip").title == "Zipped"


def test_a_crate_as_a_zip_on_disk(tmp_path: Path) -> None:
    (tmp_path / "c.zip").write_bytes(zipped("ro-crate-metadata.json", crate("On disk")))
    assert known(str(tmp_path / "c.zip")).title == "On disk"


def test_a_void_file_at_its_well_known_place(server: Site) -> None:
    server.pages["/.well-known/void"] = turtle(
        f"<{server.url}/#d> a void:Dataset ; dct:title 'Void' ; void:sparqlEndpoint <{server.url}/q> ."
    )
    peer = known(f"{server.url}/anything")
    assert (peer.kind, peer.address) == ("void", f"{server.url}/.well-known/void")
    assert (peer.title, peer.endpoint) == ("Void", f"{server.url}/q")


def test_an_oai_pmh_repository(server: Site) -> None:
    Repository(server)
    peer = known(f"{server.url}/oai")
    assert (peer.kind, peer.address, peer.title) == ("oai-pmh", f"{server.url}/oai", "A repository")
    assert known(f"{server.url}/oai?verb=Identify").address == f"{server.url}/oai"


def test_names_come_from_the_host_and_are_free(server: Site) -> None:
    catalogue(server)
    source = Fetcher(Limits())
    taken = ["127.0.0.1-catalog"]
    peer = recognise(f"{server.url}/catalog.ttl", source, name=None, taken=taken)
    assert peer.name == "127.0.0.1-catalog-2"
    assert recognise(f"{server.url}/catalog.ttl", source, name="mine", taken=taken).name == "mine"


def test_what_is_nothing_names_all_that_was_tried(server: Site) -> None:
    server.pages["/"] = Reply("<html>Welcome</html>", "text/html")
    url = f"{server.url}/"
    assert refusal(url) == (
        f"{url}: is none of: RO-Crate, OAI-PMH repository, CKAN API, FAIR Data Point, SPARQL endpoint, "
        f"DCAT catalogue, VoID file; tried {url} (text/html); "
        f"{url}ro-crate-metadata.json (answered 404: no such page); "
        f"{url}ro-crate-metadata.jsonld (answered 404: no such page); {url}?verb=Identify (text/html); "
        f"{url}api/3/action/package_search?rows=0 (answered 404: no such page); "
        f"{url}?query=ASK%20%7B%7D (text/html); {url}sparql?query=ASK%20%7B%7D (answered 404: no such page); "
        f"{url}catalog.ttl (answered 404: no such page); {url}catalog.jsonld (answered 404: no such page); "
        f"{url}catalog.rdf (answered 404: no such page); {url}.well-known/void (answered 404: no such page)"
    )


MALFORMED = [
    (Reply("<a> b .", "text/turtle"), "malformed Turtle: "),
    (Reply("{", "application/ld+json"), "line 1, column 2: malformed JSON: Expecting property name"),
    (Reply(b'{"\xff"', "application/ld+json"), "byte 2: malformed JSON: not UTF-8"),
    (Reply("[" * 100_000, "application/ld+json"), "malformed JSON: nested too deep"),
    (
        Reply('{"@context": "https://c.example/x", "@id": "a:b"}', "application/ld+json"),
        "JSON-LD with the context https://c.example/x, which is not shipped, and none is fetched; "
        "ask for Turtle, or for the terms written out",
    ),
    (
        Reply('{"@context": {"@import": "https://c.example/x"}}', "application/ld+json"),
        "JSON-LD with the context https://c.example/x, which is not shipped",
    ),
    (
        Reply(
            '{"@context": {"a": {"@id": "x:y", "@context": "https://c.example/z"}}}', "application/ld+json"
        ),
        "JSON-LD with the context https://c.example/z, which is not shipped",
    ),
    (Reply("<rdf:RDF", "application/rdf+xml"), "malformed RDF/XML: "),
    (
        Reply('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>', "application/rdf+xml"),
        "RDF/XML that declares entities, which is refused; write them out",
    ),
    (Reply("<OAI-PMH", "text/xml"), "malformed XML: unclosed token: line 1, column 0"),
    (
        Reply('<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>', "text/xml"),
        "XML with a document type declaration, which is refused",
    ),
    (Reply(zipped("a.txt", "a"), "application/zip"), "a zip without ro-crate-metadata.json: no RO-Crate"),
    (
        Reply(b"PK\x03\x04 and no more", "application/zip"),
        "a zip that can't be unpacked: File is not a zip file",
    ),
]


@pytest.mark.parametrize(("reply", "problem"), MALFORMED)
def test_what_is_malformed_is_said_in_one_line(server: Site, reply: Reply, problem: str) -> None:
    server.pages["/m"] = reply
    with pytest.raises(MalformedSource) as raised:
        known(f"{server.url}/m")
    assert str(raised.value).startswith(f"{server.url}/m: {problem}")
    assert "\n" not in str(raised.value)


def test_a_context_that_is_shipped_needs_no_network(server: Site) -> None:
    known_contexts = [
        "https://w3id.org/ro/crate/1.1/context",
        "https://w3id.org/ro/terms/workflow-run/context",
    ]
    server.pages["/c"] = Reply(crate(context=known_contexts), "application/json")
    assert known(f"{server.url}/c").title == "A crate"
    assert [path for path, _ in server.asked] == ["/c"]


def test_redirects_are_followed_to_http_only(server: Site) -> None:
    catalogue(server)
    server.pages["/moved"] = Reply(status=302, headers={"Location": "/catalog.ttl"})
    server.pages["/ftp"] = Reply(status=302, headers={"Location": "ftp://h.example/x"})
    server.pages["/file"] = Reply(status=302, headers={"Location": "file:///etc/passwd"})
    server.pages["/circle"] = Reply(status=302, headers={"Location": "/circle"})
    peer = known(f"{server.url}/moved")
    assert (peer.kind, peer.address) == ("dcat", f"{server.url}/moved")
    assert refusal(f"{server.url}/ftp") == (
        f"{server.url}/ftp: redirects to ftp://h.example/x, which is no http(s) address"
    )
    assert "Redirection to url 'file:///etc/passwd' is not allowed" in refusal(f"{server.url}/file")
    assert "answered 302: " in refusal(f"{server.url}/circle")


def test_a_server_that_is_not_there() -> None:
    assert refusal("http://127.0.0.1:9/x") == "http://127.0.0.1:9/x: can't be reached: Connection refused"


def test_an_answer_that_is_cut_off(server: Site) -> None:
    server.pages["/c"] = Reply("<a:b> a <c:d> .", cut=10)
    assert refusal(f"{server.url}/c") == (f"{server.url}/c: broke off: 10 bytes are missing; try again later")


def test_a_coding_that_nobody_asked_for(server: Site) -> None:
    server.pages["/c"] = Reply(b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    assert "answered in the content coding gzip, which was not asked for" in refusal(f"{server.url}/c")


def test_an_answer_that_is_too_large(server: Site) -> None:
    server.pages["/c"] = Reply("# long\n" * 1000)
    with pytest.raises(SourceError, match=r"more than 0\.001 MB in all; allow more with --megabytes"):
        known(f"{server.url}/c", Limits(megabytes=0.001))


def test_a_busy_server_is_asked_again(server: Site) -> None:
    replies = [Reply("later", "text/plain", 503, {"Retry-After": "0"}), turtle("<a:b> a dcat:Catalog .")]
    server.pages["/c"] = lambda request: replies.pop(0)
    assert known(f"{server.url}/c").kind == "dcat"
    assert server.statuses() == [503, 200]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("http://me:secret@h.example/", "an address with a user or password: what peers hold must be public"),
        ("ftp://h.example/x", "ftp://h.example/x is neither an http(s) address nor a path"),
        (
            "nothing/here",
            "there is no file or folder nothing/here; an address begins with http:// or https://",
        ),
    ],
)
def test_what_is_no_address(given: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        address_of(given)
    assert str(raised.value) == message


@pytest.mark.parametrize("given", ["http://", "http:///x", "http://h.example:port/"])
def test_an_address_without_host(given: str) -> None:
    with pytest.raises(SourceError):
        known(given)


def test_a_folder_without_a_crate(tmp_path: Path) -> None:
    with pytest.raises(UnknownFormat, match=r"is none of: .*ro-crate-metadata\.json \(is not there\)"):
        known(str(tmp_path))


def test_a_static_server_of_real_files(shared_data: Path) -> None:
    with static(shared_data / "fair") as (url, _):
        assert known(f"{url}/dcat/w3c/basic-example.ttl").title == "Imaginary Catalog"
        assert known(f"{url}/ro-crate/cq-crate").title == "DeepHealth Pipeline"
        assert known(f"{url}/fdp/reference-examples/dtl-fdp.ttl").kind == "fdp"


def test_json_with_odd_entities_is_no_crate(server: Site) -> None:
    server.pages["/c"] = Reply(json.dumps({"@graph": [{"@id": 3}, 4]}), "application/json")
    assert "malformed JSON-LD: @id value must be a string" in refusal(f"{server.url}/c")
