"""`recup serve --federated`: queries of strangers that ask peers of the store."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import pytest
from starlette.testclient import TestClient

import recup_kg as recup
from recup_kg.federation.peers import Peer, PeerRegistry
from recup_kg.web.answers import partial_field
from recup_kg.web.app import application
from recup_kg.web.settings import Limits, ServiceSettings
from tests.cli.conftest import recup as cli
from tests.federation.sparql_servers import dead, misbehaving, running_oxigraph, silent
from tests.store.conftest import no_proxy

__all__ = ["cli", "no_proxy"]

BASE = "http://testserver"
CSV = {"Accept": "text/csv"}


@pytest.fixture(scope="module")
def store(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served") / "store"
    with recup.open(str(folder)) as kg:
        kg.ingest(root / "data" / "wfformat" / "blast" / "blast-chameleon-small-002.json", validate=False)
    return folder


@pytest.fixture(scope="module")
def client(store: Path) -> Iterator[TestClient]:
    limits = Limits(seconds=6, concurrent=1, peer_seconds=0.5, peer_size=100_000)
    settings = ServiceSettings(str(store), BASE, limits=limits, federated=True)
    with TestClient(application(settings)) as found:
        yield found


@pytest.fixture(autouse=True)
def no_peers(store: Path) -> Iterator[None]:
    yield
    registry = PeerRegistry(store)
    for peer in registry.peers():
        registry.remove(peer.name)


def listed(store: Path, **endpoints: str) -> None:
    for name, url in endpoints.items():
        PeerRegistry(store).add(Peer(name, url, "sparql", endpoint=url))


def ask(client: TestClient, query: str) -> Any:
    return client.get("/sparql", params={"query": query}, headers=CSV)


def test_a_peer_that_is_added_while_it_serves_is_asked(client: TestClient, store: Path) -> None:
    query = "SELECT ?o { SERVICE <peer:ox> { <http://ex/1> <http://ex/p> ?o } }"
    assert ask(client, query).status_code == 403
    with running_oxigraph("<http://ex/1> <http://ex/p> 5 .") as url:
        listed(store, ox=url)
        answer = ask(client, query)
        assert (answer.status_code, answer.text) == (200, "o\r\n5\r\n")
        assert "recup-partial" not in answer.headers
        assert ask(client, f"ASK {{ SERVICE <{url}> {{ ?s ?p 5 }} }}").text.strip() == "true"
        both = """PREFIX recup: <https://w3id.org/recup/ontology#>
            SELECT (COUNT(*) AS ?n) { ?run a recup:Execution SERVICE <peer:ox> { ?s ?p ?o } }"""
        assert ask(client, both).text == "n\r\n1\r\n"


def test_what_was_harvested_is_asked_and_a_new_harvest_seen(client: TestClient, store: Path) -> None:
    registry = PeerRegistry(store)
    registry.add(Peer("crate", "https://crate.example/", "ro-crate"))
    query = "SELECT ?s { SERVICE <https://crate.example/> { ?s <http://ex/p> ?o } } ORDER BY ?s"
    assert "was not harvested yet" in ask(client, query).text
    for count in (1, 2):
        lines = (f"<http://ex/{n}> <http://ex/p> <http://ex/o> <http://ex/g> .\n" for n in range(count))
        registry.harvest_file("crate").write_bytes(gzip.compress("".join(lines).encode()))
        assert ask(client, query).text.split() == ["s", *(f"http://ex/{n}" for n in range(count))]


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        ("<http://evil.example/>", "is no peer of this store; there are: <peer:bad>"),
        ("<http://127.0.0.1:1/>", "is no peer of this store"),
        ("<file:///etc/passwd>", "is no peer of this store"),
        ("<peer:other>", "is no peer of this store"),
        ("<other>", "SERVICE <http://testserver/other> is no peer of this store"),
        ("?who", "would ask whomever the data name"),
        ("<peer:bad> { SERVICE <peer:bad> { ?s ?p ?o } } #", "is inside of another SERVICE"),
    ],
)
def test_nobody_else_is_asked(client: TestClient, store: Path, service: str, reason: str) -> None:
    listed(store, bad=dead())
    answer = ask(client, f"SELECT * {{ SERVICE {service} {{ ?s ?p ?o }}\n}}")
    assert answer.status_code == 403
    assert reason in answer.text
    assert answer.text.count("\n") == 1


@pytest.mark.parametrize(
    "pattern",
    [
        "{ ?s ?p ?o } UNION { SERVICE <peer:bad> { ?s ?p ?o } }",
        "OPTIONAL { SERVICE <peer:bad> { ?s ?p ?o } }",
        "?s ?p ?o FILTER NOT EXISTS { SERVICE <peer:bad> { ?s ?p ?o } }",
        "?s ?p ?o MINUS { SERVICE <peer:bad> { ?s ?p ?o } }",
    ],
)
def test_a_query_fails_where_a_peer_fails(client: TestClient, store: Path, pattern: str) -> None:
    """Also where the engine would have taken the failure for an unbound value."""
    listed(store, bad=dead())
    answer = ask(client, f"SELECT * {{ {pattern} }}")
    assert answer.status_code == 502
    reason = "the peer bad can't be reached: Connection refused; SERVICE SILENT does without it\n"
    assert answer.text == reason


def test_a_slow_peer_is_named_before_the_time_is_over(client: TestClient, store: Path) -> None:
    with silent() as url:
        listed(store, slow=url)
        answer = ask(client, "SELECT * { SERVICE <peer:slow> { ?s ?p ?o } }")
        assert answer.status_code == 502
        assert answer.text.startswith("the peer slow did not answer within 0.5 s")


def test_a_silent_query_gets_the_rest_and_a_header(client: TestClient, store: Path) -> None:
    with running_oxigraph("<http://ex/1> <http://ex/p> 5 .") as url:
        listed(store, ox=url, bad=dead())
        query = """SELECT ?o { { SERVICE <peer:ox> { ?s ?p ?o } }
            UNION { SERVICE SILENT <peer:bad> { ?s ?p ?o } } FILTER(BOUND(?o)) }"""
        answer = ask(client, query)
    assert (answer.status_code, answer.text) == (200, "o\r\n5\r\n")
    assert answer.headers["recup-partial"] == '"bad";reason="can\'t be reached: Connection refused"'


def test_too_much_and_garbage(client: TestClient, store: Path) -> None:
    with (
        misbehaving(lambda h: h.send(200, b" " * 200_000)) as flood,
        misbehaving(lambda h: h.send(200, b"{")) as odd,
    ):
        listed(store, flood=flood.url, odd=odd.url)
        text = ask(client, "SELECT * { SERVICE <peer:flood> { ?s ?p ?o } }").text
        assert text.startswith("the peer flood sent more than 100,000 bytes")
        text = ask(client, "SELECT * { SERVICE <peer:odd> { ?s ?p ?o } }").text
        assert text.startswith("the peer odd sent what is no SPARQL result")


def test_a_damaged_list_of_peers_is_said(client: TestClient, store: Path) -> None:
    listed(store, ox=dead())
    path = store / "peers" / "peers.json"
    good = path.read_text()
    path.write_text("{")
    answer = ask(client, "SELECT * { SERVICE <peer:ox> { ?s ?p ?o } }")
    path.write_text(good)
    assert answer.status_code == 503


def test_updates_call_nobody(store: Path) -> None:
    listed(store, ox=dead())
    settings = ServiceSettings(str(store), BASE, token="t" * 20, federated=True)
    with TestClient(application(settings)) as writable:
        update = "INSERT { GRAPH <http://ex/g> { ?s ?p ?o } } WHERE { SERVICE <peer:ox> { ?s ?p ?o } }"
        answer = writable.post(
            "/sparql", data={"update": update}, headers={"Authorization": "Bearer " + "t" * 20}
        )
    assert answer.status_code == 403
    assert "SERVICE fetches nothing from here" in answer.text


def test_it_says_of_itself_that_it_can(client: TestClient) -> None:
    text = client.get("/sparql", headers={"Accept": "application/n-triples"}).text
    assert "sparql-service-description#BasicFederatedQuery" in text


def test_the_header_is_a_structured_field() -> None:
    assert partial_field([("a", 'said "no"\\'), ("b", "schläft\n")]) == (
        '"a";reason="said \\"no\\"\\\\", "b";reason="schl?ft?"'
    )


def test_a_store_without_folder_can_not_be_federated(cli: Any) -> None:
    outcome = cli("--store", "http://127.0.0.1:1/query", "serve", "--federated")
    assert outcome.code == 2
    assert "peers are kept in the folder of a store" in outcome.err


def test_the_command_serves_it(store: Path) -> None:
    with running_oxigraph("<http://ex/1> <http://ex/p> 5 .") as url:
        listed(store, ox=url)
        command = [sys.executable, "-m", "recup_kg", "serve", "--federated", "--port", "0", "--json"]
        process = subprocess.Popen([*command, "--store", str(store)], stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            said = ""
            end = time.monotonic() + 30
            while not said.rstrip().endswith("}") and time.monotonic() < end:
                said += process.stdout.readline()
            address = f"{json.loads(said)['sparql']}?format=csv&query="
            query = "SELECT%20?o%20%7B%20SERVICE%20%3Cpeer:ox%3E%20%7B%20?s%20?p%20?o%20%7D%20%7D"
            with build_opener(ProxyHandler({})).open(address + query, timeout=20) as answer:
                assert answer.read() == b"o\r\n5\r\n"
        finally:
            process.terminate()
            process.communicate()
