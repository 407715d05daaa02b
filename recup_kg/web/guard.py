"""What every request meets first: limits of its size and of its patience, headers of security, a line in the log."""

from __future__ import annotations

import asyncio
import logging
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recup_kg.web.authority import has_token
from recup_kg.web.problems import Problem
from recup_kg.web.settings import Limits

ACCESS = logging.getLogger("recup_kg.web.access")
NO_SCRIPTS = "default-src 'none'; frame-ancestors 'none'"
_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Content-Security-Policy", NO_SCRIPTS),
)


def page_headers(*, styles: bool = True, forms: bool = True) -> dict[str, str]:
    """Headers of an HTML page of ours: no script, nothing from elsewhere; styles and pictures from here, forms to here."""
    policy = ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"]
    if styles:
        policy += ["style-src 'self'", "img-src 'self' data:"]
    policy.append("form-action 'self'" if forms else "form-action 'none'")
    return {"Content-Security-Policy": "; ".join(policy)}


class Guard:
    """ASGI middleware. It holds no request in memory."""

    def __init__(self, app: ASGIApp, limits: Limits, token: str | None) -> None:
        self._app = app
        self._limits = limits
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.monotonic()
        passage = _Passage(scope, receive, send, self._limits, self._token)
        try:
            refusal = passage.refusal()
            if refusal is not None:
                answer = PlainTextResponse(f"{refusal.detail}\n", refusal.status_code)
                await answer(scope, passage.receive, passage.send)
            else:
                await self._app(scope, passage.receive, passage.send)
        finally:
            client = scope.get("client") or ("-",)
            took = (time.monotonic() - begun) * 1000
            line = "%s %s %s %s %d B %.0f ms"
            # Addresses hold queries, which are nobody's business.
            path = scope["path"].encode("unicode_escape").decode()[:200]
            ACCESS.info(line, client[0], scope["method"], path, passage.status or "-", passage.sent, took)


class _Passage:
    def __init__(self, scope: Scope, receive: Receive, send: Send, limits: Limits, token: str | None) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._limits = limits
        self._headers = Headers(scope=scope)
        self._most = limits.upload if has_token(self._headers, token) else limits.body
        self._received = 0
        self._complete = False
        self.status: int | None = None
        self.sent = 0

    def refusal(self) -> Problem | None:
        """Why the request is refused before anything of its body is read."""
        address = len(self._scope.get("raw_path") or b"") + len(self._scope.get("query_string", b""))
        if address > self._limits.address:
            return Problem(
                414, f"the address has {address:,} bytes, more than {self._limits.address:,}: use POST"
            )
        size = self._headers.get("content-length", "0")
        if not size.isdecimal():
            return Problem(400, "Content-Length is no number")
        return self._too_long() if int(size) > self._most else None

    async def receive(self) -> Message:
        """The next part of the body. Raises `Problem` where it is too long, or does not come."""
        if self._complete:
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), self._limits.patience)
        except TimeoutError as error:
            raise Problem(
                408, f"nothing came for {self._limits.patience:g} s", {"Connection": "close"}
            ) from error
        self._received += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._received > self._most:
            raise self._too_long()
        return message

    async def send(self, message: Message) -> None:
        """Send a part of the answer. Raises `TimeoutError` where the client takes nothing: the connection ends then."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS:
                headers.setdefault(name, value)
        self.sent += len(message.get("body", b""))
        await asyncio.wait_for(self._send(message), self._limits.patience)

    def _too_long(self) -> Problem:
        return Problem(
            413,
            f"the request is longer than the {self._most:,} bytes that it may have",
            {"Connection": "close"},
        )
