"""recup query."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from recup_kg.cli.complete import query_names
from recup_kg.cli.exits import PARTIAL
from recup_kg.cli.messages import error, remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json, print_table, short

if TYPE_CHECKING:
    from recup_kg.api import Answer, FederatedResult

_MEBIBYTE = 2**20


def _parameters(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs = [value.partition("=") for value in values]
    wrong = [name for name, equals, _ in pairs if not (name and equals)]
    if wrong:
        raise click.BadParameter(f"{wrong[0]!r} is not NAME=VALUE")
    return {name: value for name, _, value in pairs}


@click.command("query")
@click.argument("query", metavar="NAME|FILE.rq|TEXT", shell_complete=query_names)
@click.option(
    "-p",
    "--parameter",
    "parameters",
    metavar="NAME=VALUE",
    multiple=True,
    callback=_parameters,
    help="A parameter of the query; the value of a run is anything that names a run.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "turtle"]),
    default="table",
    show_default=True,
    help="turtle is for CONSTRUCT and DESCRIBE.",
)
@click.option("--sparql", is_flag=True, help="Print the query with its parameters filled in; don't run it.")
@click.option(
    "--federated",
    is_flag=True,
    help="SERVICE <peer:NAME> asks a peer of the store (recup peers), nobody else.",
)
@click.option(
    "--on", metavar="PEER,...|all", help="Ask the store and each of these peers; implies --federated."
)
@click.option(
    "--peer-time-limit",
    "seconds",
    type=click.FloatRange(0.1),
    default=30.0,
    show_default=True,
    help="Seconds that a peer may take.",
)
@click.option(
    "--peer-size-limit",
    "size",
    type=click.IntRange(1),
    default=64,
    show_default=True,
    help="MiB that a peer may send.",
)
@with_settings
def command(
    settings: Settings,
    query: str,
    parameters: dict[str, str],
    form: str,
    sparql: bool,
    federated: bool,
    on: str | None,
    seconds: float,
    size: int,
) -> None:
    """Ask by the name of a query, a file, or SPARQL text.

    `recup queries` lists the names. A query about a comparison of two runs finds it by itself in the store.
    """
    from recup_kg import api

    with api.open(settings.location) as kg:
        if sparql:
            _print_sparql(settings, kg.sparql(query, **parameters))
            return
        if not (federated or on):
            answer = kg.query(query, **parameters)
            _print(settings, answer, form, answer.to_json)
            return
        names = [name.strip() for name in (on or "").split(",") if name.strip()]
        found = kg.federated(query, parameters, on=names, seconds=seconds, size=size * _MEBIBYTE)
    _print(settings, found.answer, form, found.to_json)
    if found.is_partial:
        _say_partial(found)
        click.get_current_context().exit(PARTIAL)


def _print_sparql(settings: Settings, text: str) -> None:
    if settings.json:
        print_json({"query": text})
    else:
        click.echo(text.rstrip("\n"))


def _print(settings: Settings, answer: Answer, form: str, to_json: Callable[[], str]) -> None:
    if settings.json or form == "json":
        click.echo(to_json())
    elif form == "csv":
        click.echo(answer.to_csv(), nl=False)
    elif form == "turtle":
        click.echo(answer.to_turtle(), nl=False)
    else:
        print_table(answer.columns, answer.shown(short))
        remark(f"{len(answer)} row{'' if len(answer) == 1 else 's'}", quiet=settings.quiet)


def _say_partial(found: FederatedResult) -> None:
    """Also with --quiet: without it, the answer would pass for a whole one."""
    for failure in found.failures:
        error(f"partial: {failure.peer} {failure.reason}")
    if not found.monotone:
        error(
            "partial: the query counts, negates or takes the first rows, so rows above may be wrong, not only missing"
        )
