"""recup coverage."""

from __future__ import annotations

import click

from recup_kg.cli.complete import run_names
from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json, print_table, wrapped


@click.command("coverage")
@click.argument("run", default="@latest", shell_complete=run_names)
@with_settings
def command(settings: Settings, run: str) -> None:
    """Show which sources of a run arrived, and which did not.

    expected is what other sources say there must be, empty where none says; state is complete, partial, missing or
    unknown, and why is said of each that is not complete. A source without a host was expected of the run as a whole.
    """
    from recup_kg import api

    with api.open(settings.location) as kg:
        found = kg.coverage(run)
    if settings.json:
        print_json(found.to_dict())
        return
    if not found.sources:
        remark(
            "one source tells of this run: recup show says what it states of its tasks", quiet=settings.quiet
        )
        return
    rows = [
        (_host(item.host), item.source, item.expected, item.observed, item.state) for item in found.sources
    ]
    print_table(("host", "source", "expected", "observed", "state"), rows, whole=("state",))
    for item in found.sources:
        if item.state != "complete":
            place = f" at {item.host}" if item.host else ""
            click.echo()
            click.echo(wrapped(f"{item.source}{place}, {item.state}: {item.why}", ""))


def _host(host: str | None) -> str | None:
    """The name without its domain; addresses stay as they are."""
    return host if host is None or host.replace(".", "").isdigit() or ":" in host else host.split(".")[0]
