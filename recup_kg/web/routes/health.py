"""`/health`: whether the service can answer, for those who watch it. It tells nothing of the machine."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from recup_kg import __version__
from recup_kg.errors import RecupError
from recup_kg.store import Store, registry
from recup_kg.web.service import Service

ORDER = 95


def routes(service: Service) -> list[BaseRoute]:
    """`/health`: 200 where the store can be read, else 503."""

    async def health(request: Request) -> Response:
        try:
            said = {"status": "ok", "version": __version__, "runs": await service.read(_runs)}
        except RecupError:
            said = {"status": "the store can't be read", "version": __version__}
            return JSONResponse(said, 503, {"Cache-Control": "no-store"})
        return JSONResponse(said, headers={"Cache-Control": "no-store"})

    return [Route("/health", health)]


def _runs(store: Store) -> int:
    return len(registry.runs(store.registry()))
