"""A service on a port of this machine, until it is told to stop."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable

import uvicorn

from recup_kg.api.access import MEMORY, Access
from recup_kg.errors import UsageError
from recup_kg.web.app import application
from recup_kg.web.settings import ServiceSettings

_KEEP_ALIVE = 15
"""Seconds that an idle connection stays open."""
_FINISHING = 10
"""Seconds that requests have to end when the service stops."""
_HEADERS = 64 * 1024
"""Bytes of the headers of a request; the address is part of them."""


def listening(host: str, port: int) -> socket.socket:
    """A socket on a port, any free one if it is 0. Raises `UsageError` where that can't be."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=512)
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UsageError(
            f"can't listen on {host} port {port}: {reason}; name another with --host and --port"
        ) from error


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a host name or address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def address(bound: socket.socket) -> str:
    """The http address of a socket."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def demand_store(location: str) -> None:
    """Raises `UsageError`, `StoreError` where there is no store that can be served."""
    if location == MEMORY:
        raise UsageError(
            "a store in memory is empty for every other process: serve a folder or a URL (--store)"
        )
    access = Access(location)
    try:
        access.reading().graphs()
    finally:
        access.close()


def serve(settings: ServiceSettings, bound: socket.socket, started: Callable[[], None]) -> None:
    """Answer requests until SIGTERM or Ctrl-C; `started` is called when the first can come."""
    config = uvicorn.Config(
        application(settings),
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_FINISHING,
        h11_max_incomplete_event_size=_HEADERS,
        http="h11",
        ws="none",
        lifespan="on",
    )
    _Server(config, started).run(sockets=[bound])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, told: Callable[[], None]) -> None:
        super().__init__(config)
        self._told = told

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        await super().startup(sockets)
        if self.started:
            self._told()
