"""The SPARQL 1.1 Graph Store HTTP Protocol at `/graphs`: https://www.w3.org/TR/sparql11-http-rdf-update/."""

from __future__ import annotations

import hashlib
import secrets
import tempfile
from pathlib import Path

import pyoxigraph
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_etags, parse_options_header

from recup_kg.web.answers import answered
from recup_kg.web.authority import demand_token
from recup_kg.web.changing import RDF_IN
from recup_kg.web.messages import DeleteGraph, ReadGraph, WriteGraph
from recup_kg.web.negotiation import GRAPH, chosen
from recup_kg.web.problems import Problem
from recup_kg.web.requests import content_type
from recup_kg.web.service import Service

ORDER = 20

_MULTIPART = "multipart/form-data"


def routes(service: Service) -> list[BaseRoute]:
    """`/graphs?graph=IRI` and `/graphs?default`; a graph whose IRI is its own address; POST to `/graphs` makes one of these."""

    async def graphs(request: Request) -> Response:
        if request.method == "POST" and not request.query_params:
            demand_token(request.headers, service.settings.token)
            address = f"{service.settings.base}/graphs/{secrets.token_hex(8)}"
            made = await _write(service, request, address)
            made.headers["Location"] = address
            return made
        return await _on(request, _graph(request))

    async def direct(request: Request) -> Response:
        raw = (request.scope.get("raw_path") or request.url.path.encode()).decode("ascii", errors="replace")
        return await _on(request, f"{service.settings.base}{raw}")

    async def _on(request: Request, graph: str | None) -> Response:
        if request.method in ("GET", "HEAD"):
            return await _read(service, request, graph)
        demand_token(request.headers, service.settings.token)
        seconds = service.settings.limits.writing
        if request.method == "DELETE":
            return await answered(service, request, DeleteGraph(graph=graph, seconds=seconds))
        return await _write(service, request, graph)

    methods = ["GET", "PUT", "POST", "DELETE"]
    return [Route("/graphs", graphs, methods=methods), Route("/graphs/{rest:path}", direct, methods=methods)]


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
    media_type = content_type(request, (*RDF_IN, _MULTIPART))
    with tempfile.TemporaryDirectory(prefix="recup-graph-") as folder:
        path = Path(folder) / "body"
        with path.open("wb") as stream:
            async for part in request.stream():
                await run_in_threadpool(stream.write, part)
        files: tuple[tuple[str, str], ...] = ((str(path), media_type),)
        if media_type == _MULTIPART:
            files = await run_in_threadpool(_parts, request, path)
        job = WriteGraph(
            graph=graph,
            replace=request.method == "PUT",
            files=files,
            base=f"{service.settings.base}/graphs",
            seconds=service.settings.limits.writing,
        )
        return await answered(service, request, job)


def _parts(request: Request, body: Path) -> tuple[tuple[str, str], ...]:
    """The files of a form, each written beside the body, with their media types. Raises `Problem`."""
    _, options = parse_options_header(request.headers["content-type"])
    with body.open("rb") as stream:
        _, _, found = FormDataParser(silent=False).parse(stream, _MULTIPART, body.stat().st_size, options)
    written = []
    for number, item in enumerate(found.values()):
        media_type = (item.mimetype or "").lower()
        if media_type not in RDF_IN:
            raise Problem(415, f"a part is {media_type or 'of no type'}; it can be {', '.join(RDF_IN)}")
        path = body.with_name(f"part{number}")
        item.save(path)
        written.append((str(path), media_type))
    if not written:
        raise Problem(400, "the form has no file")
    return tuple(written)
