"""recup doctor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from recup_kg.cli import exits
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json, print_table, wrapped

if TYPE_CHECKING:
    from recup_kg.api.diagnosis import FairReport, Finding
    from recup_kg.catalog.fair import Missing


@click.command("doctor")
@click.option("--fair", is_flag=True, help="What the catalogue lacks, by FAIR principle.")
@click.option(
    "--catalog",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --fair: a file instead of catalog.toml in the store.",
)
@click.option(
    "--base",
    metavar="URL",
    default="http://127.0.0.1:8000",
    show_default=True,
    help="With --fair: where the site is or will be.",
)
@click.option("--strict", is_flag=True, help="With --fair: exit 1 if anything is missing.")
@click.option("--template", is_flag=True, help="Print a catalog.toml to fill in, and nothing else.")
@with_settings
def command(
    settings: Settings, fair: bool, catalog: Path | None, base: str, strict: bool, template: bool
) -> int:
    """Say whether the store is in order, and its catalogue FAIR.

    Exit code 1: a bundle is damaged or not indexed.
    """
    from recup_kg import api

    if template:
        click.echo(_template(), nl=False)
        return exits.DONE
    with api.open(settings.location) as kg:
        if fair:
            report = kg.fair(base.rstrip("/"), catalog=catalog)
            _print_report(settings, report)
            failed = strict and bool(report.missing)
        else:
            findings = kg.diagnosis()
            _print_findings(settings, findings)
            failed = not all(finding.ok for finding in findings)
    return exits.FOUND if failed else exits.DONE


def _template() -> str:
    from importlib.resources import files

    return files("recup_kg.catalog").joinpath("catalog.toml").read_text(encoding="utf-8")


def _print_findings(settings: Settings, findings: tuple[Finding, ...]) -> None:
    if settings.json:
        print_json([finding.to_dict() for finding in findings])
        return
    rows = [("ok" if item.ok else "NOT OK", item.what, item.seen) for item in findings]
    print_table(("", "what", "seen"), rows, whole=("",))
    for item in findings:
        if item.advice:
            click.echo(wrapped(f"{item.what}: {item.advice}", ""))


def _print_report(settings: Settings, report: FairReport) -> None:
    if settings.json:
        print_json(report.to_dict())
        return
    source = report.file or "no catalog.toml (recup doctor --template prints one)"
    click.echo(f"{report.datasets:,} datasets, {source}")
    if not report.missing:
        click.echo(f"nothing is missing of the {report.questions} things that were looked for")
        return
    click.echo(f"{len(report.missing)} of {report.questions} things are missing:\n")
    for item in report.missing:
        click.echo(wrapped(f"{item.principle:<5} {item.what}{_of(item)}", " " * 6).removeprefix(" " * 6))
        click.echo(wrapped(item.advice, " " * 8))


def _of(item: Missing) -> str:
    if item.count is None:
        return ""
    names = ", ".join(item.examples) + (", ..." if item.count > len(item.examples) else "")
    return f": {item.count:,} of {item.total:,} datasets ({names})"
