"""recup show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING

import click

from recup_kg.cli.complete import run_names
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json, print_table, short

if TYPE_CHECKING:
    from recup_kg.api import KnownFact, RunSummary


@click.command("show")
@click.argument("run", default="@latest", shell_complete=run_names)
@click.argument("thing", required=False)
@with_settings
def command(settings: Settings, run: str, thing: str | None) -> None:
    """Show one run (default: @latest): facts, sources, coverage, gaps.

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


def _print_facts(settings: Settings, facts: Iterable[KnownFact]) -> None:
    if settings.json:
        print_json([asdict(fact) for fact in facts])
        return
    for number, (subject, said) in enumerate(groupby(facts, lambda fact: fact.subject)):
        if number:
            click.echo()
        click.echo(short(subject))
        print_table(
            ("property", "value", "unit", "source"),
            [(fact.property, fact.value, fact.unit, fact.source) for fact in said],
        )
