"""The gateway between the engine and the peers."""

from __future__ import annotations

import dataclasses
import gzip
import socket
import struct
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pyoxigraph
import pytest

from recup_kg.errors import QueryError
from recup_kg.federation.asking import NoAnswer, PeerLimits
from recup_kg.federation.gateway import Gateway, PeerFailure
from recup_kg.federation.harvested import Harvests
from recup_kg.federation.peers import Peer, PeerRegistry
from recup_kg.federation.service_calls import ServiceCall, redirected
from tests.federation.sparql_servers import (
    JSON,
    Handler,
    Misbehaving,
    dead,
    dripping,
    misbehaving,
    running_oxigraph,
    silent,
)
from tests.store.conftest import no_proxy

__all__ = ["no_proxy"]

ONE = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"uri","value":"http://ex/1"}}]}}'
BNODE = b'{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"bnode","value":"b0"}}]}}'
QUERY = "SELECT ?s { ?s ?p ?o }"
FAST = PeerLimits(seconds=0.5, size=10_000)


RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


@pytest.fixture
def registry(tmp_path: Path) -> PeerRegistry:
    return PeerRegistry(tmp_path)


def open_gateway(
    registry: PeerRegistry, limits: PeerLimits = FAST, *, lenient: bool = False, **endpoints: str
) -> Gateway:
    peers = [Peer(name, f"http://{name}.example/", "fdp", endpoint=url) for name, url in endpoints.items()]
    return Gateway(peers, Harvests(registry), limits, lenient=lenient)


def harvested(registry: PeerRegistry, name: str, quads: str) -> Peer:
    peer = Peer(name, f"https://{name}.example/", "ro-crate")
    registry.add(peer)
    registry.harvest_file(name).write_bytes(gzip.compress(quads.encode()))
    return peer


def solutions(query: str, gateway: Gateway) -> list[tuple[object, ...]]:
    found = pyoxigraph.Store().query(redirected(query, gateway.address))
    assert isinstance(found, pyoxigraph.QuerySolutions)
    return [tuple(None if term is None else term.value for term in row) for row in found]  # type: ignore[union-attr]


def test_a_service_is_answered_by_a_real_server(registry: PeerRegistry) -> None:
    with (
        running_oxigraph("<http://ex/1> <http://ex/p> 5 .") as url,
        open_gateway(registry, PeerLimits(), ox=url) as gateway,
    ):
        for name in ("<peer:ox>", f"<{url}>", "<http://ox.example>", "<http://ox.example/>"):
            assert solutions(f"SELECT ?s ?o {{ SERVICE {name} {{ ?s ?p ?o }} }}", gateway) == [
                ("http://ex/1", "5")
            ]
        assert gateway.failures() == ()


def test_the_peer_gets_a_form_and_nothing_of_ours(registry: PeerRegistry) -> None:
    with (
        misbehaving(lambda handler: handler.send(200, ONE)) as server,
        open_gateway(registry, a=server.url.replace("//", "//me:p%40ss@")) as gateway,
    ):
        query = "SELECT ?x ?s { BIND('mine' AS ?x) SERVICE <peer:a> { ?s <http://ex/p> 'theirs' } }"
        assert solutions(query, gateway) == [("mine", "http://ex/1")]
        path, headers, form = server.requests[0]
        assert path == "/sparql"
        assert headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert headers["Accept"].startswith(JSON)
        assert headers["Authorization"] == "Basic bWU6cEBzcw=="
        assert list(form) == ["query"]
        assert "theirs" in form["query"][0]
        assert "mine" not in form["query"][0]
        assert "127.0.0.1" not in form["query"][0]


