"""recup ingest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from recup_kg.cli import exits
from recup_kg.cli.messages import error, remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json, print_table
from recup_kg.cli.progress import progress

if TYPE_CHECKING:
    from recup_kg.api import IngestReport


@click.command("ingest")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--from", "source_format", metavar="FORMAT", help="The format of the files, instead of detecting it."
)
@click.option("--no-validate", is_flag=True, help="Don't check the graphs with SHACL.")
@with_settings
def command(settings: Settings, files: tuple[str, ...], source_format: str | None, no_validate: bool) -> int:
    """Take the executions that files tell of into the store.

    A file that can't be used is refused with one line and leaves the store as it was; the others are taken. Exit code 2
    if one was refused. A file that is there already changes nothing.
    """
    from recup_kg import api

    with api.open(settings.location) as kg, progress("ingest", quiet=settings.quiet) as advance:
        report = kg.ingest_all(files, source_format=source_format, validate=not no_validate, progress=advance)
    if settings.json:
        print_json(report.to_dict())
    else:
        _print(report, quiet=settings.quiet)
    for refused in report.refused:
        error(refused.error)
    return exits.BAD_INPUT if report.refused else exits.DONE


def _print(report: IngestReport, *, quiet: bool) -> None:
    if not report.runs:
        return
    rows = [
        (item.name, item.format, item.triples, item.gaps, "new" if item.new else "already there")
        for item in report.runs
    ]
    print_table(("run", "format", "triples", "gaps", ""), rows, whole=("run",))
    names = [item.name for item in report.runs]
    if len(names) > 1:
        remark(f"\nnext: recup compare {names[0]} {names[1]}", quiet=quiet)
    else:
        remark(f"\nnext: recup show {names[0]}", quiet=quiet)
