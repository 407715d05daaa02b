"""The way from the SERVICE clauses of a query to the peers that a store lists, and to nobody else.

The store's engine calls services itself: anywhere, without limits of time and size, and takes the blank nodes of two answers
for the same where they are called alike. So it is given addresses of this gateway, which listens on this machine only, under a
path that nobody can guess, for as long as the query takes.
"""

from __future__ import annotations

import hmac
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Self

from recup_kg.errors import QueryError
from recup_kg.federation.asking import NoAnswer, PeerLimits, Timing, ask_endpoint
from recup_kg.federation.harvested import Harvests
from recup_kg.federation.peers import Peer
from recup_kg.federation.service_calls import ServiceCall
from recup_kg.store.table import Table

SCHEME = "peer:"
"""`SERVICE <peer:NAME>` calls a peer by its name."""

_JSON = "application/sparql-results+json"
_NOTHING = b'{"head":{"vars":[]},"results":{"bindings":[]}}'
_LONGEST = 1 << 20
_PATIENCE = 30.0
_POLL = 0.01


@dataclass(frozen=True, slots=True)
class PeerFailure:
    """A peer that gave no answer, why, and whether the query took that into account (SERVICE SILENT)."""

    peer: str
    reason: str
    silent: bool = False


_AT_ENDPOINT = "/endpoint"


class Gateway:
    """A context manager. Inside, `address` says where the engine finds a peer.

    With `lenient`, a peer that fails has no rows for a SERVICE that is not SILENT, so that the rest of the answer comes; else the
    query fails. `failures` are known either way.
    """

    def __init__(
        self, peers: Sequence[Peer], harvests: Harvests, limits: PeerLimits, *, lenient: bool
    ) -> None:
        self._peers = {peer.name: peer for peer in peers}
        self._harvests = harvests
        self._limits = limits
        self._lenient = lenient
        self._timing = Timing(limits)
        self._token = secrets.token_urlsafe(32)
        self._lock = Lock()
        self._gone: dict[str, NoAnswer] = {}
        self._answers: dict[tuple[str, str], bytes] = {}
        self._failures: dict[PeerFailure, None] = {}
        self._server: _Server | None = None
        self.left_behind = False

    def __enter__(self) -> Self:
        self._server = _Server(self)
        Thread(target=self._server.serve_forever, args=(_POLL,), name="gateway", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def peer(self, iri: str) -> Peer:
        """The peer that an IRI means: its endpoint, its address, or `peer:NAME`. Raises `QueryError` where it is none."""
        for peer in self._peers.values():
            known = (f"{SCHEME}{peer.name}", endpoint_of(peer), peer.address)
            if any(iri.rstrip("/") == item.rstrip("/") for item in known if item is not None):
                return peer
        names = ", ".join(f"<{SCHEME}{name}>" for name in self._peers)
        raise QueryError(
            f"SERVICE <{iri}> is no peer of this store; "
            + (f"there are: {names}" if names else "there are none yet")
            + ": recup peers add URL"
        )

    def address(self, call: ServiceCall) -> str:
        """Where to send a call. Raises `QueryError` where it calls none of the peers."""
        peer = self.peer(call.iri)
        assert self._server is not None
        kind = "silent" if call.silent else "loud"
        named = peer.endpoint is not None and call.iri.rstrip("/") == peer.endpoint.rstrip("/")
        target = peer.name + (_AT_ENDPOINT if named else "")
        return f"http://127.0.0.1:{self._server.server_port}/{self._token}/{kind}/{target}"

    def ask(self, target: str, query: str) -> Table:
        """The answer of a peer to a SELECT query. Raises `NoAnswer`; one that stays so isn't asked again.

        A catalogue answers from its harvest, if there is one: what its endpoint holds is the data, not what it says of them.
        """
        name = target.removesuffix(_AT_ENDPOINT)
        with self._lock:
            if target in self._gone:
                raise self._gone[target]
        peer, size = self._peers[name], self._limits.size
        is_catalogue = peer.kind != "sparql" and target == name and self._harvests.has(peer)
        try:
            seconds, endpoint = self._timing.left(), endpoint_of(peer)
            if endpoint is None or is_catalogue:
                return self._harvests.ask(peer, query, seconds, size)
            return ask_endpoint(endpoint, query, seconds, size)
        except NoAnswer as error:
            self.left_behind |= error.left_behind
            if error.stays:
                with self._lock:
                    self._gone[target] = error
            raise

    def failures(self) -> tuple[PeerFailure, ...]:
        """The peers that gave no answer, each reason once."""
        with self._lock:
            return tuple(self._failures)

    def note(self, failure: PeerFailure) -> None:
        """A peer gave no answer."""
        with self._lock:
            self._failures[failure] = None

    def reply(self, path: str, query: str) -> tuple[int, bytes]:
        """Status and body of the answer to a request of the engine."""
        token, _, rest = path.removeprefix("/").partition("/")
        kind, _, target = rest.partition("/")
        name = target.removesuffix(_AT_ENDPOINT)
        if not hmac.compare_digest(token.encode(), self._token.encode()) or name not in self._peers:
            return 404, b"nothing here\n"
        try:
            return 200, self._answer(target, query)
        except NoAnswer as error:
            self.note(PeerFailure(name, str(error), kind == "silent"))
            if self._lenient and kind != "silent":
                return 200, _NOTHING
            return 502, f"{name} {error}\n".encode()

    def _answer(self, target: str, query: str) -> bytes:
        """The answer to a question, which is put only once: the engine may repeat it for each row of ours."""
        with self._lock:
            known = self._answers.get((target, query))
        if known is None:
            known = self.ask(target, query).to_json().encode()
            with self._lock:
                kept = sum(map(len, self._answers.values()))
                if kept + len(known) <= self._limits.size:
                    self._answers[target, query] = known
        return known


def endpoint_of(peer: Peer) -> str | None:
    """The SPARQL endpoint of a peer, if it has one."""
    return peer.endpoint or (peer.address if peer.kind == "sparql" else None)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """An engine that has all the rows that it wants hangs up: that is no error."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def __init__(self, gateway: Gateway) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.gateway = gateway


class _Handler(BaseHTTPRequestHandler):
    """The part of the SPARQL protocol that the engine speaks: a POST of the query."""

    protocol_version = "HTTP/1.1"
    timeout = _PATIENCE
    server: _Server

    def do_POST(self) -> None:
        """Answer a query."""
        size = self.headers.get("Content-Length", "")
        if not size.isdecimal() or int(size) > _LONGEST:
            self._send(413, b"no query, or too long a one\n")
            return
        query = self.rfile.read(int(size)).decode(errors="replace")
        self._send(*self.server.gateway.reply(self.path, query))

    def log_message(self, *_: object) -> None:
        """Nothing: the path is secret."""

    def _send(self, status: int, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", _JSON if status == 200 else "text/plain")
            self.send_header("Content-Length", str(len(body)))
            if status == 413:
                self.close_connection = True
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            # The engine doesn't wait any more.
            self.close_connection = True
