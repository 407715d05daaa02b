"""recup validate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from recup_kg.cli import exits
from recup_kg.cli.complete import run_names
from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json, print_table, short

if TYPE_CHECKING:
    from recup_kg.validate import Report

SEVERITIES = ("violation", "warning", "info")


@click.command("validate")
@click.argument("run", metavar="[RUN|FILE]", required=False, shell_complete=run_names)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "ttl"]),
    default="table",
    show_default=True,
    help="ttl: a sh:ValidationReport.",
)
@click.option(
    "--fail-on", type=click.Choice(SEVERITIES), help="Exit with 1 on a result of that severity or above."
)
@click.option(
    "--from", "source_format", metavar="FORMAT", help="The format of FILE, instead of detecting it."
)
@with_settings
def command(
    settings: Settings, run: str | None, form: str, fail_on: str | None, source_format: str | None
) -> int:
    """Check a RUN, a FILE or, without either, all runs against the SHACL shapes.

    A result names the source file and the place in it where the fault lies.
    """
    from recup_kg import api

    with api.open(settings.location) as kg:
        report = kg.validate(run, source_format=source_format)
    if settings.json or form == "json":
        print_json(report.to_dict())
    elif form == "ttl":
        click.echo(report.to_turtle(), nl=False)
    else:
        _print(report, quiet=settings.quiet)
    fatal = SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on else ()
    return exits.FOUND if any(result.severity.lower() in fatal for result in report.results) else exits.DONE


def _print(report: Report, *, quiet: bool) -> None:
    rows = [
        (result.severity, result.source, result.where, result.message, short(result.shape))
        for result in report.results
    ]
    if rows:
        print_table(("severity", "source", "where", "what to do", "shape"), rows)
    remark("conforms" if report.conforms else "does not conform", quiet=quiet)
