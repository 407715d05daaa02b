"""Who may change the store: whoever has the token of the service (RFC 6750)."""

from __future__ import annotations

import hmac

from starlette.datastructures import Headers

from recup_kg.web.problems import Problem

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="recup"'}


def has_token(headers: Headers, token: str | None) -> bool:
    """Whether a request carries the token; False where the service has none. Takes the same time for every wrong one."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if token is None or scheme.lower() != "bearer":
        return False
    return hmac.compare_digest(given.strip().encode(), token.encode())


def demand_token(headers: Headers, token: str | None) -> None:
    """Raises `Problem` where a request may change nothing."""
    if token is None:
        raise Problem(403, "this service can't be written to")
    if not has_token(headers, token):
        raise Problem(401, "to change something, send the token: Authorization: Bearer TOKEN", _CHALLENGE)
