"""Sites on loopback: pages of our own making, and folders as any static server shows them."""

from __future__ import annotations

import functools
import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Reply:
    body: str | bytes = b""
    media_type: str = "text/turtle"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    etag: bool = False
    cut: int = 0
    """Bytes that are promised and not sent."""

    @property
    def data(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else self.body.encode()


Page = Reply | Callable[[dict[str, str]], Reply]


class Site:
    """What a server answers: by path with query, else by path. `asked` has each request and its status."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, int]] = []

    def reply(self, target: str) -> Reply:
        page = self.pages.get(target) or self.pages.get(urlsplit(target).path)
        if page is None:
            return Reply("no such page", "text/plain", 404)
        if isinstance(page, Reply):
            return page
        return page({name: values[0] for name, values in parse_qs(urlsplit(target).query).items()})

    def statuses(self) -> list[int]:
        found = [status for _, status in self.asked]
        self.asked.clear()
        return found


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, site: Site, *args: object) -> None:
        self.site = site
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        reply = self.site.reply(self.path)
        tag = f'"{hashlib.sha256(reply.data).hexdigest()[:16]}"'
        status = 304 if reply.etag and self.headers["If-None-Match"] == tag else reply.status
        self.site.asked.append((self.path, status))
        self.send_response(status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.etag:
            self.send_header("ETag", tag)
        if status != 304:
            self.send_header("Content-Type", reply.media_type)
            self.send_header("Content-Length", str(len(reply.data) + reply.cut))
        self.end_headers()
        if status != 304:
            self.wfile.write(reply.data)

    def log_message(self, *args: object) -> None:
        """Quiet."""


class _Static(SimpleHTTPRequestHandler):
    def __init__(self, asked: list[tuple[str, int]], *args: object, directory: str) -> None:
        self.asked = asked
        super().__init__(*args, directory=directory)  # type: ignore[arg-type]

    def send_response(self, code: int, message: str | None = None) -> None:
        self.asked.append((self.path, code))
        super().send_response(code, message)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@contextmanager
def _serving(handler: Callable[..., BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def site() -> Iterator[Site]:
    """A site without pages yet."""
    found = Site("")
    with _serving(functools.partial(_Handler, found)) as url:
        found.url = url
        yield found


@contextmanager
def static(folder: Path) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """The files of a folder, with Last-Modified; and what is asked for."""
    asked: list[tuple[str, int]] = []
    with _serving(functools.partial(_Static, asked, directory=str(folder))) as url:
        yield url, asked
