"""Which of the offered media types a client gets (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header


def chosen(accept: str | None, offered: Sequence[str]) -> str | None:
    """The media type of the offered ones that a client likes best, the earlier where it likes two the same.

    The first where the client says nothing; None where it accepts none of them.
    """
    if not accept:
        return offered[0]
    return parse_accept_header(accept, MIMEAccept).best_match(offered)
