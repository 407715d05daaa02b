"""recup queries."""

from __future__ import annotations

import click

from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json, print_table


@click.command("queries")
@with_settings
def command(settings: Settings) -> None:
    """List the queries that `recup query` knows by name."""
    from recup_kg import api

    found = api.queries()
    if settings.json:
        print_json([query.to_dict() for query in found])
        return
    rows = [(query.name, " ".join(p.name for p in query.parameters), query.title) for query in found]
    print_table(("name", "parameters", "title"), rows, whole=("name",))
    remark("\nrecup query NAME -p PARAMETER=VALUE", quiet=settings.quiet)
