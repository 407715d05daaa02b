"""A document in the format that the client likes best: RDF, or a page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

import pyoxigraph
from starlette.requests import Request
from starlette.responses import Response
from werkzeug.http import parse_etags

from recup_kg.catalog.namespaces import PREFIXES
from recup_kg.web.guard import page_headers
from recup_kg.web.negotiation import HTML, JSON_LD, NTRIPLES, TURTLE, chosen, with_charset
from recup_kg.web.problems import Problem

FORMS: Mapping[str, str] = {"turtle": TURTLE, "jsonld": JSON_LD, "ntriples": NTRIPLES, "html": HTML}
"""Names in `?format=` and their media types, the most liked first: who says nothing is a machine."""
_RDF = {
    "turtle": pyoxigraph.RdfFormat.TURTLE,
    "jsonld": pyoxigraph.RdfFormat.JSON_LD,
    "ntriples": pyoxigraph.RdfFormat.N_TRIPLES,
}


def form_of(request: Request) -> str:
    """The format that a request wants, by the parameter `format` or by the header Accept. Raises `Problem`."""
    given = request.query_params.get("format")
    if given is not None:
        if given not in FORMS:
            raise Problem(400, f"no format {given}; there are: {', '.join(FORMS)}")
        return given
    best = chosen(request.headers.get("accept"), list(FORMS.values()))
    if best is None:
        raise Problem(406, f"there is {', '.join(FORMS.values())}", {"Vary": "Accept"})
    return next(name for name, media_type in FORMS.items() if media_type == best)


def graph_answer(
    request: Request, triples: Iterable[pyoxigraph.Triple], form: str, subject: str, links: str = ""
) -> Response:
    """Triples about a subject, each once, in an RDF format."""
    unique = dict.fromkeys(triples)
    prefixes = PREFIXES if form == "turtle" else None
    body = pyoxigraph.serialize(unique, format=_RDF[form], prefixes=prefixes) or b""
    fields = {"Vary": "Accept", "Link": links or f'<{subject}>; rel="describes"'}
    return cached(request, body, FORMS[form], fields)


def page_answer(request: Request, text: str, links: str) -> Response:
    """A page."""
    return cached(request, text.encode(), HTML, {**page_headers(), "Vary": "Accept", "Link": links})


def cached(request: Request, body: bytes, media_type: str, headers: Mapping[str, str]) -> Response:
    """The body, or 304 where the client has it already (RFC 9110, 13.1.2)."""
    tag = hashlib.sha256(body).hexdigest()[:32]
    fields = {**headers, "ETag": f'"{tag}"', "Cache-Control": "no-cache"}
    if parse_etags(request.headers.get("if-none-match")).contains_weak(tag):
        return Response(status_code=304, headers=fields)
    return Response(body, headers={**fields, "Content-Type": with_charset(media_type)})
