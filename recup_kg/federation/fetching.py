"""Documents of peers over http(s), within limits; failures are one line.

The standard library is enough, and it honours the proxies of a site: a harvest is a row of GET requests (RFC 9110), with the
entity tags and dates of the last time (section 13.1).
"""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO, Protocol, TypeAlias
from urllib.parse import quote, unquote, urldefrag, urlsplit

from recup_kg.errors import SourceError

Origin: TypeAlias = tuple[str, str, int | None]
"""Scheme, host and port."""

RDF = "text/turtle;q=0.95, application/ld+json;q=0.9, application/rdf+xml;q=0.8, application/n-triples;q=0.8"
ANYTHING = (
    f"{RDF}, application/zip;q=0.6, application/json;q=0.5, application/xml;q=0.5, text/xml;q=0.5, */*;q=0.1"
)

_CHUNK = 1 << 16
_SHOWN = 200
_REDIRECTS = 5
_GONE = (404, 410)
_BUSY = (429, 503)
_LONGEST_WAIT = 30
_TRIES = 3
_KEPT = "!#$%&'()*+,/:;=?@[]~"
_LINK = re.compile(r"<([^>]*)>((?:\s*;\s*[\w*!-]+\s*=\s*(?:\"[^\"]*\"|[^\s;,\"]+))*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)


class NotThere(SourceError):
    """The server says that there is no such document (404, 410)."""


class Elsewhere(SourceError):
    """The server sends us to a host that the caller did not allow."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one harvest may cost: documents (of OAI-PMH: records), MB (10^6 bytes), seconds, and seconds of silence."""

    documents: int = 10_000
    megabytes: float = 500
    seconds: float = 3600
    pause: float = 30


@dataclass(frozen=True, slots=True)
class Response:
    """An answer. `url` is what was asked for, `final` where redirects led; `unread` where the type was not wanted."""

    url: str
    final: str
    status: int | None
    media_type: str
    body: bytes
    etag: str | None
    modified: str | None
    link: str | None
    started: str
    ended: str
    unread: bool = False

    def next_page(self) -> str | None:
        """The target of a `Link: <…>; rel="next"` (RFC 8288), as written."""
        for target, parameters in _LINK.findall(self.link or ""):
            rel = _REL.search(parameters)
            if rel and "next" in (rel[1] or rel[2]).lower().split():
                return str(target)
        return None


class Source(Protocol):
    """What readers of peers ask for documents."""

    def get(
        self,
        url: str,
        accept: str = ANYTHING,
        *,
        etag: str | None = None,
        modified: str | None = None,
        types: frozenset[str] | None = None,
        within: Collection[Origin] | None = None,
    ) -> Response:
        """The answer to a GET; with `types`, the body only where the media type is one of them.

        With `within`, redirects to other origins raise `Elsewhere`.
        """


class Fetcher:
    """Fetches documents until a limit is reached. `local` allows `file:` addresses, which no redirect leads to."""

    def __init__(self, limits: Limits, *, local: bool = False) -> None:
        self.limits = limits
        self._local = local
        self._bytes = 0
        self._documents = 0
        self._end = time.monotonic() + limits.seconds
        self._redirects = _Redirects()
        self._opener = urllib.request.build_opener(self._redirects)

    def get(
        self,
        url: str,
        accept: str = ANYTHING,
        *,
        etag: str | None = None,
        modified: str | None = None,
        types: frozenset[str] | None = None,
        within: Collection[Origin] | None = None,
    ) -> Response:
        """The answer; status 304 has no body. Raises `NotThere`, `Elsewhere`, `SourceError`."""
        address = plain(url)
        self._redirects.within = within
        self.count(address)
        if urlsplit(address).scheme == "file" and self._local:
            return self._file(address)
        if urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).hostname:
            raise SourceError(_shown(url), "no http(s) address", advice="name one")
        conditions = {"If-None-Match": etag, "If-Modified-Since": modified}
        fields = {"User-Agent": "recup-kg", "Accept": accept, **{k: v for k, v in conditions.items() if v}}
        for attempt in range(_TRIES):
            found = self._once(address, fields, types, last=attempt + 1 == _TRIES)
            if isinstance(found, Response):
                return found
            time.sleep(found)
        raise SourceError(_shown(url), "stays busy", advice="try again later")

    def count(self, about: str) -> None:
        """One document more. Raises `SourceError` where that is one too many, or the time is over."""
        self._documents += 1
        if self._documents > self.limits.documents:
            problem = f"more than {self.limits.documents} documents"
            raise SourceError(_shown(about), problem, advice="allow more with --documents")
        self._demand_time(about)

    def _once(
        self, url: str, fields: dict[str, str], types: frozenset[str] | None, *, last: bool
    ) -> Response | float:
        """The answer, or the seconds to wait before the next attempt."""
        started = now()
        request = urllib.request.Request(url, headers=fields)  # noqa: S310
        try:
            with self._opener.open(request, timeout=self._patience()) as answer:
                return self._read(url, answer, started, types)
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 304:
                    return _response(url, url, 304, error.headers, b"", started)
                wait = _retry_after(error)
                if not last and wait is not None and time.monotonic() + wait < self._end:
                    return wait
                kind = NotThere if error.code in _GONE else SourceError
                raise kind(_shown(url), f"answered {error.code}: {_reason(error)}") from error
        except TimeoutError as error:
            raise self._timed_out(url) from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise self._timed_out(url) from error
            raise SourceError(_shown(url), f"can't be reached: {_text(error.reason)}") from error
        except (HTTPException, OSError, UnicodeError) as error:
            raise SourceError(_shown(url), f"broke off: {_text(error)}", advice="try again later") from error

    def _read(self, url: str, answer: HTTPResponse, started: str, types: frozenset[str] | None) -> Response:
        coding = answer.headers.get("Content-Encoding", "identity").lower()
        if coding not in ("identity", ""):
            raise SourceError(
                _shown(url), f"answered in the content coding {coding}, which was not asked for"
            )
        unread = types is not None and answer.headers.get_content_type() not in types
        body = b"" if unread else self._body(url, answer)
        return _response(url, answer.geturl(), answer.status, answer.headers, body, started, unread=unread)

    def _body(self, url: str, stream: IO[bytes]) -> bytes:
        parts: list[bytes] = []
        while part := stream.read1(_CHUNK) if isinstance(stream, HTTPResponse) else stream.read(_CHUNK):
            parts.append(part)
            self._bytes += len(part)
            if self._bytes > self.limits.megabytes * 1e6:
                problem = f"more than {self.limits.megabytes:g} MB in all"
                raise SourceError(_shown(url), problem, advice="allow more with --megabytes")
            self._demand_time(url)
        # A body that ends too early: read1 says nothing of it.
        if isinstance(stream, HTTPResponse) and stream.length:
            raise SourceError(
                _shown(url), f"broke off: {stream.length} bytes are missing", advice="try again later"
            )
        return b"".join(parts)

    def _file(self, url: str) -> Response:
        started, path = now(), path_of(url)
        try:
            with path.open("rb") as stream:
                body = self._body(url, stream)
        except FileNotFoundError as error:
            raise NotThere(path, "is not there") from error
        except OSError as error:
            raise SourceError(path, f"can't be read: {error.strerror}") from error
        return Response(url, url, None, "application/octet-stream", body, None, None, None, started, now())

    def _patience(self) -> float:
        return max(min(self.limits.pause, self._end - time.monotonic()), 0.01)

    def _demand_time(self, url: str) -> None:
        if time.monotonic() > self._end:
            problem = f"took longer than {self.limits.seconds:g} s in all"
            raise SourceError(_shown(url), problem, advice="allow more with --seconds")

    def _timed_out(self, url: str) -> SourceError:
        return SourceError(_shown(url), f"said nothing for {self.limits.pause:g} s", advice="try again later")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """A few, none out of http(s), and none to other origins than those in `within`, if that is given."""

    max_redirections = _REDIRECTS
    within: Collection[Origin] | None = None

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """As the standard library does; ftp is refused too."""
        if urlsplit(newurl).scheme not in ("http", "https"):
            raise SourceError(req.full_url, f"redirects to {newurl}, which is no http(s) address")
        if self.within is not None and origin(newurl) not in self.within:
            raise Elsewhere(req.full_url, f"redirects to another host: {newurl}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def plain(url: str) -> str:
    """An address without fragment, with what no IRI may hold percent-encoded."""
    return quote(urldefrag(url.strip()).url, safe=_KEPT)


def origin(url: str) -> Origin:
    """Scheme, host and port (RFC 6454). Raises `SourceError` for a port that is none."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise SourceError(_shown(url), "no http(s) address", advice="name one") from error
    return parts.scheme, parts.hostname or "", port or {"http": 80, "https": 443}.get(parts.scheme)


def path_of(url: str) -> Path:
    """The path behind a `file:` address."""
    return Path(unquote(urlsplit(url).path))


def now() -> str:
    """The time as xsd:dateTime."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _shown(url: str) -> str:
    """An address in a message: one with a query in SPARQL is pages long."""
    return url if len(url) <= _SHOWN else f"{url[:_SHOWN]}…"


def _response(
    url: str, final: str, status: int, headers: Message, body: bytes, started: str, *, unread: bool = False
) -> Response:
    return Response(
        url=url,
        final=plain(final),
        status=status,
        media_type=headers.get_content_type() if "Content-Type" in headers else "application/octet-stream",
        body=body,
        etag=headers.get("ETag"),
        modified=headers.get("Last-Modified"),
        link=", ".join(headers.get_all("Link", [])) or None,
        started=started,
        ended=now(),
        unread=unread,
    )


def _retry_after(error: urllib.error.HTTPError) -> float | None:
    """The seconds that a busy server asks to wait (RFC 9110, 10.2.3), if they are few."""
    said = error.headers.get("Retry-After", "")
    if error.code not in _BUSY or not said.isdecimal() or int(said) > _LONGEST_WAIT:
        return None
    return float(said)


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
