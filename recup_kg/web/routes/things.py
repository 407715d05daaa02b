"""Each IRI that the store holds, at an address of this site: things lead to documents about them (https://www.w3.org/TR/cooluris/)."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

import pyoxigraph
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from werkzeug.http import parse_etags

from recup_kg.vocab import PREFIXES
from recup_kg.web.guard import page_headers
from recup_kg.web.negotiation import HTML, JSON_LD, NTRIPLES, TURTLE, chosen, with_charset
from recup_kg.web.problems import Problem
from recup_kg.web.service import Service
from recup_kg.web.things.addresses import FORMATS, THINGS, document_address, iri_of_path
from recup_kg.web.things.description import Description, describe
from recup_kg.web.things.html import page as html_page
from recup_kg.web.things.html import style

ORDER = 80

_RDF = {
    TURTLE: pyoxigraph.RdfFormat.TURTLE,
    JSON_LD: pyoxigraph.RdfFormat.JSON_LD,
    NTRIPLES: pyoxigraph.RdfFormat.N_TRIPLES,
}
_LAST_PAGE = 1_000_000


def routes(service: Service) -> list[BaseRoute]:
    """`/run/…` and the like, `/resource`, `/doc/…`, and the style sheet."""

    async def thing(request: Request) -> Response:
        return await _see_document(service, request, _iri(request))

    async def document(request: Request) -> Response:
        form = request.path_params["form"]
        if form not in FORMATS:
            raise Problem(404, f"no format {form}; there are: {', '.join(FORMATS)}")
        return await _document(service, request, form)

    async def stylesheet(request: Request) -> Response:
        return _cached(request, style().encode(), "text/css", {})

    minted = [Route(f"/{kind}/{{rest:path}}", thing) for kind in THINGS]
    return [
        *minted,
        Route("/resource", thing),
        Route("/doc/{form}", document),
        Route("/doc/{form}/{rest:path}", document),
        Route("/static/pages.css", stylesheet),
    ]


def _iri(request: Request) -> str:
    """The IRI that a request asks about: in its path as it was sent, or in the parameter `iri`."""
    if "rest" not in request.path_params:
        given = request.query_params.get("iri")
        if not given:
            raise Problem(400, "say which: /resource?iri=IRI")
        return given
    raw = (request.scope.get("raw_path") or request.url.path.encode()).decode("ascii", errors="replace")
    form = request.path_params.get("form")
    return iri_of_path(raw.removeprefix(f"/doc/{form}/" if form else "/"))


def _page(request: Request) -> int:
    text = request.query_params.get("page", "0")
    if not text.isdecimal() or int(text) > _LAST_PAGE:
        raise Problem(400, "page is a number from 0")
    return int(text)


async def _found(service: Service, iri: str, page: int) -> Description:
    try:
        found = await service.read(lambda store: describe(store, iri, page))
    except ValueError as error:
        raise Problem(400, "that is no IRI") from error
    if found is None:
        raise Problem(404, "the store says nothing of that")
    if page and not found.incoming:
        raise Problem(404, "there is no such page")
    return found


async def _see_document(service: Service, request: Request, iri: str) -> Response:
    """303 See Other to the document that the client likes best: a run is no document."""
    await _found(service, iri, 0)
    best = chosen(request.headers.get("accept"), list(FORMATS.values()))
    if best is None:
        raise Problem(406, f"there is {', '.join(FORMATS.values())}", {"Vary": "Accept"})
    form = next(name for name, media_type in FORMATS.items() if media_type == best)
    address = service.settings.base + document_address(iri, form)
    return RedirectResponse(address, 303, {"Vary": "Accept", "Link": _links(service, iri, form)})


async def _document(service: Service, request: Request, form: str) -> Response:
    iri, page = _iri(request), _page(request)
    found = await _found(service, iri, page)
    headers = {"Link": _links(service, iri, form, found)}
    if form == "html":
        return _cached(
            request,
            html_page(found, urlsplit(service.settings.base).path).encode(),
            HTML,
            {**page_headers(), **headers},
        )
    prefixes = PREFIXES if form == "turtle" else None
    body = pyoxigraph.serialize(found.triples(), format=_RDF[FORMATS[form]], prefixes=prefixes) or b""
    return _cached(request, body, FORMATS[form], headers)


def _links(service: Service, iri: str, form: str, found: Description | None = None) -> str:
    """Signposting (https://signposting.org/FAIR/): what the thing is, and where its data are; the pages before and after."""
    base = service.settings.base
    links = (
        [f'<{base}{document_address(iri, "html")}>; rel="describedby"; type="{HTML}"']
        if form != "html"
        else []
    )
    links += [
        f'<{base}{document_address(iri, name)}>; rel="describedby"; type="{media_type}"'
        for name, media_type in FORMATS.items()
        if name not in ("html", form)
    ]
    if found is not None:
        quoted = pyoxigraph.NamedNode(iri).value.replace(">", "%3E")
        links.append(f'<{quoted}>; rel="{"cite-as" if form == "html" else "describes"}"')
        links += [f'<{kind}>; rel="type"' for kind in found.types if form == "html"]
        if found.page:
            links.append(f'<{base}{document_address(iri, form, found.page - 1)}>; rel="prev"')
        if found.more:
            links.append(f'<{base}{document_address(iri, form, found.page + 1)}>; rel="next"')
    return ", ".join(link for link in links if link.isascii())


def _cached(request: Request, body: bytes, media_type: str, headers: dict[str, str]) -> Response:
    """The body, or 304 where the client has it already (RFC 9110, 13.1.2)."""
    tag = hashlib.sha256(body).hexdigest()[:32]
    fields = {**headers, "ETag": f'"{tag}"', "Cache-Control": "no-cache"}
    if parse_etags(request.headers.get("if-none-match")).contains_weak(tag):
        return Response(status_code=304, headers=fields)
    return Response(body, headers={**fields, "Content-Type": with_charset(media_type)})
