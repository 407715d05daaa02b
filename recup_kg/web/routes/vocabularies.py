"""The vocabularies of this package at `/ontology` and the like: what `https://w3id.org/recup/ontology#...` stands for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyoxigraph
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from werkzeug.http import parse_etags

from recup_kg.resources import path
from recup_kg.vocab import PREFIXES
from recup_kg.web.negotiation import JSON_LD, NTRIPLES, TURTLE, chosen, with_charset
from recup_kg.web.problems import Problem
from recup_kg.web.service import Service

ORDER = 70

FILES: Mapping[str, str] = {"ontology": "recup.ttl", "darshan": "darshan.ttl", "nextflow": "nextflow.ttl"}
_ENDINGS: Mapping[str, str] = {"ttl": TURTLE, "jsonld": JSON_LD, "nt": NTRIPLES}
_RDF = {JSON_LD: pyoxigraph.RdfFormat.JSON_LD, NTRIPLES: pyoxigraph.RdfFormat.N_TRIPLES}


def routes(service: Service) -> list[BaseRoute]:
    """`/ontology`, `/darshan`, `/nextflow`, in the format that the client likes best, and each with an ending."""

    def negotiated(request: Request) -> Response:
        name = request.url.path.rpartition("/")[2]
        best = chosen(request.headers.get("accept"), list(_ENDINGS.values()))
        if best is None:
            raise Problem(406, f"there is {', '.join(_ENDINGS.values())}", {"Vary": "Accept"})
        ending = next(key for key, media_type in _ENDINGS.items() if media_type == best)
        location = f"{service.settings.base}/{name}.{ending}"
        return _document(request, name, best, {"Vary": "Accept", "Content-Location": location})

    def fixed(request: Request) -> Response:
        name, _, ending = request.url.path.rpartition("/")[2].rpartition(".")
        return _document(request, name, _ENDINGS[ending], {})

    found: list[BaseRoute] = [Route(f"/{name}", negotiated) for name in FILES]
    return found + [Route(f"/{name}.{ending}", fixed) for name in FILES for ending in _ENDINGS]


def _document(request: Request, name: str, media_type: str, headers: Mapping[str, str]) -> Response:
    body = _written(name, media_type)
    tag = hashlib.sha256(body).hexdigest()[:32]
    fields = {**headers, "ETag": f'"{tag}"', "Cache-Control": "no-cache"}
    if parse_etags(request.headers.get("if-none-match")).contains_weak(tag):
        return Response(status_code=304, headers=fields)
    return Response(body, headers={**fields, "Content-Type": with_charset(media_type)})


def _written(name: str, media_type: str) -> bytes:
    file = path("ontology") / FILES[name]
    if media_type == TURTLE:
        # The file as it is keeps its order and its comments.
        return file.read_bytes()
    return pyoxigraph.serialize(_numbered(file), format=_RDF[media_type], prefixes=PREFIXES) or b""


def _numbered(file: Path) -> Iterator[pyoxigraph.Triple]:
    """The triples of a file; blank nodes, which a parser names at random, are numbered: the same bytes at each request."""
    names: dict[pyoxigraph.BlankNode, pyoxigraph.BlankNode] = {}

    def named(node: pyoxigraph.BlankNode) -> pyoxigraph.BlankNode:
        return names.setdefault(node, pyoxigraph.BlankNode(f"b{len(names)}"))

    for quad in pyoxigraph.parse(path=file):
        start, end = quad.subject, quad.object
        yield pyoxigraph.Triple(
            named(start) if isinstance(start, pyoxigraph.BlankNode) else start,
            quad.predicate,
            named(end) if isinstance(end, pyoxigraph.BlankNode) else end,
        )