def test_a_question_is_put_once(registry: PeerRegistry) -> None:
    store = pyoxigraph.Store()
    store.update("INSERT DATA { <http://ex/1> <http://ex/p> 1, 2, 3, 4 }")
    with (
        misbehaving(lambda handler: handler.send(200, ONE)) as server,
        open_gateway(registry, a=server.url) as gateway,
    ):
        query = "SELECT * { ?s <http://ex/p> ?n FILTER EXISTS { SERVICE <peer:a> { ?s a <http://ex/T> } } }"
        assert len(list(store.query(redirected(query, gateway.address)))) == 4  # type: ignore[arg-type]
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (lambda h: h.send(200, b"<html>", "text/html"), "sent text/html, which is no SPARQL result"),
        (lambda h: h.send(200, b"<html>"), "sent what is no SPARQL result: Parser error"),
        (lambda h: h.send(200, ONE[:-20]), "sent what is no SPARQL result: Parser error"),
        (lambda h: h.send(200, ONE, Content_Length="5000"), "broke off"),
        (lambda h: h.send(200, b'{"head":{},"boolean":true}'), "sent a truth value, not rows"),
        (lambda h: h.send(200, ONE, Content_Encoding="br"), "sent a content coding that was not asked for"),
        (lambda h: h.send(200, ONE + b" " * 10_000), "sent more than 10,000 bytes"),
        (lambda h: h.send(200, many_rows(400)), "sent more than 10,000 bytes"),
        (lambda h: h.send(400, b"no such\nfunction", "text/plain"), "answered 400: no such function"),
        (lambda h: h.send(500, b"<h1>oops</h1>", "text/html"), "answered 500: Internal Server Error"),
        (lambda h: h.send(303, b"", Location="/x"), "answered 303: See Other"),
        (lambda h: h.send(302, b"", Location="http://evil.example/"), "redirects to another origin"),
        (lambda h: h.send(307, b"", Location="file:///etc/passwd"), "redirects to another origin"),
        (lambda h: h.send(308, b"", Location="/sparql"), "redirects more than 3 times"),
        (lambda h: h.wfile.write(b"SSH-2.0-OpenSSH\r\n\r\n"), "broke off"),
        (dripping, "did not answer within 0.5 s"),
        (lambda h: time.sleep(2), "did not answer within 0.5 s"),
    ],
)
def test_a_peer_that_misbehaves_is_named(
    registry: PeerRegistry, answer: Callable[[Handler], None], reason: str
) -> None:
    with misbehaving(answer) as server, open_gateway(registry, bad=server.url) as gateway:
        with pytest.raises(OSError, match="502"):
            solutions("SELECT * { SERVICE <peer:bad> { ?s ?p ?o } }", gateway)
        [failure] = gateway.failures()
        assert (failure.peer, failure.silent) == ("bad", False)
        assert failure.reason.startswith(reason)
        assert "\n" not in failure.reason


def many_rows(count: int) -> bytes:
    row = b'{"s":{"type":"uri","value":"http://ex/1"}}'
    return b'{"head":{"vars":["s"]},"results":{"bindings":[' + b",".join([row] * count) + b"]}}"


