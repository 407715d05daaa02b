"""recup queries."""

from __future__ import annotations

from dataclasses import asdict

import click

from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json, wrapped


@click.command("queries")
@with_settings
def command(settings: Settings) -> None:
    """List the queries that `recup query` knows by name."""
    from recup_kg import api

    found = api.queries()
    if settings.json:
        print_json([asdict(query) for query in found])
        return
    for query in found:
        names = " ".join(
            parameter.name if parameter.required else f"[{parameter.name}]" for parameter in query.parameters
        )
        click.echo(f"{query.name}  {names}".rstrip())
        click.echo(wrapped(query.title, "    "))
    remark("\nrecup query NAME -p PARAMETER=VALUE", quiet=settings.quiet)
