"""recup baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from recup_kg.cli.complete import run_names
from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json, print_table

if TYPE_CHECKING:
    from recup_kg.api import KeptBaseline

_MOST = 20


@click.command("baseline")
@click.argument("group", metavar="[GROUP]", required=False)
@click.option("--name", required=True, help="What the baseline is called.")
@click.option(
    "--add", "added", multiple=True, metavar="RUN", shell_complete=run_names, help="Add a run.  [repeatable]"
)
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="The newest N of the group.")
@click.option(
    "--allow-mixed",
    multiple=True,
    metavar="FACT",
    help="Accept runs that differ in this fact of the configuration (all: in any).  [repeatable]",
)
@with_settings
def command(
    settings: Settings,
    group: str | None,
    name: str,
    added: tuple[str, ...],
    last: int | None,
    allow_mixed: tuple[str, ...],
) -> None:
    """Keep what a group measures, task by task, as data.

    recup query outliers -p baseline=NAME -p run=RUN finds tasks beyond it. --add reads only the new runs.
    """
    from recup_kg import api

    if (group is None) == (not added):
        raise click.UsageError(
            "give a GROUP of runs, as in 'workflow=NAME', or runs to --add: one of the two"
        )
    if added and last is not None:
        raise click.UsageError("--last is about a GROUP, not about runs to --add")
    with api.open(settings.location) as kg:
        if group is not None:
            kept = kg.baseline(name, group, last=last, allow_mixed=allow_mixed)
        else:
            kept = kg.extend_baseline(name, *added, allow_mixed=allow_mixed)
    if settings.json:
        print_json(kept.to_dict())
        return
    _print(kept, settings)


def _print(kept: KeptBaseline, settings: Settings) -> None:
    found = kept.baseline
    known = {measurement.iri: measurement for measurement in found.measurements}
    shown = found.statistics if settings.verbosity else found.statistics[:_MOST]
    rows = [
        (
            one.step,
            known[one.measurement].label,
            known[one.measurement].unit,
            one.n,
            one.median,
            one.low,
            one.high,
            one.mad,
        )
        for one in shown
    ]
    print_table(("step", "measurement", "unit", "n", "median", "low", "high", "MAD"), rows)
    more = len(found.statistics) - len(shown)
    if more:
        remark(f"and {more:,} more: --verbose lists all, --json has their keys", quiet=settings.quiet)
    remark(
        f"baseline {found.name} of {len(found.runs)} runs ({kept.read} read), kept as {kept.stored_as}",
        quiet=settings.quiet,
    )
