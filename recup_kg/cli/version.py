"""recup version."""

from __future__ import annotations

import platform
from importlib.metadata import version

import click

from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json

ENGINES = ("pyoxigraph", "shacl", "pyshacl", "rdflib")


@click.command("version")
@with_settings
def command(settings: Settings) -> None:
    """The version of recup and of what it stands on."""
    versions = {"recup": version("recup-kg"), "python": platform.python_version()}
    versions |= {name: version(name) for name in ENGINES}
    if settings.json:
        print_json(versions)
        return
    for name, number in versions.items():
        click.echo(f"{name} {number}")
