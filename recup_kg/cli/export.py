"""recup export."""

from __future__ import annotations

import re
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
    type=click.Path(path_type=Path),
    help="A file, or a folder for one, instead of standard output.",
)
@click.option("--zip", "zipped", is_flag=True, help="A crate as an archive, with the run's quads in it.")
@click.option(
    "--profile",
    type=click.Choice(("process", "workflow", "provenance")),
    help="Of a crate; default: the best that the data fulfil.",
)
@click.option("--list", "listed", is_flag=True, help="List the formats and stop.")
@with_settings
def command(
    settings: Settings,
    run: str,
    to: str,
    output: Path | None,
    zipped: bool,
    profile: str | None,
    listed: bool,
) -> None:
    """Write a run (default: @latest) as a trace or as RDF."""
    from recup_kg import api

    if listed:
        _list(settings)
        return
    if profile is not None and to != "ro-crate":
        raise UsageError(f"--profile is for ro-crate, not for {to}; leave it out")
    if zipped and to != "ro-crate":
        raise UsageError(f"--zip is for ro-crate, not for {to}; leave it out")
    if zipped and settings.json:
        raise UsageError("an archive is no text; leave out --json or --zip")
    with api.open(settings.location) as kg:
        data = kg.export(run, to, zipped=zipped, profile=profile)
        if output is not None and output.is_dir():
            output = output / _file_name(kg.run(run).name if run == "@latest" else run, to, zipped=zipped)
    if settings.json:
        print_json({"run": run, "format": to, "text": data.decode()})
    elif output is None:
        click.echo(data, nl=False)
    else:
        _write(output, data)
        remark(f"wrote {output}", quiet=settings.quiet)


def _list(settings: Settings) -> None:
    from recup_kg.exports import formats

    found = {name: (item.__doc__ or "").partition("\n")[0] for name, item in formats().items()}
    if settings.json:
        print_json(found)
        return
    for name, title in found.items():
        click.echo(f"{name:<{max(map(len, found))}}  {title}")


def _file_name(name: str, to: str, *, zipped: bool) -> str:
    """The name of a run or comparison, as a file system takes it, with the suffix of the format."""
    from recup_kg.exports import format_named

    plain = re.sub(r"[^\w.@+-]+", "_", name).lstrip(".") or "run"
    return plain + (".crate.zip" if zipped else format_named(to).SUFFIX)


def _write(output: Path, data: bytes) -> None:
    try:
        output.write_bytes(data)
    except OSError as error:
        raise UsageError(f"{output}: can't be written: {error.strerror}; name another file") from error
