"""recup query."""

from __future__ import annotations

import click

from recup_kg.cli.complete import query_names
from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json, print_table, short


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
@with_settings
def command(settings: Settings, query: str, parameters: dict[str, str], form: str, sparql: bool) -> None:
    """Ask by the name of a query, a file, or SPARQL text.

    `recup queries` lists the names. A query about a comparison of two runs finds it by itself in the store.
    """
    from recup_kg import api

    with api.open(settings.location) as kg:
        if sparql:
            text = kg.sparql(query, **parameters)
            if settings.json:
                print_json({"query": text})
            else:
                click.echo(text.rstrip("\n"))
            return
        answer = kg.query(query, **parameters)
    if settings.json or form == "json":
        click.echo(answer.to_json())
    elif form == "csv":
        click.echo(answer.to_csv(), nl=False)
    elif form == "turtle":
        click.echo(answer.to_turtle(), nl=False)
    else:
        print_table(answer.columns, answer.shown(short))
        remark(f"{len(answer)} row{'' if len(answer) == 1 else 's'}", quiet=settings.quiet)
