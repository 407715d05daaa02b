"""recup explain."""

from __future__ import annotations

import click

from recup_kg.cli import exits
from recup_kg.cli.complete import run_names
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json


@click.command("explain")
@click.argument("run", metavar="RUN", shell_complete=run_names)
@click.option(
    "--against",
    metavar="GROUP",
    help="The reference runs: names, conditions such as 'workflow=NAME', or @all.",
)
@click.option("--reference", metavar="RUN", shell_complete=run_names, help="One reference run.")
@click.option("--fail-on", type=click.Choice(["cause"]), help="Exit with 1 where a cause is sure.")
@with_settings
def command(
    settings: Settings, run: str, against: str | None, reference: str | None, fail_on: str | None
) -> int:
    """Say what explains why a run deviates.

    RUN is held against the reference runs; without any, against the runs of the same workflow and configuration before it. Facts
    that separate it from these, and its deviating tasks from its others, are ranked; confounded ones stand together. Where one
    is there, a chain leads from the slower task to what changed upstream; --verbose shows the query behind each link.
    """
    from recup_kg import api

    with api.open(settings.location) as kg:
        result = kg.explain(run, against=against, reference=reference)
    if settings.json:
        print_json(result.to_dict())
    else:
        click.echo(result.render(verbose=settings.verbosity > 0).rstrip("\n"))
    return exits.FOUND if fail_on and result.sure else exits.DONE
