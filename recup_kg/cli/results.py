"""recup results."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recup_kg import __version__
from recup_kg.cli import exits
from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json
from recup_kg.cli.progress import progress
from recup_kg.result_comparisons import Bound, Policy

if TYPE_CHECKING:
    from recup_kg.api.results import ComparedResults
    from recup_kg.result_comparisons import ResultComparison
    from recup_kg.results.ensemble import EnsembleTest

FAIL_ON = {"different": ("different",), "cant-tell": ("different", "can't tell")}
POLICIES = click.Choice(["equal", "different"])


def _finite(ctx: click.Context, param: click.Parameter, value: float | None) -> float | None:
    if value is not None and not (isfinite(value) and value >= 0):
        raise click.BadParameter(f"{value} is not a finite number of at least 0")
    return value


@click.command("results")
@click.argument("paths", metavar="A B", nargs=-1, type=click.Path(path_type=Path))
@click.option("--rtol", type=float, default=0.0, callback=_finite, help="Bound relative to A.")
@click.option("--atol", type=float, callback=_finite, help="Absolute bound.  [default: 0]")
@click.option("--ulp", type=click.IntRange(min=0), help="Or so many representable numbers apart.")
@click.option("--eps", type=float, callback=_finite, help="Bound of a fingerprint; of A and B as --atol.")
@click.option(
    "--theta", type=float, callback=_finite, help="Margin within which means are equivalent (TOST)."
)
@click.option("--nan", type=POLICIES, default="equal", show_default=True, help="NaN in both is ...")
@click.option("--inf", type=POLICIES, default="equal", show_default=True, help="The same infinity is ...")
@click.option(
    "--ignore",
    metavar="GLOB",
    multiple=True,
    help="Leave out files, variables (x, x@units) or FILE:VARIABLE; repeatable.",
)
@click.option(
    "--runs",
    metavar="RUN_A RUN_B",
    nargs=2,
    help="The runs that wrote A and B: link them and keep the verdict.",
)
@click.option("--keep", is_flag=True, help="Keep the comparison in the store.")
@click.option("--fingerprint", is_flag=True, help="Take the fingerprint of A, which needs --eps.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where to.  [default: A.recup-fp]")
@click.option(
    "--chunk", type=click.IntRange(min=1), default=1024, show_default=True, help="Values of a chunk."
)
@click.option(
    "--against-fingerprint", type=click.Path(path_type=Path), help="Compare with the fingerprint of old data."
)
@click.option(
    "--reference", type=click.Path(path_type=Path), help="The old data: read what may differ from them."
)
@click.option("--ensemble", metavar="GLOB", multiple=True, help="Members of an ensemble; then give new runs.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="Form of the report; --verbose tells of what is identical too.",
)
@click.option("--fail-on", type=click.Choice(list(FAIL_ON)), help="Exit with 1 on that verdict.")
@with_settings
def command(settings: Settings, paths: tuple[Path, ...], **given: Any) -> int:
    """Compare output data: files or folders A, the reference, and B.

    Variable by variable: identical, within the bound |B - A| <= atol + rtol |A|, equivalent, different, missing or can't
    tell. Knows
    npy, npz, HDF5, NetCDF, CSV, Parquet, JSON, images and text; other files are compared by their bytes.
    """
    if given["fingerprint"]:
        return _fingerprint(settings, paths, given)
    if given["ensemble"]:
        return _ensemble(settings, paths, given)
    if given["against_fingerprint"]:
        return _against(settings, paths, given)
    return _compare(settings, paths, given)


def _compare(settings: Settings, paths: tuple[Path, ...], given: dict[str, Any]) -> int:
    if len(paths) != 2:
        raise click.UsageError("give two files, or two folders: A B")
    if given["eps"] is not None and given["atol"] is not None:
        raise click.UsageError("--eps and --atol are the same bound here: give one of them")
    atol = given["eps"] if given["atol"] is None else given["atol"]
    bound = Bound(
        given["rtol"], atol or 0.0, given["ulp"], Policy(given["nan"]), Policy(given["inf"]), given["theta"]
    )
    if given["keep"] or given["runs"]:
        return _keep(settings, paths, bound, given)
    # No store is asked for, and no time spent on loading what knows stores.
    from recup_kg.results.compare import compare

    with progress("results", quiet=settings.quiet) as advance:
        found = compare(*paths, bound, __version__, ignore=given["ignore"], progress=advance)
    return _say(settings, found, given)


def _keep(settings: Settings, paths: tuple[Path, ...], bound: Bound, given: dict[str, Any]) -> int:
    from recup_kg import api

    names = ("rtol", "ulp", "nan", "inf", "theta", "ignore", "keep")
    with api.open(settings.location) as kg, progress("results", quiet=settings.quiet) as advance:
        found = kg.results(
            *paths,
            atol=bound.atol,
            runs=given["runs"] or None,
            progress=advance,
            **{name: given[name] for name in names},
        )
    return _tell(settings, found, given)


def _tell(settings: Settings, found: ComparedResults, given: dict[str, Any]) -> int:
    code = _say(settings, found.comparison, given)
    if found.stored_as:
        remark(f"kept as {found.stored_as}", quiet=settings.quiet)
    return code


def _say(settings: Settings, found: ResultComparison, given: dict[str, Any]) -> int:
    from recup_kg.results.words import render

    form = "json" if settings.json else given["form"]
    click.echo(render(found, form, verbose=settings.verbosity > 0).rstrip("\n"))
    fail_on = given["fail_on"]
    return exits.FOUND if fail_on and found.verdict in FAIL_ON[fail_on] else exits.DONE


def _fingerprint(settings: Settings, paths: tuple[Path, ...], given: dict[str, Any]) -> int:
    from recup_kg.api.results import take_fingerprint

    if len(paths) != 1 or given["eps"] is None:
        raise click.UsageError("--fingerprint wants one file or folder and --eps")
    to = given["output"] or Path(f"{paths[0].resolve().name}.recup-fp")
    with progress("fingerprint", quiet=settings.quiet) as advance:
        found = take_fingerprint(
            paths[0], given["eps"], to, chunk=given["chunk"], ignore=given["ignore"], progress=advance
        )
    if settings.json:
        from recup_kg.results.fingerprint import about

        print_json(about(found))
        return exits.DONE
    click.echo(f"{to}: {len(found.trees):,} variables, {to.stat().st_size:,} bytes, eps {found.eps:g}")
    for name, why in found.unreadable:
        remark(f"{name} is not in it: {why}", quiet=settings.quiet)
    return exits.DONE


def _against(settings: Settings, paths: tuple[Path, ...], given: dict[str, Any]) -> int:
    from recup_kg.api.results import compare_with_fingerprint

    if len(paths) != 1:
        raise click.UsageError("--against-fingerprint OLD.recup-fp wants one new file or folder")
    with progress("results", quiet=settings.quiet) as advance:
        found = compare_with_fingerprint(
            given["against_fingerprint"],
            paths[0],
            old=given["reference"],
            ignore=given["ignore"],
            progress=advance,
        )
    return _tell(settings, found, given)


def _ensemble(settings: Settings, paths: tuple[Path, ...], given: dict[str, Any]) -> int:
    from recup_kg.api.results import check_ensemble, ensemble_document
    from recup_kg.result_comparisons import verdict_of

    if not paths:
        raise click.UsageError("--ensemble wants the new runs as well")
    members = [path for pattern in given["ensemble"] for path in _matching(pattern)]
    found = check_ensemble(members, paths, ignore=given["ignore"], theta=given["theta"])
    if settings.json or given["form"] == "json":
        print_json(ensemble_document(found))
    else:
        click.echo(_ensemble_text(found))
    fail_on = given["fail_on"]
    return exits.FOUND if fail_on and verdict_of(found.level) in FAIL_ON[fail_on] else exits.DONE


def _matching(pattern: str) -> list[Path]:
    """The paths that match a pattern; the pattern itself where none does, so that its absence is told."""
    path = Path(pattern)
    return sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor)))) or [path]


def _ensemble_text(found: EnsembleTest) -> str:
    rule = found.rule
    lines = [
        f"{found.level.value}: {len(found.runs)} runs against {found.members} members, "
        f"{found.variables} variables, {found.components} components",
        f"different: {rule.components} failing components in {rule.runs} runs; fails: > {rule.deviations:g} s",
    ]
    for run in found.runs:
        failing = ", ".join(map(str, run.failing)) or "none"
        lines += ["", f"{run.name}: {len(run.failing)} failing components ({failing})"]
        lines += [f"  {name}: {value:+.3g} s from the ensemble's mean" for name, value in run.furthest]
    lines += [f"{name}: the same in all members, another value now" for name in found.constant]
    for name, interval in found.equivalences.items():
        word = "equivalent" if interval.holds else "not shown to be equivalent"
        lines.append(f"{name}: mean difference in [{interval.low:.4g}, {interval.high:.4g}]: {word}")
    return "\n".join(lines)
