"""The application that a server runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from recup_kg.web.guard import Guard
from recup_kg.web.problems import HANDLERS
from recup_kg.web.routes import all_routes
from recup_kg.web.service import Service
from recup_kg.web.settings import ServiceSettings

_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_CHANGING = ("PUT", "DELETE", "PATCH")
_READ_BY_SCRIPTS = ("ETag", "Link", "Location", "Retry-After", "Recup-Partial")


def application(settings: ServiceSettings) -> Starlette:
    """The ASGI application of a service."""
    service = Service(settings)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        service.pool.warm()
        try:
            yield
        finally:
            service.close()

    cors = Middleware(
        CORSMiddleware,
        allow_origins=settings.origins,
        allow_methods=_METHODS + (_CHANGING if settings.token else ()),
        allow_headers=("Authorization", "Content-Type", "Accept"),
        expose_headers=_READ_BY_SCRIPTS,
    )
    return Starlette(
        routes=all_routes(service),
        lifespan=lifespan,
        exception_handlers=HANDLERS,
        middleware=[Middleware(Guard, limits=settings.limits, token=settings.token), cors],
    )
