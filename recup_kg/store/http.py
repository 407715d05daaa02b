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
    """The body of a successful answer and its media type without parameters."""

    body: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Connection:
    """How to talk to a server; `timeout` in seconds, for each pause of the server."""

    endpoint: Endpoint
    timeout: float

    def send(
        self, method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer to a request. Raises `Refused` for an error status, `StoreError` where there is no answer."""
        fields = {**self._identification(), **(headers or {})}
        # The scheme is http or https: `open_store` has looked.
        request = urllib.request.Request(url, body, fields, method=method)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:  # noqa: S310
                return Answer(answer.read(), answer.headers.get_content_type())
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

    def _identification(self) -> dict[str, str]:
        headers = {"User-Agent": "recup-kg"}
        if self.endpoint.user is not None:
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
