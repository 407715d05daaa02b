"""From the answer of a worker to that of the service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from recup_kg.web.messages import Job
from recup_kg.web.negotiation import with_charset
from recup_kg.web.pool import Stopped
from recup_kg.web.service import Service

_AT_ONCE = 1 << 18
PARTIAL = "Recup-Partial"


async def answered(
    service: Service,
    request: Request,
    job: Job,
    media_type: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Have a worker do a job, and answer with what it found. The job is stopped when the client goes.

    It is complete before its first byte is sent: what exceeds a limit is never a short answer. Raises `Problem`.
    """
    try:
        answer = await service.pool.run(job, lambda: _gone(request))
    except Stopped:
        # Nobody reads it.
        return Response(status_code=499)
    kind = with_charset(media_type or answer.reply.media_type)
    fields = {"Vary": "Accept", **(headers or {}), "Content-Length": str(answer.reply.size)}
    if answer.reply.partial:
        fields[PARTIAL] = partial_field(answer.reply.partial)
    if isinstance(answer.body, bytes):
        return Response(answer.body, answer.reply.status, fields, kind)
    return StreamingResponse(_parts(answer.body), answer.reply.status, fields, kind)


def partial_field(failures: Sequence[tuple[str, str]]) -> str:
    """The peers that an answer lacks, as a list of strings with a parameter (RFC 9651): `"kit";reason="answered 500"`."""
    return ", ".join(f"{_quoted(peer)};reason={_quoted(reason)}" for peer, reason in failures)


def _quoted(text: str) -> str:
    printable = "".join(character if " " <= character <= "~" else "?" for character in text)
    return '"' + printable.replace("\\", "\\\\").replace('"', '\\"') + '"'


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _parts(stream: IO[bytes]) -> AsyncIterator[bytes]:
    with stream:
        while part := await run_in_threadpool(stream.read, _AT_ONCE):
            yield part
