"""A SELECT query to the SPARQL endpoint of a peer (https://www.w3.org/TR/sparql11-protocol/), within limits.

The answer is read to its end before anybody sees it: it is whole, or it is none.
"""

from __future__ import annotations

import base64
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException, HTTPResponse
from queue import Empty, SimpleQueue
from typing import IO, TypeVar
from urllib.parse import unquote, urlencode, urljoin, urlsplit, urlunsplit

import pyoxigraph
from pyoxigraph import BlankNode, QueryResultsFormat, Triple

from recup_kg.federation.fetching import origin
from recup_kg.sparql_text import tokens
from recup_kg.store.embedded import one_line
from recup_kg.store.table import Table, Term

T = TypeVar("T")
MEBIBYTE = 2**20
_AT_ONCE = 1 << 16
_SHOWN = 200
_REDIRECTS = 3
# 303 leads to a document about the answer, not to the answer.
_SAME_REQUEST = (301, 302, 307, 308)
_REFUSED = (400, 413, 414, 422)
_ACCEPT = "application/sparql-results+json, application/sparql-results+xml;q=0.9"
_FORMATS = {
    "application/sparql-results+json": QueryResultsFormat.JSON,
    "application/json": QueryResultsFormat.JSON,
    "application/sparql-results+xml": QueryResultsFormat.XML,
    "application/xml": QueryResultsFormat.XML,
    "text/xml": QueryResultsFormat.XML,
}


@dataclass(frozen=True, slots=True)
class PeerLimits:
    """What one question to a peer may cost: seconds, and bytes of the answer; `total` seconds are for all questions."""

    seconds: float = 30.0
    size: int = 64 * MEBIBYTE
    total: float | None = None


class NoAnswer(Exception):
    """A peer gave no answer that can be used; the message says why. It `stays` so for every other question too;
    a thread that still waits for it may be `left_behind`."""

    def __init__(self, reason: str, *, stays: bool = False, left_behind: bool = False) -> None:
        super().__init__(" ".join(reason.split()))
        self.stays = stays
        self.left_behind = left_behind


class Timing:
    """Seconds since it was made, and what is left of those of all questions."""

    def __init__(self, limits: PeerLimits) -> None:
        self._limits = limits
        self._start = time.monotonic()

    def left(self) -> float:
        """Seconds that the next question may take. Raises `NoAnswer` where there are none."""
        limits = self._limits
        if limits.total is None:
            return limits.seconds
        left = self._start + limits.total - time.monotonic()
        if left <= 0:
            raise NoAnswer(f"was not asked: the {limits.total:g} s for all peers were over")
        return min(limits.seconds, left)


def within(seconds: float, work: Callable[[], T]) -> T:
    """The result of work that raises nothing but `NoAnswer`. Raises `NoAnswer` where it takes longer.

    The thread is left behind then: a server that sends a byte now and then can't hold up whoever waits.
    """
    results: SimpleQueue[T | NoAnswer] = SimpleQueue()

    def run() -> None:
        result: T | NoAnswer = NoAnswer("could not be asked: a defect of this software")
        try:
            result = work()
        except NoAnswer as error:
            # Not the error itself: its frames hold solutions, which the engine wants to be dropped by the thread that made them.
            result = NoAnswer(str(error), stays=error.stays)
        finally:
            results.put(result)

    threading.Thread(target=run, name="peer", daemon=True).start()
    try:
        result = results.get(timeout=seconds)
    except Empty:
        raise NoAnswer(
            f"did not answer within {round(seconds, 1):g} s", stays=True, left_behind=True
        ) from None
    if isinstance(result, NoAnswer):
        raise result
    return result


def ask_endpoint(endpoint: str, query: str, seconds: float, size: int) -> Table:
    """The answer of an endpoint to a SELECT query. Raises `NoAnswer`."""
    return within(seconds, lambda: _asked(endpoint, query, seconds, size))


def limited(columns: Iterable[str], rows: Iterable[Iterable[Term | None]], query: str, size: int) -> Table:
    """The table of rows, with only the variables of the query, and blank nodes that no other answer has.

    Raises `NoAnswer` where the terms are longer than `size` bytes.
    """
    wanted = {token.text[1:] for token in tokens(query) if token.kind == "variable"}
    known = tuple(columns)
    kept = [place for place, name in enumerate(known) if name in wanted]
    fresh: dict[str, BlankNode] = {}
    found, taken = [], 0
    for row in rows:
        terms = tuple(row)
        found.append(tuple(_renamed(terms[place], fresh) for place in kept))
        taken += sum(len(str(term)) for term in found[-1] if term is not None)
        if taken > size:
            raise _too_much(size)
    return Table(tuple(known[place] for place in kept), tuple(found))


