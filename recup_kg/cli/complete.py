"""What a shell offers after the Tab key: runs of the store, queries of the library, files."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from recup_kg.cli.options import Settings
from recup_kg.errors import RecupError


def run_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of runs that begin like that, then files. A store that can't be read offers no names."""
    from recup_kg import api

    try:
        with api.open(ctx.ensure_object(Settings).location) as kg:
            names = [run.name for run in kg.runs()]
    except RecupError:
        names = []
    return _offer(names, incomplete)


def query_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The names of queries that begin like that, then files."""
    from recup_kg import api

    return _offer([query.name for query in api.queries()], incomplete)


def _offer(names: list[str], incomplete: str) -> list[CompletionItem]:
    found = [CompletionItem(name) for name in names if name.startswith(incomplete)]
    return [*found, CompletionItem(incomplete, type="file")]
