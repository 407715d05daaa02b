"""recup rm."""

from __future__ import annotations

import click

from recup_kg.cli.complete import run_names
from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json


@click.command("rm")
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, shell_complete=run_names)
@with_settings
def command(settings: Settings, runs: tuple[str, ...]) -> None:
    """Remove runs from the store; source files stay.

    Their tags go with them; comparisons and metrics that speak of them stay.
    """
    from recup_kg import api

    with api.open(settings.location) as kg:
        removed = kg.remove(*runs)
    if settings.json:
        print_json({"removed": [run.to_dict() for run in removed]})
        return
    for run in removed:
        remark(f"removed {run.name}", quiet=settings.quiet)
