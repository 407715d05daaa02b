"""recup serve."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json
from recup_kg.errors import UsageError

_MEBIBYTE = 2**20
TOKEN_VARIABLE = "RECUP_TOKEN"
_SHORTEST = 16


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any free one."
)
@click.option("--base", metavar="URL", help="Address that clients see, where a proxy is in front.")
@click.option(
    "--catalog",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What the site publishes; default: catalog.toml in the store.",
)
@click.option(
    "--writable",
    is_flag=True,
    help=f"Let those who send the token in {TOKEN_VARIABLE} change graphs that are no bundles.",
)
@click.option(
    "--federated",
    is_flag=True,
    help="Let queries ask the peers of the store by SERVICE (recup peers), nobody else.",
)
@click.option(
    "--origin",
    "origins",
    metavar="ORIGIN",
    multiple=True,
    help="A site whose scripts may ask (CORS); *: any.",
)
@click.option(
    "--time-limit", type=click.FloatRange(0.1), default=30.0, show_default=True, help="Seconds of a query."
)
@click.option(
    "--row-limit", type=click.IntRange(1), default=1_000_000, show_default=True, help="Rows of an answer."
)
@click.option(
    "--memory-limit", type=click.IntRange(256), default=2048, show_default=True, help="MiB of a query."
)
@click.option("--concurrent", type=click.IntRange(1), default=4, show_default=True, help="Queries at once.")
@with_settings
def command(
    settings: Settings,
    host: str,
    port: int,
    base: str | None,
    catalog: Path | None,
    writable: bool,
    federated: bool,
    origins: tuple[str, ...],
    time_limit: float,
    row_limit: int,
    memory_limit: int,
    concurrent: int,
) -> None:
    """Answer SPARQL over HTTP, and show each thing as a page.

    SPARQL 1.1 is at /sparql, each thing at its path. A query that exceeds a limit is stopped. Nobody can change the store, unless
    it is --writable.
    """
    from recup_kg.catalog.publication import load_publication, publication_file
    from recup_kg.web import serving
    from recup_kg.web.settings import Limits, ServiceSettings

    token = _token(settings.location) if writable else None
    if federated:
        _demand_folder(settings.location)
    serving.demand_store(settings.location)
    limits = Limits(
        seconds=time_limit, rows=row_limit, memory=memory_limit * _MEBIBYTE, concurrent=concurrent
    )
    with serving.listening(host, port) as bound:
        seen = (base or serving.address(bound)).rstrip("/")
        said = ServiceSettings(settings.location, seen, token, origins, catalog, limits, federated)
        load_publication(publication_file(settings.location, catalog), seen)

        def started() -> None:
            _say_started(settings, serving.address(bound), seen)
            if not serving.is_loopback(host):
                remark(f"everybody who reaches {host} can read all of it", quiet=False)

        serving.serve(said, bound, started)


def _say_started(settings: Settings, url: str, seen: str) -> None:
    if settings.json:
        print_json({"url": url, "sparql": f"{seen}/sparql", "store": settings.location})
        sys.stdout.flush()
    else:
        remark(f"{settings.location} is at {seen}/sparql (Ctrl-C ends it)", quiet=settings.quiet)


def _token(location: str) -> str:
    """The token that whoever changes something must send."""
    if "://" in location:
        raise UsageError(f"{location} takes changes itself: serve it without --writable")
    token = os.environ.get(TOKEN_VARIABLE, "")
    if len(token) < _SHORTEST:
        raise UsageError(f"--writable needs a token of {_SHORTEST} characters or more in {TOKEN_VARIABLE}")
    return token


def _demand_folder(location: str) -> None:
    """Raises `UsageError` for a store that has no place for peers."""
    from recup_kg.federation.peers import folder_of

    folder_of(location)
