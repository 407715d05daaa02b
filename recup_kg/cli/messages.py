"""What goes to standard error: errors, remarks, logging. Standard output is for results."""

from __future__ import annotations

import logging

import click

LOGGER = "recup_kg"


class _Handler(logging.Handler):
    """Writes through click, so that a replaced standard error is honoured."""

    def emit(self, record: logging.LogRecord) -> None:
        click.echo(f"recup: {self.format(record)}", err=True)


def configure_logging(verbosity: int, *, quiet: bool) -> None:
    """Send the log of recup_kg to standard error: warnings, with -v steps, with -vv everything, with -q errors only."""
    logger = logging.getLogger(LOGGER)
    for handler in [handler for handler in logger.handlers if isinstance(handler, _Handler)]:
        logger.removeHandler(handler)
    logger.addHandler(_Handler())
    logger.setLevel(_level(verbosity, quiet=quiet))


def _level(verbosity: int, *, quiet: bool) -> int:
    if quiet:
        return logging.ERROR
    return {0: logging.WARNING, 1: logging.INFO}.get(verbosity, logging.DEBUG)


def error(text: str) -> None:
    """One line that says what is wrong and what to do."""
    click.echo(f"recup: {' '.join(text.split())}", err=True)


def remark(text: str, *, quiet: bool) -> None:
    """A remark for a human reader."""
    if not quiet:
        click.echo(text, err=True)
