"""The SPARQL endpoint: queries, updates for those with a token, and what the service says of itself."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from recup_kg.errors import QueryError
from recup_kg.web.answers import answered
from recup_kg.web.messages import AskQuery
from recup_kg.web.negotiation import GRAPH, SHORT, TABULAR, chosen
from recup_kg.web.problems import Problem
from recup_kg.web.requests import Operation, operation
from recup_kg.web.service import Service
from recup_kg.web.sparql_text import has_dataset, joined, tamed, tokens

ORDER = 10


def routes(service: Service) -> list[BaseRoute]:
    """`/sparql`."""

    async def sparql(request: Request) -> Response:
        asked = await operation(request)
        if asked is None:
            raise Problem(400, "no query")
        if asked.kind == "update":
            raise Problem(403, "this service can't be written to")
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
    if any(token.keyword == "SERVICE" for token in found):
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
    )
    return await answered(service, request, job)


def _formats(request: Request, asked: Operation) -> tuple[str | None, str | None]:
    accept = request.headers.get("accept")
    if asked.format is not None:
        accept = SHORT.get(asked.format, asked.format)
    return chosen(accept, list(TABULAR)), chosen(accept, list(GRAPH))
