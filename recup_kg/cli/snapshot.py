"""recup snapshot."""

from __future__ import annotations

from pathlib import Path

import click

from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_table


@click.command("snapshot")
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A new or empty folder.  [default: snapshot-<host>-<time>]",
)
@click.option(
    "--limit",
    metavar="SECONDS",
    type=click.FloatRange(min=0.1, max=3600),
    default=2.0,
    show_default=True,
    help="How long each probe may take; they run at once.",
)
@with_settings
def command(settings: Settings, output: Path | None, limit: float) -> None:
    """Capture this machine's environment, now, into plain files.

    Needs no store. What can't be captured is said, with the reason. Values that look like credentials are replaced
    before anything is written. Take the folder into a store with `recup ingest DIR`.
    """
    import json

    from recup_kg import snapshot

    folder = snapshot.prepare(output) if output is not None else None
    taken = snapshot.take(limit=limit)
    folder = folder or snapshot.prepare(Path(snapshot.default_name(taken.host, taken.captured)))
    written = snapshot.write(taken, folder)
    probes = [outcome.to_dict() for outcome in taken.outcomes]
    if settings.json:
        # ASCII: standard output may be of any encoding here.
        click.echo(
            json.dumps(
                {"folder": str(folder), "files": [path.name for path in written], "probes": probes}, indent=2
            )
        )
        return
    rows = [
        (outcome.name, "captured" if outcome.captured else "not captured", outcome.why)
        for outcome in taken.outcomes
    ]
    print_table(("probe", "state", "why"), rows, whole=("probe", "state"))
    remark(f"\n{len(written)} files in {folder}\nnext: recup ingest {folder}", quiet=settings.quiet)
