"""Sources sent over HTTP, with the token: what `recup ingest` does with a file."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath, PureWindowsPath

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from recup_kg.web.answers import answered
from recup_kg.web.authority import demand_token
from recup_kg.web.messages import Ingest
from recup_kg.web.problems import Problem
from recup_kg.web.service import Service

ORDER = 30

_LONGEST = 200


def routes(service: Service) -> list[BaseRoute]:
    """`/ingest?name=FILE[&from=FORMAT][&run=RUN]`, the file as the body."""

    async def ingest(request: Request) -> Response:
        demand_token(request.headers, service.settings.token)
        name = _name(request)
        with tempfile.TemporaryDirectory(prefix="recup-ingest-") as folder:
            path = Path(folder) / name
            with path.open("xb") as stream:
                async for part in request.stream():
                    await run_in_threadpool(stream.write, part)
            job = Ingest(
                path=str(path),
                source_format=request.query_params.get("from"),
                run=request.query_params.get("run"),
                seconds=service.settings.limits.writing,
            )
            return await answered(service, request, job)

    return [Route("/ingest", ingest, methods=["POST"])]


def _name(request: Request) -> str:
    """The name of the file, which is a name and no path: some formats are known by it, and runs are called after it."""
    given = request.query_params.get("name", "")
    plain = PurePosixPath(PureWindowsPath(given).name).name
    if (
        not given
        or given != plain
        or plain in (".", "..")
        or len(plain) > _LONGEST
        or not plain.isprintable()
    ):
        raise Problem(400, "say what the file is called: /ingest?name=FILE, a name without folders")
    return plain
