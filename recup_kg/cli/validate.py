"""recup validate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from recup_kg.cli import exits
from recup_kg.cli.complete import run_names
from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json, short, table, wrapped
from recup_kg.cli.progress import progress

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
    """Check a run, a file or all runs against the shapes.

    A FILE is a source or RDF; without RUN and FILE the whole store is checked.
    A result names the source file and the place in it where the fault lies.
    """
    from recup_kg import api

    with api.open(settings.location) as kg, progress("validate", quiet=settings.quiet) as advance:
        report = kg.validate(run, source_format=source_format, progress=advance)
    if settings.json or form == "json":
        print_json(report.to_dict())
    elif form == "ttl":
        click.echo(report.to_turtle(), nl=False)
    else:
        _print(report, quiet=settings.quiet)
    fatal = SEVERITIES[: SEVERITIES.index(fail_on) + 1] if fail_on else ()
    return exits.FOUND if any(result.severity.lower() in fatal for result in report.results) else exits.DONE


def _print(report: Report, *, quiet: bool) -> None:
    rows = [(r.severity, r.source, r.where, short(r.shape), short(r.focus)) for r in report.results]
    if rows:
        head, rule, *lines = table(
            ("severity", "source", "where", "shape", "focus"), rows, whole=("severity",)
        )
        click.echo(f"{head}\n{rule}")
        for line, result in zip(lines, report.results, strict=True):
            click.echo(line)
            click.echo(wrapped(result.message, "  "))
    remark(_summary(report), quiet=quiet)


def _summary(report: Report) -> str:
    counts = report.counts()
    said = ", ".join(
        f"{count} {severity.lower()}{'s' * (count != 1)}" for severity, count in counts.items() if count
    )
    return f"{'conforms' if report.conforms else 'does not conform'}{f': {said}' if said else ''}"
