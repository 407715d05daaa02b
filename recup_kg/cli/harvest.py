"""recup harvest."""

from __future__ import annotations

from dataclasses import asdict

import click

from recup_kg.cli import exits
from recup_kg.cli.messages import error, remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json, print_table


@click.command("harvest")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option(
    "--documents",
    type=click.IntRange(min=1),
    default=10_000,
    show_default=True,
    help="Most documents (OAI-PMH: records) of a peer.",
)
@click.option(
    "--megabytes",
    type=click.FloatRange(min=0, min_open=True),
    default=500,
    show_default=True,
    help="Most to fetch of a peer.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=3600,
    show_default=True,
    help="Longest that a peer may take.",
)
@with_settings
def command(
    settings: Settings, names: tuple[str, ...], documents: int, megabytes: float, seconds: float
) -> int:
    """Fetch what peers (default: all) say of their holdings.

    It is kept in graphs of each peer, apart from ours. What did not change is not fetched again; what is gone there goes
    here. A peer that fails costs a line, keeps what was there of it, and makes the exit code 2.
    """
    from recup_kg.federation.harvest import Limits, harvest_all
    from recup_kg.federation.peers import PeerRegistry, folder_of

    registry = PeerRegistry(folder_of(settings.location))
    limits = Limits(documents=documents, megabytes=megabytes, seconds=seconds)
    done, refused = harvest_all(registry, names, limits)
    if settings.json:
        print_json({"harvested": [asdict(item) for item in done], "refused": [asdict(r) for r in refused]})
    elif done:
        columns = ("peer", "documents", "new", "changed", "unchanged", "gone", "statements", "licence")
        rows = [
            (
                item.peer,
                item.documents,
                item.new,
                item.changed,
                item.unchanged,
                item.gone,
                item.statements,
                ", ".join(item.licences) or "none stated",
            )
            for item in done
        ]
        print_table(columns, rows, whole=("peer",))
    elif not refused:
        remark("no peers yet: recup peers add URL", quiet=settings.quiet)
    for item in done:
        for text in item.remarks:
            remark(f"{item.peer}: {text}", quiet=settings.quiet)
    for failed in refused:
        error(f"{failed.peer}: {failed.error}")
    return exits.BAD_INPUT if refused else exits.DONE
