"""The SPARQL 1.1 Graph Store HTTP Protocol at `/graphs`: https://www.w3.org/TR/sparql11-http-rdf-update/."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import pyoxigraph
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from werkzeug.http import parse_etags

from recup_kg.web.answers import answered
from recup_kg.web.authority import demand_token
from recup_kg.web.changing import RDF_IN
from recup_kg.web.messages import DeleteGraph, ReadGraph, WriteGraph
from recup_kg.web.negotiation import GRAPH, chosen
from recup_kg.web.problems import Problem
from recup_kg.web.requests import content_type
from recup_kg.web.service import Service

ORDER = 20


def routes(service: Service) -> list[BaseRoute]:
    """`/graphs?graph=IRI` and `/graphs?default`."""

    async def graphs(request: Request) -> Response:
        graph = _graph(request)
        if request.method in ("GET", "HEAD"):
            return await _read(service, request, graph)
        demand_token(request.headers, service.settings.token)
        seconds = service.settings.limits.writing
        if request.method == "DELETE":
            return await answered(service, request, DeleteGraph(graph=graph, seconds=seconds))
        return await _write(service, request, graph)

    return [Route("/graphs", graphs, methods=["GET", "PUT", "POST", "DELETE"])]


def _graph(request: Request) -> str | None:
    """The IRI of the graph that a request is about, None for the default graph. Raises `Problem`."""
    named = request.query_params.getlist("graph")
    default = "default" in request.query_params
    if len(named) + default != 1:
        raise Problem(400, "say which graph: ?graph=IRI or ?default")
    if default:
        return None
    try:
        return pyoxigraph.NamedNode(named[0]).value
    except ValueError as error:
        raise Problem(400, "graph is no absolute IRI") from error


async def _read(service: Service, request: Request, graph: str | None) -> Response:
    best = chosen(request.headers.get("accept"), list(GRAPH))
    if best is None:
        raise Problem(406, f"there is {', '.join(GRAPH)}", {"Vary": "Accept"})
    tag = hashlib.sha256(f"{service.state()} {graph} {best}".encode()).hexdigest()[:32]
    headers = {"ETag": f'W/"{tag}"', "Cache-Control": "no-cache"} if service.state() else {}
    if headers and parse_etags(request.headers.get("if-none-match")).contains_weak(tag):
        return Response(status_code=304, headers={**headers, "Vary": "Accept"})
    limits = service.settings.limits
    job = ReadGraph(graph=graph, media_type=GRAPH[best], seconds=limits.seconds, answer=limits.answer)
    return await answered(service, request, job, best, headers)


async def _write(service: Service, request: Request, graph: str | None) -> Response:
    media_type = content_type(request, tuple(RDF_IN))
    with tempfile.TemporaryDirectory(prefix="recup-graph-") as folder:
        path = Path(folder) / "body"
        with path.open("wb") as stream:
            async for part in request.stream():
                await run_in_threadpool(stream.write, part)
        job = WriteGraph(
            graph=graph,
            replace=request.method == "PUT",
            files=((str(path), media_type),),
            base=f"{service.settings.base}/graphs",
            seconds=service.settings.limits.writing,
        )
        return await answered(service, request, job)
