"""recup reindex."""

from __future__ import annotations

import click

from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json
from recup_kg.cli.progress import progress


@click.command("reindex")
@with_settings
def command(settings: Settings) -> None:
    """Rebuild the index from the bundles alone."""
    from recup_kg import api

    with api.open(settings.location) as kg, progress("reindex", quiet=settings.quiet) as advance:
        advance("building the index", 0.0)
        count = kg.reindex()
    if settings.json:
        print_json({"bundles": count})
    else:
        remark(f"indexed {count} bundles", quiet=settings.quiet)
