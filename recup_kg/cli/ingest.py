"""recup ingest."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recup_kg.cli import exits
from recup_kg.cli.messages import error, remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json, print_table
from recup_kg.cli.progress import progress

if TYPE_CHECKING:
    from recup_kg.api import Ingested, IngestReport

_SHOWN = 6


@click.command("ingest")
@click.argument("files", metavar="PATH...", nargs=-1, required=True, type=click.Path())
@click.option(
    "--configuration",
    metavar="FACT,...",
    help="The facts that make up the configuration of a joined run, instead of all.",
)
@click.option("--run", metavar="NAME", help="All paths tell of one run: the one of this name, or a new one.")
@click.option(
    "--from", "source_format", metavar="FORMAT", help="The format of the files, instead of detecting it."
)
@click.option("--no-validate", is_flag=True, help="Don't check the graphs with SHACL.")
@with_settings
def command(
    settings: Settings,
    files: tuple[str, ...],
    run: str | None,
    configuration: str | None,
    source_format: str | None,
    no_validate: bool,
) -> int:
    """Take what files and folders tell of executions into the store.

    A file is a run; so is a folder, whose files are recognised one by one and joined. A PATH that can't be used is refused
    with one line and leaves the store as it was; the others are taken. Exit code 2 if one was refused. Within a folder,
    a file that can't be used costs a line and is noted as a gap. What is there already changes nothing.
    """
    from recup_kg import api

    with api.open(settings.location) as kg, progress("ingest", quiet=settings.quiet) as advance:
        report = kg.ingest_all(
            files,
            source_format=source_format,
            validate=not no_validate,
            run=run,
            configuration=None if configuration is None else configuration.split(","),
            progress=advance,
        )
    if settings.json:
        print_json(report.to_dict())
    else:
        _print(report, quiet=settings.quiet)
    for item in report.runs:
        for refused in item.refused:
            error(refused.error)
        if item.unrecognised:
            remark(f"{item.name}: {_unrecognised(item.unrecognised)}", quiet=settings.quiet)
    for refused in report.refused:
        error(refused.error)
    return exits.BAD_INPUT if report.refused else exits.DONE


def _print(report: IngestReport, *, quiet: bool) -> None:
    if not report.runs:
        return
    rows = [
        (item.name, _formats(item), item.triples, item.gaps, "new" if item.new else "already there")
        for item in report.runs
    ]
    print_table(("run", "formats", "triples", "gaps", ""), rows, whole=("run",))
    names = [item.name for item in report.runs]
    if len(names) > 1:
        remark(f"\nnext: recup compare {names[0]} {names[1]}", quiet=quiet)
    else:
        remark(f"\nnext: recup show {names[0]}", quiet=quiet)


def _formats(item: Ingested) -> str:
    """The formats of the sources, with how many there are of each where there are several."""
    counts = Counter(part.format for part in item.sources)
    return ", ".join(name if count == 1 else f"{name} ({count})" for name, count in counts.items())


def _unrecognised(paths: tuple[str, ...]) -> str:
    names = [Path(path).name for path in paths]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"not read, as no format that is known: {', '.join(names[:_SHOWN])}{more}"
