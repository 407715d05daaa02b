"""recup runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json, print_table

if TYPE_CHECKING:
    from recup_kg.api import Run

_SHORT = 12


@click.command("runs")
@click.option(
    "--by-configuration", is_flag=True, help="Group the runs by configuration, as far as it was captured."
)
@with_settings
def command(settings: Settings, by_configuration: bool) -> None:
    """List the executions in the store."""
    from recup_kg import api

    with api.open(settings.location) as kg:
        runs = kg.runs()
    if settings.json:
        print_json(_grouped(runs) if by_configuration else [run.to_dict() for run in runs])
        return
    if not runs:
        remark("no runs yet: recup ingest FILE...", quiet=settings.quiet)
        return
    if by_configuration:
        _print_grouped(runs)
        return
    columns = ("run", "tasks", "makespan s", "started", "workflow", "tags")
    rows = [
        (run.name, run.tasks, run.makespan, run.started, run.workflow, " ".join(run.tags)) for run in runs
    ]
    # Nobody who gives no tags sees a column of them.
    shown = len(columns) if any(run.tags for run in runs) else len(columns) - 1
    print_table(columns[:shown], [row[:shown] for row in rows], whole=("run", "started"))


def _classes(runs: Sequence[Run]) -> dict[tuple[str, str], list[Run]]:
    """The runs by workflow and fingerprint; empty texts stand for what was not captured."""
    found: dict[tuple[str, str], list[Run]] = {}
    for run in sorted(runs, key=lambda run: (run.workflow or "", run.fingerprint or "")):
        found.setdefault((run.workflow or "", run.fingerprint or ""), []).append(run)
    return found


def _grouped(runs: Sequence[Run]) -> list[dict[str, object]]:
    return [
        {
            "workflow": workflow or None,
            "fingerprint": fingerprint or None,
            "runs": [run.name for run in group],
        }
        for (workflow, fingerprint), group in _classes(runs).items()
    ]


def _print_grouped(runs: Sequence[Run]) -> None:
    rows = [
        (workflow, fingerprint[:_SHORT], len(group), ", ".join(run.name for run in group))
        for (workflow, fingerprint), group in _classes(runs).items()
    ]
    print_table(("workflow", "configuration", "runs", "names"), rows, whole=("configuration",))
