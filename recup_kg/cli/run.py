"""Run the command line and turn what goes wrong into one line and an exit code."""

from __future__ import annotations

from collections.abc import Sequence

import click

from recup_kg.cli import exits, messages
from recup_kg.cli.group import recup
from recup_kg.errors import RecupError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code.

    An error that is the user's to mend is one line; anything else is a defect of ours and keeps its traceback.
    """
    try:
        code = recup.main(args=arguments, prog_name="recup", standalone_mode=False)
    except click.Abort:
        messages.error("interrupted")
        return exits.INTERRUPTED
    except click.ClickException as problem:
        messages.error(_usage(problem))
        return exits.BAD_INPUT
    except RecupError as problem:
        messages.error(str(problem))
        return exits.BAD_INPUT
    return code if isinstance(code, int) else exits.DONE


def _usage(problem: click.ClickException) -> str:
    text = problem.format_message().rstrip(".")
    context = problem.ctx if isinstance(problem, click.UsageError) else None
    return f"{text}; see '{context.command_path} --help'" if context else text
