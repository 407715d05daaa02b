"""What can be fetched of a dataset: its bundles as they lie in the store, and each export format, made on demand."""

from __future__ import annotations

import asyncio
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route
from werkzeug.http import dump_options_header, parse_etags

from recup_kg import __version__, exports
from recup_kg.catalog import addresses
from recup_kg.catalog.datasets import BUNDLE, Dataset, Distribution
from recup_kg.errors import UsageError
from recup_kg.exports import ExportOptions
from recup_kg.store import Store
from recup_kg.web.negotiation import with_charset
from recup_kg.web.problems import Problem, busy
from recup_kg.web.routes.catalogue import dataset_of
from recup_kg.web.service import Service

ORDER = 61


def routes(service: Service) -> list[BaseRoute]:
    """`/download/SLUG/FORMAT/NAME`."""
    # Each one at work holds a thread and the text of a run.
    places = asyncio.Semaphore(service.settings.limits.concurrent)

    async def download(request: Request) -> Response:
        item, form = await service.read(lambda store: _found(store, request))
        fields = _headers(service, item, form)
        if parse_etags(request.headers.get("if-none-match")).contains_weak(fields["ETag"].strip('"')):
            return Response(status_code=304, headers=fields)
        if form.format == BUNDLE:
            return FileResponse(
                Path(service.settings.location) / "bundles" / form.name,
                headers=fields,
                media_type=form.packing,
            )
        media_type = with_charset(form.packing or form.media_type)
        if request.method == "HEAD":
            return Response(headers={**fields, "Content-Type": media_type})
        if places.locked():
            raise busy("too many exports are being made")
        async with places:
            body = await service.read(lambda store: _made(store, item, form))
        return Response(body, headers={**fields, "Content-Type": media_type})

    return [Route("/download/{slug}/{format}/{name}", download)]


def _found(store: Store, request: Request) -> tuple[Dataset, Distribution]:
    item = dataset_of(store, request.path_params["slug"])
    wanted = request.path_params["format"], request.path_params["name"]
    for form in item.distributions:
        if (form.format, form.name) == wanted:
            return item, form
    raise Problem(404, "the dataset has no such form")


def _made(store: Store, item: Dataset, form: Distribution) -> bytes:
    try:
        return exports.write(store, item.entry, form.format, ExportOptions(zipped=form.packing is not None))
    except UsageError as error:
        raise Problem(404, str(error)) from error


def _headers(service: Service, item: Dataset, form: Distribution) -> dict[str, str]:
    """What is made depends on the content, on the format and on our version, so these name it before it is made."""
    tag = form.sha256 or f"{item.version}-{form.format}-{__version__}"
    dataset = addresses.dataset(service.settings.base, item.slug)
    return {
        "ETag": f'"{tag}"',
        "Cache-Control": "no-cache",
        "Content-Disposition": dump_options_header("attachment", {"filename": form.name}),
        "Link": f'<{dataset}>; rel="collection"; type="text/html"',
    }