@pytest.fixture(params=["dead", "silent"])
def mute(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a peer that says nothing."""
    if request.param == "dead":
        yield dead()
        return
    with silent() as url:
        yield url


@pytest.mark.parametrize(
    ("lenient", "silently", "rows"),
    [(True, "", []), (True, "SILENT", [(None, None, None)]), (False, "SILENT", [(None, None, None)])],
)
def test_what_a_peer_that_says_nothing_has_for_rows(
    registry: PeerRegistry, mute: str, lenient: bool, silently: str, rows: list[object]
) -> None:
    with open_gateway(registry, lenient=lenient, mute=mute) as gateway:
        query = f"SELECT * {{ SERVICE {silently} <peer:mute> {{ ?s ?p ?o }} }}"
        assert solutions(query, gateway) == rows
        [failure] = gateway.failures()
        assert (failure.peer, failure.silent) == ("mute", bool(silently))
        assert failure.reason in (
            "can't be reached: Connection refused",
            "did not answer within 0.5 s",
        )


def test_a_peer_that_says_nothing_is_waited_for_once(registry: PeerRegistry) -> None:
    hits = threading.Semaphore(0)

    def hang(handler: Handler) -> None:
        hits.release()
        time.sleep(2)

    with misbehaving(hang) as server, open_gateway(registry, lenient=True, mute=server.url) as gateway:
        union = " UNION ".join(f"{{ SERVICE <peer:mute> {{ ?s <http://ex/{n}> ?o }} }}" for n in range(5))
        assert solutions(f"SELECT * {{ {union} }}", gateway) == []
        assert gateway.failures() == (PeerFailure("mute", "did not answer within 0.5 s"),)
        assert len(server.requests) == 1


def test_a_peer_that_refuses_one_question_is_asked_the_next(registry: PeerRegistry) -> None:
    def picky(handler: Handler) -> None:
        query = handler.server.requests[-1][2]["query"][0]
        handler.send(400, b"too hard", "text/plain") if "hard" in query else handler.send(200, ONE)

    with misbehaving(picky) as server, open_gateway(registry, lenient=True, a=server.url) as gateway:
        query = (
            "SELECT ?s { { SERVICE <peer:a> { ?s ?p 'hard' } } UNION { SERVICE <peer:a> { ?s ?p 'easy' } } }"
        )
        assert [row[0] for row in solutions(query, gateway)] == ["http://ex/1"]
        assert gateway.failures() == (PeerFailure("a", "answered 400: too hard"),)


def test_the_time_for_all_peers_ends(registry: PeerRegistry) -> None:
    limits = PeerLimits(seconds=0.3, total=0.3)
    with silent() as url, open_gateway(registry, limits, lenient=True, a=url, b=url) as gateway:
        query = "SELECT ?s { { SERVICE <peer:a> { ?s ?p ?o } } UNION { SERVICE <peer:b> { ?s ?p ?o } } }"
        assert solutions(query, gateway) == []
        assert {failure.peer for failure in gateway.failures()} == {"a", "b"}
        reasons = ["did not answer within 0.3 s", "was not asked: the 0.3 s for all peers were over"]
        assert [failure.reason for failure in gateway.failures()] == reasons


def test_a_redirect_within_the_origin_keeps_the_question(registry: PeerRegistry) -> None:
    def moved(handler: Handler) -> None:
        handler.send(200, ONE) if handler.path == "/new" else handler.send(301, b"", Location="/new")

    with misbehaving(moved) as server, open_gateway(registry, a=server.url) as gateway:
        assert solutions("SELECT ?s { SERVICE <peer:a> { ?s ?p ?o } }", gateway) == [("http://ex/1",)]
        assert [request[0] for request in server.requests] == ["/sparql", "/new"]
        assert server.requests[0][2] == server.requests[1][2]


def test_blank_nodes_of_two_peers_are_never_the_same(registry: PeerRegistry) -> None:
    def blank(handler: Handler) -> None:
        handler.send(200, BNODE)

    with (
        misbehaving(blank) as one,
        misbehaving(blank) as other,
        open_gateway(registry, a=one.url, b=other.url) as gateway,
    ):
        query = "SELECT * { SERVICE <peer:a> { ?s ?p ?o } SERVICE <peer:b> { ?s ?q ?x } }"
        assert solutions(query, gateway) == []
        joined = "SELECT ?s { { SERVICE <peer:a> { ?s ?p ?o } } UNION { SERVICE <peer:b> { ?s ?p ?o } } }"
        assert len({row[0] for row in solutions(joined, gateway)}) == 2


def test_a_peer_says_nothing_of_what_it_was_not_asked(registry: PeerRegistry) -> None:
    more = ONE.replace(b'["s"]', b'["s","licence"]').replace(
        b'{"s":', b'{"licence":{"type":"literal","value":"mine"},"s":'
    )
    with (
        misbehaving(lambda handler: handler.send(200, more)) as server,
        open_gateway(registry, a=server.url) as gateway,
    ):
        query = "SELECT ?s ?licence { SERVICE <peer:a> { ?s a <http://ex/T> } OPTIONAL { ?s <http://ex/l> ?licence } }"
        assert solutions(query, gateway) == [("http://ex/1", None)]


def test_harvested_quads_answer_for_a_peer_without_endpoint(registry: PeerRegistry) -> None:
    quads = (
        '<http://ex/1> <http://ex/p> "x" <http://ex/g> .\n<http://ex/2> <http://ex/p> "y" <http://ex/h> .\n'
    )
    peer = harvested(registry, "crate", quads)
    with Gateway([peer], Harvests(registry), FAST, lenient=False) as gateway:
        query = "SELECT ?s { SERVICE <https://crate.example/> { ?s <http://ex/p> ?o } } ORDER BY ?s"
        assert solutions(query, gateway) == [("http://ex/1",), ("http://ex/2",)]
        named = "SELECT ?g { SERVICE <peer:crate> { GRAPH ?g { <http://ex/2> ?p ?o } } }"
        assert solutions(named, gateway) == [("http://ex/h",)]


def test_a_catalogue_with_an_endpoint_has_both(registry: PeerRegistry) -> None:
    """Its name means what it says of its data, its endpoint the data."""
    with misbehaving(lambda handler: handler.send(200, ONE)) as server:
        bare = dataclasses.replace(harvested(registry, "lab", ""), endpoint=server.url)
        registry.harvest_file("lab").unlink()
        catalogue = "SELECT ?s { SERVICE <peer:lab> { ?s a <http://ex/T> } }"
        data = f"SELECT ?s {{ SERVICE <{server.url}> {{ ?s a <http://ex/T> }} }}"
        with Gateway([bare], Harvests(registry), FAST, lenient=False) as gateway:
            assert solutions(catalogue, gateway) == solutions(data, gateway) == [("http://ex/1",)]
        quads = f"<http://ex/2> <{RDF_TYPE}> <http://ex/T> .\n"
        registry.harvest_file("lab").write_bytes(gzip.compress(quads.encode()))
        with Gateway([bare], Harvests(registry), FAST, lenient=False) as gateway:
            assert solutions(catalogue, gateway) == [("http://ex/2",)]
            assert solutions(data, gateway) == [("http://ex/1",)]


def test_an_engine_that_hangs_up_is_no_error(
    registry: PeerRegistry, capfd: pytest.CaptureFixture[str]
) -> None:
    peer = harvested(registry, "crate", "<http://ex/1> <http://ex/p> <http://ex/2> .\n")
    with Gateway([peer], Harvests(registry), FAST, lenient=False) as gateway:
        address = urlsplit(gateway.address(ServiceCall("peer:crate", False)))
        for _ in range(5):
            client = socket.create_connection((str(address.hostname), address.port or 0))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sendall(b"POST / HTTP/1.1\r\nContent-Le")
            time.sleep(0.05)
            # With no time to linger this resets the connection.
            client.close()
        time.sleep(0.1)
    assert capfd.readouterr().err == ""


def test_a_new_harvest_is_seen(registry: PeerRegistry) -> None:
    peer, harvests = (
        harvested(registry, "crate", "<http://ex/1> <http://ex/p> 'a' .\n".replace("'", '"')),
        None,
    )
    harvests = Harvests(registry)
    assert len(harvests.ask(peer, QUERY, 5, 1000)) == 1
    registry.harvest_file("crate").write_bytes(gzip.compress(b""))
    assert len(harvests.ask(peer, QUERY, 5, 1000)) == 0


@pytest.mark.parametrize(
    ("content", "query", "reason"),
    [
        (None, QUERY, "has no SPARQL endpoint, and was not harvested yet: recup harvest crate"),
        (b"no gzip", QUERY, "what was harvested of it can't be read (Not a gzipped file"),
        (gzip.compress(b"no quads", mtime=0), QUERY, "what was harvested of it can't be read (Parser error"),
        (gzip.compress(b"<http://ex/1> <http://ex/p> <http://ex/2> .\n")[:-9], QUERY, "what was harvested"),
        (gzip.compress(b""), "ASK { }", "can only be asked SELECT queries"),
        (gzip.compress(b""), "SELECT {", "can't be asked this: "),
        (
            gzip.compress(
                b"".join(b"<http://ex/%d> <http://ex/p> <http://ex/2> .\n" % n for n in range(999))
            ),
            QUERY,
            "sent more than 1,000 bytes",
        ),
    ],
    ids=("not harvested", "no gzip", "no quads", "cut off", "ask", "no query", "too much"),
)
def test_what_was_harvested_may_be_of_no_use(
    registry: PeerRegistry, content: bytes | None, query: str, reason: str
) -> None:
    peer = harvested(registry, "crate", "")
    if content is None:
        registry.harvest_file("crate").unlink()
    else:
        registry.harvest_file("crate").write_bytes(content)
    with pytest.raises(NoAnswer) as error:
        Harvests(registry).ask(peer, query, 5, 1000)
    assert str(error.value).startswith(reason)


@pytest.mark.parametrize(
    "iri",
    ["http://evil.example/", "peer:b", "http://a.example/x", "file:///etc/passwd", "http://127.0.0.1:1/"],
)
def test_nobody_else_can_be_called(registry: PeerRegistry, iri: str) -> None:
    with (
        open_gateway(registry, a="http://127.0.0.1:1/sparql") as gateway,
        pytest.raises(
            QueryError, match=r"is no peer of this store; there are: <peer:a>: recup peers add URL"
        ),
    ):
        gateway.address(ServiceCall(iri, False))


def test_without_peers_the_refusal_says_so(registry: PeerRegistry) -> None:
    with (
        open_gateway(registry) as gateway,
        pytest.raises(QueryError, match="there are none yet: recup peers add URL"),
    ):
        gateway.address(ServiceCall("peer:a", False))


def _status(url: str, body: bytes | None = b"ASK {}", **headers: str) -> int:
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_only_the_engine_knows_the_way(registry: PeerRegistry) -> None:
    server: Misbehaving
    with (
        misbehaving(lambda handler: handler.send(200, ONE)) as server,
        open_gateway(registry, a=server.url) as gateway,
    ):
        right = gateway.address(ServiceCall("peer:a", False))
        origin, _, path = right.removeprefix("http://").partition("/")
        token = path.split("/")[0]
        assert origin.startswith("127.0.0.1:")
        assert len(token) >= 43
        for wrong in (
            "",
            "x/loud/a",
            f"{token}x/loud/a",
            f"{token}/loud/b",
            f"{token}",
            f"%2e%2e/{token}/loud/a",
        ):
            assert _status(f"http://{origin}/{wrong}") == 404
        assert _status(right, None) == 501
        assert _status(right, b"", **{"Content-Length": "9999999999"}) == 413
        assert server.requests == []
        assert _status(right, QUERY.encode()) == 200
        assert len(server.requests) == 1
    with pytest.raises(urllib.error.URLError):
        _status(right)
    with open_gateway(registry, a=server.url) as another:
        assert another.address(ServiceCall("peer:a", False)).split("/")[3] != token
