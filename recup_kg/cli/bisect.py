"""recup bisect."""

from __future__ import annotations

import click

from recup_kg.cli import exits
from recup_kg.cli.complete import run_names
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json


@click.command("bisect")
@click.argument("group", nargs=-1, required=True, metavar="GROUP", shell_complete=run_names)
@click.option(
    "--outcome",
    default="makespan",
    show_default=True,
    help="makespan, a measurement of tasks such as runTime, or 'runTime of step NAME'.",
)
@click.option("--fail-on", type=click.Choice(["cause"]), help="Exit with 1 where a cause is sure.")
@with_settings
def command(settings: Settings, group: tuple[str, ...], outcome: str, fail_on: str | None) -> int:
    """Say which fact best explains the slow runs of a population.

    GROUP is names of runs, or conditions such as workflow=NAME tag=NAME, or @all. Runs are told apart where their values fall
    into two groups, else at the median. Of each fact (node, package, parameter, input, counter, ...) it is said how many of the
    slow and of the other runs have it, how exactly it separates them, and what chance alone can do. What a gap in the capture
    touches is can't tell.
    """
    from recup_kg import api

    with api.open(settings.location) as kg:
        result = kg.bisect(group, outcome=outcome)
    if settings.json:
        print_json(result.to_dict())
    else:
        click.echo(result.render(verbose=settings.verbosity > 0).rstrip("\n"))
    return exits.FOUND if fail_on and result.sure else exits.DONE
