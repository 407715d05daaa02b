"""recup completion."""

from __future__ import annotations

import click

from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@with_settings
def command(settings: Settings, shell: str) -> None:
    """Print a completion script for a shell.

    It completes commands, options, runs, queries and files.

    \b
    bash: recup completion bash >> ~/.bash_completion
    zsh:  recup completion zsh > ~/.zfunc/_recup    (~/.zfunc in fpath)
    fish: recup completion fish > ~/.config/fish/completions/recup.fish
    """
    script = _script(shell)
    if settings.json:
        print_json({"shell": shell, "script": script})
    else:
        click.echo(script)


def _script(shell: str) -> str:
    from click.shell_completion import get_completion_class

    from recup_kg.cli.group import recup

    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"no completion for {shell}")
    return kind(recup, {}, "recup", "_RECUP_COMPLETE").source()
