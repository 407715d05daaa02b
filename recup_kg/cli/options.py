"""Options that every command takes, before or after its name."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from recup_kg.cli.exits import BROKEN_PIPE
from recup_kg.cli.messages import configure_logging
from recup_kg.cli.output import forget_stdout

DEFAULT_STORE = "recup-store"
STORE_VARIABLE = "RECUP_STORE"


@dataclass(slots=True)
class Settings:
    """What the common options say; one object for the group and its command, so the later option wins."""

    store: str | None = None
    verbosity: int = 0
    quiet: bool = False
    json: bool = False

    @property
    def location(self) -> str:
        """The store: the option, else RECUP_STORE, else ./recup-store."""
        return self.store or os.environ.get(STORE_VARIABLE) or DEFAULT_STORE


def _remember(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    if value and param.name:
        setattr(ctx.ensure_object(Settings), param.name, value)


_COMMON = (
    click.option(
        "--store",
        metavar="DIR|:memory:|URL",
        expose_value=False,
        callback=_remember,
        help=f"The store.  [env: {STORE_VARIABLE}; default: ./{DEFAULT_STORE}]",
    ),
    click.option(
        "--json",
        is_flag=True,
        expose_value=False,
        callback=_remember,
        help="Print the result as JSON on standard output.",
    ),
    click.option(
        "-v",
        "--verbose",
        "verbosity",
        count=True,
        expose_value=False,
        callback=_remember,
        help="Say more (-vv: everything).",
    ),
    click.option(
        "-q",
        "--quiet",
        is_flag=True,
        expose_value=False,
        callback=_remember,
        help="Say nothing but results and errors.",
    ),
)


def common(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add --store, --json, -v and -q to a command or group."""
    for option in reversed(_COMMON):
        function = option(function)
    return function


def with_settings(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the common options and hand the function their values as its first argument."""

    @click.pass_context
    @functools.wraps(function)
    def invoke(ctx: click.Context, *args: Any, **kwargs: Any) -> Any:
        settings = ctx.ensure_object(Settings)
        configure_logging(settings.verbosity, quiet=settings.quiet)
        try:
            result = function(settings, *args, **kwargs)
            sys.stdout.flush()
        except BrokenPipeError:
            # click would end with 1 here, which says something else.
            forget_stdout()
            ctx.exit(BROKEN_PIPE)
        return result

    return common(invoke)
