"""recup tag."""

from __future__ import annotations

import click

from recup_kg.cli.complete import run_names
from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json


@click.command("tag")
@click.argument("run", metavar="RUN", shell_complete=run_names)
@click.argument("tags", metavar="TAG...", nargs=-1, required=True)
@click.option("--remove", is_flag=True, help="Take the tags from the run instead.")
@with_settings
def command(settings: Settings, run: str, tags: tuple[str, ...], remove: bool) -> None:
    """Give tags to a run, to name groups of runs by.

    recup runs shows them.
    """
    from recup_kg import api

    with api.open(settings.location) as kg:
        found = kg.untag(run, *tags) if remove else kg.tag(run, *tags)
    if settings.json:
        print_json(found.to_dict())
        return
    has = f"tagged {', '.join(found.tags)}" if found.tags else "without tags"
    remark(f"{found.name} is {has}", quiet=settings.quiet)
