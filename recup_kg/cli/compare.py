"""recup compare."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recup_kg.cli import exits
from recup_kg.cli.complete import run_names
from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.progress import progress
from recup_kg.errors import UsageError

if TYPE_CHECKING:
    from recup_kg.api import ComparedRuns, ComparedWithGroup

FAIL_ON = {"different": ("different",), "cant-tell": ("different", "can't tell")}


def _finite(ctx: click.Context, param: click.Parameter, value: float) -> float:
    if not isfinite(value):
        raise click.BadParameter(f"{value} is not a finite number")
    return value


@click.command("compare")
@click.argument("reference", metavar="A", shell_complete=run_names)
@click.argument("other", metavar="[B]", required=False, shell_complete=run_names)
@click.option(
    "--against",
    metavar="GROUP",
    help="Hold A against many runs: 'workflow=NAME tag=NAME', names, a SPARQL file or @all (docs/groups.md).",
)
@click.option(
    "--last",
    type=click.IntRange(min=1),
    metavar="N",
    help="Of the group, or of A's workflow, the newest N before A.",
)
@click.option(
    "--allow-mixed",
    multiple=True,
    metavar="FACT",
    help="Accept references that differ in this fact of the configuration (all: in any).  [repeatable]",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "md", "ttl", "html"]),
    default="text",
    show_default=True,
    help="Form of the report; --verbose says more in text and md.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file instead of standard output.",
)
@click.option(
    "--fail-on",
    type=click.Choice(list(FAIL_ON)),
    help="Exit with 1 on that verdict (cant-tell: or on different).",
)
@click.option(
    "--ratio",
    type=click.FloatRange(min=1, min_open=True),
    default=2.0,
    callback=_finite,
    show_default=True,
    help="A task's run time differs from this ratio on ...",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0),
    default=1.0,
    callback=_finite,
    show_default=True,
    help="... if it is also that many seconds.",
)
@click.option("--from", "source_format", metavar="FORMAT", help="The format of A and B where they are files.")
@with_settings
def command(
    settings: Settings,
    reference: str,
    other: str | None,
    against: str | None,
    last: int | None,
    allow_mixed: tuple[str, ...],
    form: str,
    output: Path | None,
    fail_on: str | None,
    ratio: float,
    seconds: float,
    source_format: str | None,
) -> int:
    """Say where a run deviated from another, or from many.

    A, the reference, and B are runs in the store, or files, which need not be ingested first. With --against or --last, A is
    the run that is held against the others of a group. A comparison of runs in the store is kept in it.
    """
    from recup_kg import api

    in_group = against is not None or last is not None
    _demand_sense(reference, other, in_group=in_group, allow_mixed=allow_mixed, source_format=source_format)
    result: ComparedRuns | ComparedWithGroup
    with api.open(settings.location) as kg, progress("compare", quiet=settings.quiet) as advance:
        if other is None:
            result = kg.against(
                reference,
                against or "",
                last=last,
                allow_mixed=allow_mixed,
                ratio=ratio,
                seconds=seconds,
                progress=advance,
            )
        else:
            result = kg.compare(
                reference, other, ratio=ratio, seconds=seconds, source_format=source_format, progress=advance
            )
        report = result.render("json" if settings.json else form, verbose=settings.verbosity > 0).rstrip("\n")
    _put(report, output, quiet=settings.quiet)
    if result.stored_as:
        remark(f"kept as {result.stored_as}", quiet=settings.quiet or settings.verbosity == 0)
    return exits.FOUND if fail_on and result.verdict in FAIL_ON[fail_on] else exits.DONE


def _put(report: str, output: Path | None, *, quiet: bool) -> None:
    """The report on standard output, or in a file."""
    if output is None:
        click.echo(report)
        return
    try:
        output.write_text(f"{report}\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{output}: can't be written: {error.strerror}; name another file") from error
    remark(f"wrote {output}", quiet=quiet)


def _demand_sense(
    reference: str,
    other: str | None,
    *,
    in_group: bool,
    allow_mixed: tuple[str, ...],
    source_format: str | None,
) -> None:
    """Raise a usage error for options that do not go together."""
    if other is None and not in_group:
        raise click.UsageError(
            f"{reference} is compared with what? Name a second run, or a group: --against 'workflow=NAME', --last 20"
        )
    if other is not None and in_group:
        raise click.UsageError(f"either {other} or a group (--against, --last): not both")
    if allow_mixed and not in_group:
        raise click.UsageError("--allow-mixed is about the runs of a group: --against GROUP names it")
    if source_format and in_group:
        raise click.UsageError(
            "--from is about files; the runs of a group are in the store: recup ingest FILE"
        )
