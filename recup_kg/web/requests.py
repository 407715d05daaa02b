"""What the SPARQL 1.1 Protocol reads in a request (https://www.w3.org/TR/sparql11-protocol/, 2.1 and 2.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl

from starlette.requests import Request
from werkzeug.http import parse_options_header

from recup_kg.web.problems import Problem

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
_UTF_8 = frozenset(("utf-8", "utf8", "us-ascii"))


@dataclass(frozen=True, slots=True)
class Operation:
    """A query or an update, and the dataset that the request says: of an update, the graphs of `using-graph-uri`.

    Both are None where it says none.
    """

    kind: Literal["query", "update"]
    text: str
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    format: str | None = None


async def operation(request: Request) -> Operation | None:
    """The operation that a request asks for; None for a GET that names none. Raises `Problem`."""
    parameters = _pairs(request.url.query.encode("ascii", "replace"), "the address")
    if request.method in ("GET", "HEAD"):
        if _values(parameters, "update"):
            raise Problem(400, "an update comes by POST")
        if not _values(parameters, "query"):
            return None
        return _operation("query", parameters)
    media_type = content_type(request, (FORM, QUERY, UPDATE))
    body = await request.body()
    if media_type == FORM:
        parameters = parameters + _pairs(body, "the form")
        asked = [kind for kind in ("query", "update") if _values(parameters, kind)]
        if len(asked) != 1:
            raise Problem(400, "the form needs one parameter query or update")
        return _operation("query" if asked == ["query"] else "update", parameters)
    kind: Literal["query", "update"] = "query" if media_type == QUERY else "update"
    if _values(parameters, "query") or _values(parameters, "update"):
        raise Problem(400, "the request has a query in its address and one in its body")
    return _operation(kind, [*parameters, (kind, _text(body))])


def content_type(request: Request, known: Sequence[str]) -> str:
    """The media type of the body. Raises `Problem` where it is none of the known ones, or says another charset than UTF-8."""
    said, options = parse_options_header(request.headers.get("content-type", ""))
    if said.lower() not in known:
        raise Problem(415, f"Content-Type is {said or 'missing'}; it can be {', '.join(known)}")
    if options.get("charset", "utf-8").lower() not in _UTF_8:
        raise Problem(415, f"the charset is {options['charset']}: it can be UTF-8 only")
    return said.lower()


def _operation(kind: Literal["query", "update"], parameters: list[tuple[str, str]]) -> Operation:
    texts = _values(parameters, kind)
    if len(texts) > 1:
        raise Problem(400, f"the request has {len(texts)} parameters {kind}: it can have one")
    default, named = (
        ("default-graph-uri", "named-graph-uri")
        if kind == "query"
        else ("using-graph-uri", "using-named-graph-uri")
    )
    default_graphs, named_graphs = _values(parameters, default), _values(parameters, named)
    formats = _values(parameters, "format")
    said = bool(default_graphs or named_graphs)
    return Operation(
        kind,
        texts[0],
        tuple(default_graphs) if said else None,
        tuple(named_graphs) if said else None,
        formats[0] if formats else None,
    )


def _values(parameters: Sequence[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in parameters if key == name]


def _pairs(data: bytes, where: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(data.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError as error:
        raise Problem(400, f"{where} is not percent-encoded UTF-8") from error


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Problem(400, f"the body is not UTF-8: {error.reason} at byte {error.start}") from error
