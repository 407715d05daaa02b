"""The first page: the runs of the store, the newest first; for machines the root of the FAIR Data Point."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from recup_kg.api import runs
from recup_kg.api.values import Run
from recup_kg.catalog.dcat import repository_triples
from recup_kg.store import Store, registry
from recup_kg.web.documents import form_of, graph_answer
from recup_kg.web.guard import page_headers
from recup_kg.web.negotiation import HTML, with_charset
from recup_kg.web.problems import Problem
from recup_kg.web.service import Service
from recup_kg.web.things.addresses import FORMATS
from recup_kg.web.things.html import runs_page

ORDER = 90
PAGE = 50
"""Number of runs on one page."""


def routes(service: Service) -> list[BaseRoute]:
    """`/`."""

    async def home(request: Request) -> Response:
        number = _page(request)
        form = form_of(request)
        if form != "html":
            triples = await service.read(lambda _: list(repository_triples(service.publication())))
            return graph_answer(request, triples, form, service.settings.base + "/")
        found, count = await service.read(lambda store: _runs(store, number))
        if number and not found:
            raise Problem(404, "there is no such page")
        text = runs_page(found, count, number, PAGE, urlsplit(service.settings.base).path)
        return Response(
            text,
            headers={
                **page_headers(),
                "Content-Type": with_charset(HTML),
                "Vary": "Accept",
                "Link": _links(service),
            },
        )

    return [Route("/", home)]


def _links(service: Service) -> str:
    base = service.settings.base
    alternate = (
        f'<{base}/?format={form}>; rel="alternate"; type="{media_type}"'
        for form, media_type in FORMATS.items()
        if form != "html"
    )
    more = (f'<{base}/.well-known/void>; rel="describedby"', f'<{base}/catalog>; rel="item"')
    return ", ".join((*alternate, *more))


def _runs(store: Store, page: int) -> tuple[tuple[Run, ...], int]:
    """The runs of a page, and how many there are."""
    known = registry.runs(store.registry())[::-1]
    return runs.runs(store, known[page * PAGE : (page + 1) * PAGE]), len(known)


def _page(request: Request) -> int:
    text = request.query_params.get("page", "0")
    if not text.isdecimal() or len(text) > 6:
        raise Problem(400, "page is a number from 0")
    return int(text)
