"""Write docs/cli.md, the reference of the command line, from what `--help` says."""

from __future__ import annotations

from pathlib import Path

import click

from recup_kg.cli.group import COMMANDS, recup

TARGET = Path(__file__).parent / "cli.md"
HEAD = """\
# Command line

Made by `make docs` from `recup --help`; a test checks that it is current. Exit codes, streams and errors:
[errors-and-exit-codes.md](errors-and-exit-codes.md).
"""


def reference() -> str:
    """The text of docs/cli.md."""
    parent = click.Context(recup, info_name="recup", terminal_width=80, help_option_names=["-h", "--help"])
    parts = [HEAD, _section("recup", recup.get_help(parent))]
    for name in COMMANDS:
        command = recup.get_command(parent, name)
        if command is not None:
            context = click.Context(command, info_name=name, parent=parent, terminal_width=80)
            parts.append(_section(f"recup {name}", command.get_help(context)))
        if isinstance(command, click.Group):
            parts += _inner(command, context)
    return "\n".join(parts)


def _inner(group: click.Group, parent: click.Context) -> list[str]:
    """The commands of a group within the group."""
    parts = []
    for name, command in sorted(group.commands.items()):
        context = click.Context(command, info_name=name, parent=parent, terminal_width=80)
        parts.append(_section(f"recup {parent.info_name} {name}", command.get_help(context)))
    return parts


def _section(title: str, text: str) -> str:
    return f"## {title}\n\n```\n{text.rstrip()}\n```\n"


if __name__ == "__main__":
    TARGET.write_text(reference())
