"""The catalogue: `/catalog`, its datasets, what can be fetched of them, VoID, and a map of the site."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from recup_kg.catalog import addresses, schema_org
from recup_kg.catalog.datasets import Dataset, datasets, find, listed, slug_of
from recup_kg.catalog.dcat import Page, Profile, catalogue_triples, dataset_triples
from recup_kg.catalog.publication import Publication
from recup_kg.catalog.void import count_triples, void_triples
from recup_kg.store import Store
from recup_kg.web.catalogue.html import catalogue_page, dataset_page
from recup_kg.web.catalogue.signposts import link_header, linkset
from recup_kg.web.documents import FORMS, form_of, graph_answer, page_answer
from recup_kg.web.problems import Problem
from recup_kg.web.service import Service

ORDER = 60
SIZE = 100
"""Number of datasets on a page of the catalogue."""
_PROFILES = ("dcat-ap", "fdp")
_MOST_URLS = 50_000


def routes(service: Service) -> list[BaseRoute]:
    """`/catalog`, `/dataset/SLUG`, `/linkset/SLUG`, `/.well-known/void`, `/sitemap.xml`."""
    site = _Site(service)
    return [
        Route("/catalog", site.catalogue),
        Route("/dataset/{slug}", site.dataset),
        Route("/linkset/{slug}", site.linkset),
        Route("/.well-known/void", site.void),
        Route("/sitemap.xml", site.sitemap),
    ]


class _Site:
    def __init__(self, service: Service) -> None:
        self._service = service
        self._counted: tuple[str, int] | None = None

    @property
    def _base(self) -> str:
        return self._service.settings.base

    @property
    def _root(self) -> str:
        return urlsplit(self._base).path

    async def catalogue(self, request: Request) -> Response:
        """A page of the catalogue."""
        form, profile, number = form_of(request), _profile(request), _number(request)
        publication, page = await self._service.read(lambda store: self._page(store, number))
        if number > page.last:
            raise Problem(404, f"there is no such page; the last is {page.last}")
        if form == "html":
            text = catalogue_page(
                publication, page, schema_org.catalogue_document(publication, page), self._root
            )
            return page_answer(request, text, self._alternates(addresses.catalogue(self._base)))
        triples = catalogue_triples(publication, page, profile)
        return graph_answer(request, triples, form, addresses.catalogue(self._base))

    async def dataset(self, request: Request) -> Response:
        """What is said of a dataset."""
        form, profile = form_of(request), _profile(request)
        publication, item = await self._found(request)
        links = link_header(publication, item, request.query_params.get("format"))
        if form == "html":
            text = dataset_page(publication, item, schema_org.dataset_document(publication, item), self._root)
            return page_answer(request, text, links)
        triples = dataset_triples(publication, item, profile)
        return graph_answer(request, triples, form, addresses.dataset(self._base, item.slug), links)

    async def linkset(self, request: Request) -> Response:
        """The links of a dataset, of its documents and of what can be fetched (RFC 9264)."""
        publication, item = await self._found(request)
        return JSONResponse(linkset(publication, item), media_type="application/linkset+json")

    async def void(self, request: Request) -> Response:
        """The description of the store."""
        form = form_of(request)
        form = "turtle" if form == "html" else form
        publication, triples, example = await self._service.read(self._counts)
        found = void_triples(publication, triples, example)
        return graph_answer(request, found, form, f"{self._base}/.well-known/void#store")

    async def sitemap(self, request: Request) -> Response:
        """The addresses of the datasets: https://www.sitemaps.org/protocol.html."""
        entries = await self._service.read(listed)
        found = [addresses.catalogue(self._base)]
        found += [addresses.dataset(self._base, slug_of(entry)) for entry in entries[: _MOST_URLS - 1]]
        urls = "".join(f"<url><loc>{escape(address)}</loc></url>\n" for address in found)
        space = "http://www.sitemaps.org/schemas/sitemap/0.9"
        text = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{space}">\n{urls}</urlset>\n'
        return Response(text, media_type="application/xml")

    def _page(self, store: Store, number: int) -> tuple[Publication, Page]:
        entries = listed(store)
        chosen = entries[number * SIZE : (number + 1) * SIZE]
        return self._service.publication(), Page(datasets(store, chosen), number, SIZE, len(entries))

    async def _found(self, request: Request) -> tuple[Publication, Dataset]:
        slug = request.path_params["slug"]
        return await self._service.read(lambda store: (self._service.publication(), dataset_of(store, slug)))

    def _counts(self, store: Store) -> tuple[Publication, int, str | None]:
        state = self._service.state()
        if self._counted is None or self._counted[0] != state or not state:
            self._counted = state, count_triples(store)
        entries = listed(store)
        return self._service.publication(), self._counted[1], entries[0].described if entries else None

    def _alternates(self, address: str) -> str:
        return ", ".join(
            f'<{address}?format={form}>; rel="describedby"; type="{media_type}"'
            for form, media_type in FORMS.items()
            if form != "html"
        )


def dataset_of(store: Store, slug: str) -> Dataset:
    """The dataset of that name. Raises `Problem`."""
    entry = find(store, slug)
    if entry is None:
        raise Problem(404, "the store has no such dataset")
    return datasets(store, [entry])[0]


def _profile(request: Request) -> Profile:
    given = request.query_params.get("profile", "dcat-ap")
    if given not in _PROFILES:
        raise Problem(400, f"no profile {given}; there are: {', '.join(_PROFILES)}")
    return cast(Profile, given)


def _number(request: Request) -> int:
    text = request.query_params.get("page", "0")
    if not text.isdecimal() or len(text) > 6:
        raise Problem(400, "page is a number from 0")
    return int(text)
