"""recup runs."""

from __future__ import annotations

import click

from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json, print_table


@click.command("runs")
@with_settings
def command(settings: Settings) -> None:
    """List the executions in the store."""
    from recup_kg import api

    with api.open(settings.location) as kg:
        runs = kg.runs()
    if settings.json:
        print_json([run.to_dict() for run in runs])
        return
    if not runs:
        remark("no runs yet: recup ingest FILE...", quiet=settings.quiet)
        return
    rows = [(run.name, run.tasks, run.makespan, run.started, run.workflow) for run in runs]
    print_table(("run", "tasks", "makespan s", "started", "workflow"), rows, whole=("run", "started"))
