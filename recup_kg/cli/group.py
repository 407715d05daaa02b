"""The group of all commands. A command's module is imported when the command is asked for."""

from __future__ import annotations

import importlib

import click

from recup_kg.cli.options import common

COMMANDS = (
    "ingest",
    "runs",
    "tag",
    "baseline",
    "show",
    "coverage",
    "compare",
    "explain",
    "bisect",
    "metrics",
    "results",
    "validate",
    "query",
    "queries",
    "formats",
    "snapshot",
    "export",
    "peers",
    "harvest",
    "search",
    "serve",
    "doctor",
    "reindex",
    "rm",
    "completion",
    "version",
)
"""Names of the commands, in the order of `recup --help`; each is the function `command` of the module of its name."""


class LazyGroup(click.Group):
    """A group whose commands are modules of `recup_kg.cli`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which a new user needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"recup_kg.cli.{cmd_name}")
        command: click.Command = module.command
        return command


EPILOG = """\b
A RUN is named by its name, its IRI, a unique prefix of its id, the path of its
source file, or @latest.

\b
  recup ingest a.json run-b/     traces and run folders into the graph
  recup compare a b              where b deviated from a
  recup query slowest-tasks -p run=a

Exit codes: 0 done; 1 found what you asked to fail on; 2 bad usage or bad input.
"""


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)
@click.version_option(package_name="recup-kg", prog_name="recup", message="%(prog)s %(version)s")
@common
@click.pass_context
def recup(ctx: click.Context) -> None:
    """Where one execution of a scientific workflow deviated from another, and why."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
