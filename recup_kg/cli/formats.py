"""recup formats."""

from __future__ import annotations

import click

from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json, wrapped


@click.command("formats")
@with_settings
def command(settings: Settings) -> None:
    """List the formats that `recup ingest` reads."""
    from recup_kg import api

    found = api.formats()
    if settings.json:
        print_json([{"name": name, "title": title} for name, title in found.items()])
        return
    for name, title in found.items():
        click.echo(name)
        click.echo(wrapped(title, "    "))
    remark("\nrecup ingest --from NAME FILE reads a file as one of these", quiet=settings.quiet)
