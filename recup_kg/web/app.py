"""The application that a server runs."""

from __future__ import annotations

from starlette.applications import Starlette

from recup_kg.web.routes import all_routes
from recup_kg.web.service import Service
from recup_kg.web.settings import ServiceSettings


def application(settings: ServiceSettings) -> Starlette:
    """The ASGI application of a service."""
    return Starlette(routes=all_routes(Service(settings)))
