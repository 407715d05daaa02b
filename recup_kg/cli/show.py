"""recup show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING

import click

from recup_kg.cli.complete import run_names
from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json, print_table, short

if TYPE_CHECKING:
    from recup_kg.api import KnownFact, RunSummary

_MOST_LINES = 300
"""Facts that are printed of a thing and of what belongs to it, at least."""
_UNTOLD = ("recup:startedAsWritten", "recup:endedAsWritten", "p-plan:correspondsToStep")
"""Properties that say for machines what others say for people."""


@click.command("show")
@click.argument("run", default="@latest", shell_complete=run_names)
@click.argument("thing", required=False)
@with_settings
def command(settings: Settings, run: str, thing: str | None) -> None:
    """Show one run, or all that is known of a thing of it.

    With THING, a task or a file by its identifier or path: all that is known of it, and which source says it.
    """
    from recup_kg import api

    with api.open(settings.location) as kg:
        if thing is not None:
            _print_facts(settings, kg.about(run, thing))
            return
        summary = kg.show(run)
    if settings.json:
        print_json(summary.to_dict())
        return
    _print_summary(summary)


def _print_summary(summary: RunSummary) -> None:
    print_table(("", summary.run.name), [(key, value) for key, value in summary.facts() if value is not None])
    if len(summary.run.sources) > 1:
        click.echo("\nSources: each is a graph of its own")
        print_table(
            ("format", "version", "file"),
            [(source.format, source.format_version, source.file) for source in summary.run.sources],
        )
    if summary.coverage:
        click.echo("\nCoverage: for how many things the source could have said it, and did")
        print_table(
            ("property", "stated", "of"),
            [(short(c.property), c.observed, c.expected) for c in summary.coverage],
        )
    if summary.gaps:
        click.echo("\nGaps: what was missing, or could not be taken over as it stood")
        print_table(
            ("kind", "count", "first place", "what is wrong"),
            [(short(g.kind), g.count, g.where, g.comment) for g in summary.gaps],
        )


def _print_facts(settings: Settings, facts: Sequence[KnownFact]) -> None:
    if settings.json:
        print_json([asdict(fact) for fact in facts])
        return
    lines = 0
    groups = [(subject, list(said)) for subject, said in groupby(facts, lambda fact: fact.subject)]
    for number, (subject, said) in enumerate(groups):
        if lines > _MOST_LINES:
            more = f"\n{len(groups) - number} more things that belong to it: recup show --json has all"
            remark(more, quiet=settings.quiet)
            return
        if number:
            click.echo()
        click.echo(short(subject))
        rows = [(f.property, f.value, f.unit, f.source) for f in said if f.property not in _UNTOLD]
        print_table(("property", "value", "unit", "source"), rows, whole=("property",))
        lines += len(rows)
