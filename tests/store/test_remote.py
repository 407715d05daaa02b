"""Servers: where their endpoints are, and what is said when they fail."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from recup_kg.errors import QueryError, StoreError
from recup_kg.store import open_store
from recup_kg.store.endpoint import Endpoint, endpoint
from recup_kg.store.remote import RemoteStore
from tests.store.conftest import free_port
from tests.store.samples import execution

HOST = "http://localhost:7878"
TRUE = (200, "application/sparql-results+json", b'{"head": {}, "boolean": true}')


@pytest.mark.parametrize(
    ("url", "query", "update", "graphs"),
    [
        (HOST, "/query", "/update", "/store"),
        (f"{HOST}/", "/query", "/update", "/store"),
        (f"{HOST}/query", "/query", "/update", "/store"),
        (f"{HOST}/ds/sparql", "/ds/sparql", "/ds/update", "/ds/data"),
        (f"{HOST}/ds", "/ds/query", "/ds/update", "/ds/store"),
        (
            f"{HOST}/repositories/a",
            "/repositories/a",
            "/repositories/a/statements",
            "/repositories/a/rdf-graphs/service",
        ),
        (f"{HOST}/sparql?update=/u&graphs=/g/crud", "/sparql", "/u", "/g/crud"),
        (f"{HOST}/sparql?update=http://localhost:7878/x", "/sparql", "/x", "/data"),
    ],
)
def test_the_three_urls(url: str, query: str, update: str, graphs: str) -> None:
    assert endpoint(url, {}) == Endpoint(HOST + query, HOST + update, HOST + graphs)


def test_parameters_of_the_server_stay() -> None:
    found = endpoint(f"{HOST}/query?key=a%20b&update=/u", {})
    assert found.query == f"{HOST}/query?key=a%20b"
    assert found.graphs == f"{HOST}/store?key=a%20b"
    assert found.update == f"{HOST}/u"


def test_the_environment_says_otherwise_unless_the_url_does() -> None:
    environment = {"RECUP_UPDATE_URL": "http://other/u", "RECUP_GRAPHS_URL": "/g"}
    assert endpoint(HOST, environment) == Endpoint(f"{HOST}/query", "http://other/u", f"{HOST}/g")
    assert endpoint(f"{HOST}?update=/v", environment).update == f"{HOST}/v"


def test_the_password_is_in_no_url() -> None:
    found = endpoint("https://me:s%40cret@host:99/sparql", {})
    assert (found.user, found.password) == ("me", "s@cret")
    assert found.query == "https://host:99/sparql"


@pytest.mark.parametrize("url", ["http://", "http:///query", "http://host:port/", "http://[::1/"])
def test_urls_that_are_none(url: str) -> None:
    with pytest.raises(StoreError, match="is not a URL: "):
        open_store(url, writable=False)


class Answers(ThreadingHTTPServer):
    """A server that gives the same answer to everything, and remembers what it was asked."""

    answer = TRUE
    seen: list[tuple[str, str, str | None]]
    hang: threading.Event | None = None


class Handler(BaseHTTPRequestHandler):
    server: Answers

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.append((self.command, self.path, self.headers.get("Authorization")))
        if self.server.hang is not None:
            self.server.hang.wait(30)
        status, media_type, body = self.server.answer
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def answers() -> Iterator[Answers]:
    server = Answers(("127.0.0.1", 0), Handler)
    server.seen = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    if server.hang is not None:
        server.hang.set()
    server.shutdown()
    thread.join()
    server.server_close()


def url_of(server: Answers) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}"


def test_nobody_listens() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(StoreError) as caught:
        open_store(url, writable=True)
    message = str(caught.value)
    assert message.startswith(f"{url}/query can't be reached: Connection refused; is the server running?")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((404, "text/plain", b"no such\npage"), "/query answered 404: no such page (a SPARQL 1.1 endpoint"),
        ((500, "text/plain", b"out of\n memory"), "/query answered 500: out of memory"),
        ((503, "text/plain", b""), "/query answered 503: Service Unavailable"),
        ((401, "text/plain", b"who?"), "who?; say who you are in the URL: https://USER:PASSWORD@HOST/"),
        ((200, "text/html", b"<html>"), "answered with text/html: not a SPARQL 1.1 endpoint"),
        ((200, "application/sparql-results+json", b"{"), "sent a broken answer: "),
        ((200, "application/sparql-results+json", b'{"head": {"vars": []}, "results": {"bindings": []}}'),
         "an ASK query is needed here"),
    ],
)  # fmt: skip
def test_servers_that_are_no_store(answers: Answers, answer: tuple[int, str, bytes], message: str) -> None:
    answers.answer = answer
    with pytest.raises(StoreError) as caught:
        open_store(url_of(answers), writable=True)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_query_that_takes_too_long(answers: Answers) -> None:
    store = RemoteStore(url_of(answers), writable=False, timeout=0.2)
    answers.hang = threading.Event()
    with pytest.raises(StoreError, match=r"did not answer within 0\.2 s"):
        store.ask("ASK {}")


def test_a_server_that_hangs_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            connection, _ = listener.accept()
            connection.recv(65536)
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(StoreError, match=r"broke off: |can't be reached: "):
            open_store(f"http://127.0.0.1:{listener.getsockname()[1]}", writable=False)
        thread.join()


def test_the_servers_reason_for_refusing_a_query(answers: Answers) -> None:
    store = open_store(url_of(answers), writable=False)
    answers.answer = (400, "text/plain", b"line 3:\n  no ?x")
    with pytest.raises(QueryError) as caught:
        store.select("SELECT")
    assert str(caught.value) == "the query can't be answered: line 3: no ?x"


def test_turtle_is_understood_where_a_server_has_nothing_else(answers: Answers) -> None:
    store = open_store(url_of(answers), writable=False)
    answers.answer = (200, "text/turtle; charset=utf-8", b"@prefix : <urn:> . :a :b :c, 1 .")
    lines = store.construct("CONSTRUCT WHERE { ?s ?p ?o }").splitlines()
    assert sorted(lines)[1] == "<urn:a> <urn:b> <urn:c> ."
    assert len(lines) == 2


def test_user_and_password_are_sent(answers: Answers) -> None:
    url = url_of(answers).replace("://", "://me:secret@")
    store = open_store(url, writable=False)
    expected = "Basic " + base64.b64encode(b"me:secret").decode()
    assert answers.seen == [("POST", "/query", expected)]
    assert "secret" not in store.location
    answers.answer = (403, "text/plain", b"not you")
    with pytest.raises(StoreError) as caught:
        store.ask("ASK {}")
    assert "secret" not in str(caught.value)


def test_a_reader_does_not_write(server: str) -> None:
    store = open_store(server, writable=False)
    for act in (lambda: store.archive(*execution(1)), lambda: store.remove("urn:a"), lambda: store.add([])):
        with pytest.raises(StoreError, match="is open for reading only"):
            act()


@pytest.mark.parametrize("path", ["", "/", "/query"])
def test_a_real_server_is_found(server: str, path: str) -> None:
    store = open_store(server + path, writable=True)
    assert store.location == f"{server}/query"
    assert store.ask("ASK {}") is True