def _asked(endpoint: str, query: str, seconds: float, size: int) -> Table:
    url, fields = _identified(endpoint)
    opener = urllib.request.build_opener(_NoRedirects())
    body = urlencode({"query": query}).encode()
    for _ in range(_REDIRECTS):
        # A form, which every server takes: Virtuoso 7.2 hangs on a query that is the body.
        request = urllib.request.Request(url, body, fields, method="POST")  # noqa: S310
        try:
            with opener.open(request, timeout=seconds) as answer:
                return _read(answer, query, size)
        except urllib.error.HTTPError as error:
            with error:
                url = _redirected(url, error)
        except urllib.error.URLError as error:
            raise NoAnswer(f"can't be reached: {_text(error.reason)}", stays=True) from error
        except TimeoutError as error:
            raise NoAnswer(f"did not answer within {round(seconds, 1):g} s", stays=True) from error
        except (HTTPException, OSError) as error:
            raise NoAnswer(f"broke off: {_text(error)}") from error
        except (SyntaxError, ValueError) as error:
            raise NoAnswer(f"sent what is no SPARQL result: {one_line(error)[:_SHOWN]}") from error
    raise NoAnswer(f"redirects more than {_REDIRECTS} times", stays=True)


def _identified(endpoint: str) -> tuple[str, dict[str, str]]:
    """The address without user and password, and the headers, which say these (HTTP Basic)."""
    fields = {
        "User-Agent": "recup-kg",
        "Accept": _ACCEPT,
        "Content-Type": "application/x-www-form-urlencoded",
    }
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise NoAnswer("has an endpoint that is no http(s) address", stays=True)
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        fields["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    return urlunsplit(parts._replace(netloc=parts.netloc.rsplit("@", 1)[-1], fragment="")), fields


def _read(answer: HTTPResponse, query: str, size: int) -> Table:
    kind = answer.headers.get_content_type()
    if kind not in _FORMATS:
        raise NoAnswer(f"sent {kind[:_SHOWN]}, which is no SPARQL result")
    if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise NoAnswer("sent a content coding that was not asked for")
    parts, taken = [], 0
    while part := answer.read1(_AT_ONCE):
        parts.append(part)
        taken += len(part)
        if taken > size:
            raise _too_much(size)
    # A body that ends too early: read1 says nothing of it.
    if answer.length:
        raise NoAnswer(f"broke off: {answer.length} bytes are missing")
    found = pyoxigraph.parse_query_results(b"".join(parts), format=_FORMATS[kind])
    if not isinstance(found, pyoxigraph.QuerySolutions):
        raise NoAnswer("sent a truth value, not rows")
    return limited((variable.value for variable in found.variables), map(tuple, found), query, size)


def _redirected(url: str, error: urllib.error.HTTPError) -> str:
    """Where a redirect leads. Raises `NoAnswer` where it leads away from the peer, and for any other status."""
    if error.code not in _SAME_REQUEST or not error.headers.get("Location"):
        refused = error.code in _REFUSED
        raise NoAnswer(f"answered {error.code}: {_reason(error)}", stays=not refused)
    target = urljoin(url, str(error.headers["Location"]))
    if origin(target) != origin(url):
        raise NoAnswer(f"redirects to another origin, {target[:_SHOWN]}: add that as a peer", stays=True)
    return target


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Leaves redirects to whoever asked: the standard library turns a POST into a GET, and follows anywhere."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> None:
        """Nothing."""
        return


def _renamed(term: Term | None, fresh: dict[str, BlankNode]) -> Term | None:
    """A blank node has its name in one answer only (https://www.w3.org/TR/sparql11-results-json/#select-encode-terms)."""
    if isinstance(term, BlankNode):
        return fresh.setdefault(term.value, BlankNode())
    if isinstance(term, Triple):
        subject, value = _renamed(term.subject, fresh), _renamed(term.object, fresh)
        assert not isinstance(subject, pyoxigraph.Literal | None)
        assert value is not None
        return Triple(subject, term.predicate, value)
    return term


def _too_much(size: int) -> NoAnswer:
    return NoAnswer(f"sent more than {size:,} bytes")


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        body = error.read(4096).decode(errors="replace")
    except (OSError, HTTPException):
        body = ""
    text = " ".join(body.split())
    return text[:_SHOWN] if text and not text.startswith("<") else str(error.reason)


def _text(error: object) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
