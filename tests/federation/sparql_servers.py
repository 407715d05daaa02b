"""SPARQL servers on free ports of this machine: real ones, and ones that misbehave."""

from __future__ import annotations

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs
from urllib.request import ProxyHandler, Request, build_opener

from tests.store.conftest import free_port, oxigraph, wait_for

JSON = "application/sparql-results+json"
Reply = Callable[["Handler"], None]


@contextmanager
def running_oxigraph(turtle: str) -> Iterator[str]:
    """The query endpoint of an Oxigraph with triples in its default graph."""
    port = free_port()
    process = subprocess.Popen(
        [oxigraph(), "serve", "--bind", f"127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, process)
        put(f"http://127.0.0.1:{port}/store?default", turtle)
        yield f"http://127.0.0.1:{port}/query"
    finally:
        process.terminate()
        process.wait()


def put(url: str, turtle: str) -> None:
    """Put triples into a graph, by the Graph Store Protocol."""
    request = Request(url, turtle.encode(), {"Content-Type": "text/turtle"}, method="PUT")
    build_opener(ProxyHandler({})).open(request, timeout=20).close()


class Handler(BaseHTTPRequestHandler):
    """Keeps what it was asked, and replies as its server says."""

    server: Misbehaving

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        self.server.requests.append((self.path, dict(self.headers), parse_qs(body)))
        self.server.answer(self)

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers), {}))
        self.server.answer(self)

    def log_message(self, *_: object) -> None:
        pass

    def send(self, status: int, body: bytes, kind: str = JSON, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Misbehaving(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, answer: Reply) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.requests: list[tuple[str, dict[str, str], dict[str, list[str]]]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/sparql"


@contextmanager
def misbehaving(answer: Reply) -> Iterator[Misbehaving]:
    """A server that answers each request by a function."""
    server = Misbehaving(answer)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def silent() -> Iterator[str]:
    """A socket that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}/sparql"


def dripping(handler: Handler) -> None:
    """A byte now and then, so that no pause is long."""
    handler.send_response(200)
    handler.send_header("Content-Type", JSON)
    handler.end_headers()
    for _ in range(200):
        try:
            handler.wfile.write(b" ")
        except OSError:
            return
        time.sleep(0.05)


def dead() -> str:
    """An address at which nobody listens: tcpmux, which no program takes by chance."""
    return "http://127.0.0.1:1/sparql"
