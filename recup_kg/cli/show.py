"""recup show."""

from __future__ import annotations

import click

from recup_kg.cli.complete import run_names
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json, print_table, short


@click.command("show")
@click.argument("run", default="@latest", shell_complete=run_names)
@with_settings
def command(settings: Settings, run: str) -> None:
    """Show one run (default: @latest): facts, coverage, gaps."""
    from recup_kg import api

    with api.open(settings.location) as kg:
        summary = kg.show(run)
    if settings.json:
        print_json(summary.to_dict())
        return
    print_table(("", summary.run.name), [(key, value) for key, value in summary.facts() if value is not None])
    click.echo("\nCoverage: for how many things the source could have said it, and did")
    print_table(
        ("property", "stated", "of"), [(short(c.property), c.observed, c.expected) for c in summary.coverage]
    )
    if summary.gaps:
        click.echo("\nGaps: what was missing, or could not be taken over as it stood")
        print_table(
            ("kind", "count", "first place", "what is wrong"),
            [(short(g.kind), g.count, g.where, g.comment) for g in summary.gaps],
        )
