"""recup export."""

from __future__ import annotations

from pathlib import Path

import click

from recup_kg.cli.complete import run_names
from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json
from recup_kg.errors import UsageError


@click.command("export")
@click.argument("run", default="@latest", shell_complete=run_names)
@click.option(
    "--format",
    "to",
    default="wfformat",
    show_default=True,
    metavar="FORMAT",
    help="A format; see docs/exports.md.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file instead of standard output.",
)
@click.option("--zip", "zipped", is_flag=True, help="A crate as an archive, with the run's quads in it.")
@with_settings
def command(settings: Settings, run: str, to: str, output: Path | None, zipped: bool) -> None:
    """Write a run (default: @latest) as a trace or as RDF."""
    from recup_kg import api

    if zipped and to != "ro-crate":
        raise UsageError(f"--zip is for ro-crate, not for {to}; leave it out")
    if zipped and settings.json:
        raise UsageError("an archive is no text; leave out --json or --zip")
    with api.open(settings.location) as kg:
        data = kg.export(run, to, zipped=zipped)
    if settings.json:
        print_json({"run": run, "format": to, "text": data.decode()})
    elif output is None:
        click.echo(data, nl=False)
    else:
        _write(output, data)
        remark(f"wrote {output}", quiet=settings.quiet)


def _write(output: Path, data: bytes) -> None:
    try:
        output.write_bytes(data)
    except OSError as error:
        raise UsageError(f"{output}: can't be written: {error.strerror}; name another file") from error
