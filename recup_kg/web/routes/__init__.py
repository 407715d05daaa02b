"""What the service answers: one module of this folder for each topic, found by looking into the folder.

Each has `routes(service) -> list[BaseRoute]`, and `ORDER`, a number: those that take any path come last.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from recup_kg.web.service import Service


class Topic(Protocol):
    """What a module of this folder offers."""

    ORDER: int

    def routes(self, service: Service) -> list[BaseRoute]:
        """The routes of the topic."""
        ...


def all_routes(service: Service) -> list[BaseRoute]:
    """The routes of all topics."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_")
    topics = [cast(Topic, importlib.import_module(f"{__name__}.{name}")) for name in names]
    return [
        route for topic in sorted(topics, key=lambda topic: topic.ORDER) for route in topic.routes(service)
    ]
