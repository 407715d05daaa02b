"""recup compare."""

from __future__ import annotations

from math import isfinite

import click

from recup_kg.cli import exits
from recup_kg.cli.complete import run_names
from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.progress import progress

FAIL_ON = {"different": ("different",), "cant-tell": ("different", "can't tell")}


def _finite(ctx: click.Context, param: click.Parameter, value: float) -> float:
    if not isfinite(value):
        raise click.BadParameter(f"{value} is not a finite number")
    return value


@click.command("compare")
@click.argument("reference", metavar="A", shell_complete=run_names)
@click.argument("other", metavar="B", shell_complete=run_names)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "md", "ttl"]),
    default="text",
    show_default=True,
    help="Form of the report; --verbose says more in text and md.",
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
    other: str,
    form: str,
    fail_on: str | None,
    ratio: float,
    seconds: float,
    source_format: str | None,
) -> int:
    """Say where run B deviated from run A, the reference.

    A and B are runs in the store, or files, which need not be ingested first. A comparison of two runs is kept in the store.
    """
    from recup_kg import api

    with api.open(settings.location) as kg, progress("compare", quiet=settings.quiet) as advance:
        result = kg.compare(
            reference, other, ratio=ratio, seconds=seconds, source_format=source_format, progress=advance
        )
    click.echo(result.render("json" if settings.json else form, verbose=settings.verbosity > 0).rstrip("\n"))
    if result.stored_as:
        remark(f"kept as {result.stored_as}", quiet=settings.quiet or settings.verbosity == 0)
    return exits.FOUND if fail_on and result.verdict in FAIL_ON[fail_on] else exits.DONE
