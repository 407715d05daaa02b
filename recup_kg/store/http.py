"""HTTP requests whose failures are one line.

The standard library is enough, and it honours the proxies of a site: the SPARQL protocols are one POST and one PUT.
SPARQLWrapper speaks no Graph Store Protocol; httpx would be one more dependency.
"""

from __future__ import annotations

import base64
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException

from recup_kg.errors import StoreError
from recup_kg.store.endpoint import Endpoint

_SHOWN = 300


class Refused(Exception):
    """The server answered with an error status; `reason` is what it said, on one line."""

    def __init__(self, url: str, status: int, reason: str) -> None:
        self.status = status
        self.reason = reason
        super().__init__(f"{url} answered {status}: {reason}")


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of a successful answer, its media type without parameters, and what the server calls itself."""

    body: bytes
    media_type: str
    server: str = ""


@dataclass(frozen=True, slots=True)
class Connection:
    """How to talk to a server; `timeout` in seconds, for each pause of the server.

    User and password go with each request (HTTP Basic); with `digest` only to the URLs for updates and graphs, in the form
    that the server asks for (RFC 7616).
    """

    endpoint: Endpoint
    timeout: float
    digest: bool = False

    def send(
        self, method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer to a request. Raises `Refused` for an error status, `StoreError` where there is no answer."""
        fields = {**self._identification(), **(headers or {})}
        # The scheme is http or https: `open_store` has looked.
        request = urllib.request.Request(url, body, fields, method=method)  # noqa: S310
        try:
            request.headers.update(self._digest(method, url))
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:  # noqa: S310
                server = answer.headers.get("Server", "")
                return Answer(answer.read(), answer.headers.get_content_type(), server)
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(url, error.code, _reason(error)) from error
        except TimeoutError as error:
            raise self._timed_out(url) from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, TimeoutError):
                raise self._timed_out(url) from error
            raise StoreError(
                f"{url} can't be reached: {_text(error.reason)}; is the server running?"
            ) from error
        except (HTTPException, OSError) as error:
            raise StoreError(f"{url} broke off: {_text(error)}") from error

    def _digest(self, method: str, url: str) -> dict[str, str]:
        """What answers the challenge of a server that wants HTTP Digest authentication; nothing where it wants none.

        Asked for without a body: a server that refuses a request before it has read the body may cut the connection.
        """
        if self.endpoint.user is None or not self.digest or url == self.endpoint.query:
            return {}
        request = urllib.request.Request(url, b"", {"User-Agent": "recup-kg"}, method=method)  # noqa: S310
        try:
            urllib.request.urlopen(request, timeout=self.timeout).close()  # noqa: S310
        except urllib.error.HTTPError as error:
            with error:
                challenge = error.headers.get("WWW-Authenticate", "")
        else:
            return {}
        scheme, _, parameters = challenge.partition(" ")
        if scheme.lower() != "digest":
            return {}
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, url, self.endpoint.user, self.endpoint.password or "")
        handler = urllib.request.HTTPDigestAuthHandler(passwords)
        said = urllib.request.parse_keqv_list(list(filter(None, urllib.request.parse_http_list(parameters))))
        return {"Authorization": f"Digest {handler.get_authorization(request, said)}"}

    def _identification(self) -> dict[str, str]:
        headers = {"User-Agent": "recup-kg"}
        if self.endpoint.user is not None and not self.digest:
            pair = f"{self.endpoint.user}:{self.endpoint.password or ''}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return headers

    def _timed_out(self, url: str) -> StoreError:
        return StoreError(
            f"{url} did not answer within {self.timeout:g} s: the query is too much for it, or it hangs"
        )


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        body = error.read(4096).decode(errors="replace")
    except OSError:
        body = ""
    return " ".join(body.split())[:_SHOWN] or error.reason


def _text(error: object) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
