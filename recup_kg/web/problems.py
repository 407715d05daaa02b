"""Why a request is refused, as the client is told: a status and one line of plain text (RFC 9110, 15)."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from recup_kg.errors import QueryError, RecupError, StoreBusy, StoreError, UnknownRun, UsageError

_LOG = logging.getLogger("recup_kg.web")
RETRY = "5"
"""Seconds after which a client that was sent away may come again."""


class Problem(HTTPException):
    """A request that is refused; `reason` is for the client."""

    def __init__(self, status: int, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, " ".join(reason.split()), dict(headers or {}))


def busy(reason: str) -> Problem:
    """The service has too much to do now."""
    return Problem(503, reason, {"Retry-After": RETRY})


def of_http(request: Request, error: Exception) -> Response:
    """The answer to a request that a route refused."""
    assert isinstance(error, HTTPException)
    text = error.detail or HTTPStatus(error.status_code).phrase
    return PlainTextResponse(f"{text}\n", error.status_code, dict(error.headers or {}))


def of_error(request: Request, error: Exception) -> Response:
    """The answer where one of our own errors came through: what the user can mend is said, what only we can is logged."""
    if isinstance(error, StoreBusy):
        return of_http(request, busy("the store is being written; try again"))
    if isinstance(error, UnknownRun):
        return of_http(request, Problem(404, str(error)))
    if isinstance(error, QueryError | UsageError):
        return of_http(request, Problem(400, str(error)))
    if isinstance(error, StoreError):
        _LOG.error("%s %s: %s", request.method, request.url.path, error)
        return of_http(request, Problem(503, "the store can't be read now; the log of the service says why"))
    return of_defect(request, error)


def of_defect(request: Request, error: Exception) -> Response:
    """The answer to what should not have happened: a number by which the log has it, and nothing else."""
    number = secrets.token_hex(4)
    _LOG.error("defect %s: %s %s", number, request.method, request.url.path, exc_info=error)
    return of_http(
        request, Problem(500, f"something went wrong here; the log of the service has it as {number}")
    )


HANDLERS = {HTTPException: of_http, RecupError: of_error, Exception: of_defect}
"""For `Starlette(exception_handlers=...)`."""
