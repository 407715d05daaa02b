"""The SPARQL endpoint: queries, updates for those with a token, and what the service says of itself."""

from __future__ import annotations

from urllib.parse import urlsplit

import pyoxigraph
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from recup_kg.errors import QueryError
from recup_kg.sparql_text import has_dataset, joined, tamed, tokens
from recup_kg.web.answers import answered
from recup_kg.web.authority import demand_token
from recup_kg.web.guard import page_headers
from recup_kg.web.messages import AskQuery, Update
from recup_kg.web.negotiation import (
    GRAPH,
    HTML,
    JSON_LD,
    NTRIPLES,
    RDF_XML,
    SHORT,
    TABULAR,
    TURTLE,
    chosen,
    with_charset,
)
from recup_kg.web.problems import Problem
from recup_kg.web.requests import Operation, operation
from recup_kg.web.service import Service
from recup_kg.web.service_description import PREFIXES, triples
from recup_kg.web.things.html import form_page

ORDER = 10

_DESCRIPTIONS = {
    TURTLE: pyoxigraph.RdfFormat.TURTLE,
    JSON_LD: pyoxigraph.RdfFormat.JSON_LD,
    NTRIPLES: pyoxigraph.RdfFormat.N_TRIPLES,
    RDF_XML: pyoxigraph.RdfFormat.RDF_XML,
}


def routes(service: Service) -> list[BaseRoute]:
    """`/sparql`."""

    async def sparql(request: Request) -> Response:
        asked = await operation(request)
        if asked is None:
            return await _description(service, request)
        if asked.kind == "update":
            demand_token(request.headers, service.settings.token)
            return await _update(service, request, asked)
        return await _query(service, request, asked)

    return [Route("/sparql", sparql, methods=["GET", "POST"])]


async def _query(service: Service, request: Request, asked: Operation) -> Response:
    settings, limits = service.settings, service.settings.limits
    tabular, graph = _formats(request, asked)
    if tabular is None and graph is None:
        raise Problem(406, f"there is {', '.join((*TABULAR, *GRAPH))}")
    try:
        found = tamed(tokens(asked.text), "service")
    except QueryError as error:
        raise Problem(400, str(error)) from error
    asks_peers = any(token.keyword == "SERVICE" for token in found)
    if asks_peers and not settings.federated:
        raise Problem(403, "SERVICE calls no other endpoint from here")
    said = asked.default_graphs is not None
    job = AskQuery(
        text=joined(found),
        base=f"{settings.base}/sparql",
        default_graphs=asked.default_graphs,
        named_graphs=asked.named_graphs,
        union=not (said or has_dataset(found)),
        tabular=TABULAR[tabular] if tabular else None,
        graph=GRAPH[graph] if graph else None,
        rows=limits.rows,
        seconds=limits.seconds,
        answer=limits.answer,
        peer_seconds=limits.peer_seconds if asks_peers else None,
        peer_size=limits.peer_size,
    )
    return await answered(service, request, job)


async def _update(service: Service, request: Request, asked: Operation) -> Response:
    job = Update(
        text=asked.text,
        base=f"{service.settings.base}/sparql",
        using=asked.default_graphs or (),
        using_named=asked.named_graphs or (),
        seconds=service.settings.limits.writing,
    )
    return await answered(service, request, job)


async def _description(service: Service, request: Request) -> Response:
    """What the endpoint says of itself; a browser gets a form."""
    best = chosen(request.headers.get("accept"), [*_DESCRIPTIONS, HTML])
    if best is None:
        raise Problem(406, f"there is {', '.join((*_DESCRIPTIONS, HTML))}", {"Vary": "Accept"})
    headers = {"Vary": "Accept"}
    if best == HTML:
        text = form_page(urlsplit(service.settings.base).path)
        return Response(text, headers={**headers, **page_headers(), "Content-Type": with_charset(HTML)})
    graphs = await service.read(lambda store: store.graphs())
    found = triples(f"{service.settings.base}/sparql", graphs, federated=service.settings.federated)
    body = pyoxigraph.serialize(found, format=_DESCRIPTIONS[best], prefixes=PREFIXES) or b""
    return Response(body, headers={**headers, "Content-Type": with_charset(best)})


def _formats(request: Request, asked: Operation) -> tuple[str | None, str | None]:
    accept = request.headers.get("accept")
    if asked.format is not None:
        accept = SHORT.get(asked.format, asked.format)
    return chosen(accept, list(TABULAR)), chosen(accept, list(GRAPH))
