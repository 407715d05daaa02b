"""recup metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recup_kg.cli.complete import run_names
from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json, print_table, wrapped
from recup_kg.cli.progress import progress

if TYPE_CHECKING:
    from recup_kg.api.computed_metrics import ComputedMetrics
    from recup_kg.quality import Metric, MetricValue, Observed, ReachedLevels, RunClass, Sample

MOST_VALUES = 4


def _share(ctx: click.Context, param: click.Parameter, per_cent: float) -> float:
    return per_cent / 100


@click.command("metrics")
@click.argument("workflow", metavar="[WORKFLOW]", required=False)
@click.option(
    "--by",
    type=click.Choice(["run", "task", "node"]),
    default="run",
    show_default=True,
    help="Makespans of runs, run times of the tasks of each step, or how fast each node is.",
)
@click.option("--group", metavar="EXPR", help="Only runs of this group: workflow=NAME, tag=NAME, names, ...")
@click.option("--against", metavar="EXPR", help="Hold the runs against this group, the reference.")
@click.option(
    "--metric", "metrics", metavar="NAME", multiple=True, help="Only this metric (can be repeated)."
)
@click.option(
    "--confidence",
    type=click.FloatRange(0.5, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="Of intervals and tests.",
)
@click.option(
    "--half-width",
    type=click.FloatRange(0, min_open=True),
    default=5.0,
    callback=_share,
    show_default=True,
    help="Wanted half-width of the interval of the median, in per cent of it.",
)
@click.option(
    "--effect",
    type=click.FloatRange(0, min_open=True),
    default=5.0,
    callback=_share,
    show_default=True,
    help="The difference that matters, in per cent: for power and for equivalence.",
)
@click.option("--allow-mixed", is_flag=True, help="Put runs of different configurations together.")
@click.option(
    "--levels",
    nargs=2,
    metavar="A B",
    shell_complete=run_names,
    help="Say instead which level of reproducibility two runs reach (ACM, DALiuGE).",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv", "ttl"]),
    default="table",
    show_default=True,
    help="Form of the result.",
)
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Also draw the values: .html, .svg or .png.",
)
@with_settings
def command(
    settings: Settings, levels: tuple[str, str] | None, form: str, plot: Path | None, **asked: Any
) -> None:
    """Say how reproducible the runs of a workflow are.

    WORKFLOW is the name of a workflow, or a part of it or of the names of runs; without it, all runs. Runs of different
    configurations are never mixed: each configuration is a block of its own. The values are kept in the store.
    """
    from recup_kg import api

    if plot:
        _demand_form(plot)
    with api.open(settings.location) as kg, progress("metrics", quiet=settings.quiet) as advance:
        if levels:
            reached = kg.levels(*levels, progress=advance)
        else:
            computed = kg.metrics(**asked, progress=advance)
    if levels:
        _show_levels(reached, as_json=settings.json or form == "json")
        return
    _show(computed, "json" if settings.json else form)
    if plot:
        computed.plot(plot)
        remark(f"drawn: {plot}", quiet=settings.quiet)
    if computed.stored_as:
        remark(f"kept as {computed.stored_as}", quiet=settings.quiet or settings.verbosity == 0)


def _demand_form(plot: Path) -> None:
    """Refuse before anything is computed what can't be drawn."""
    from recup_kg.api.metrics_plot import demand_form

    demand_form(plot)


def _show(computed: ComputedMetrics, form: str) -> None:
    if form == "json":
        click.echo(computed.to_json())
    elif form == "csv":
        click.echo(computed.to_csv(), nl=False)
    elif form == "ttl":
        click.echo(computed.to_turtle().rstrip("\n"))
    else:
        from recup_kg.metrics import catalogue

        for number, one in enumerate(computed.classes):
            if number:
                click.echo()
            _show_class(one, computed.report.by, catalogue())


def _show_class(one: RunClass, by: str, known: Mapping[str, Metric]) -> None:
    runs = f"{len(one.runs)} run{'' if len(one.runs) == 1 else 's'}"
    configuration = f", configuration {one.fingerprint[:8]}" if one.fingerprint else ""
    click.echo(f"{one.workflow or 'runs'}: {runs}{configuration}")
    if one.facts:
        click.echo(wrapped(f"apart from others by: {_some(one.facts)}", "  "))
    for name, why in one.incomplete:
        click.echo(wrapped(f"incomplete capture: {name}: {why}", "  "))
    for text in one.remarks:
        click.echo(wrapped(text, "  "))
    if by == "run":
        for sample in one.samples:
            _show_sample(sample, known)
    else:
        for selection in dict.fromkeys(sample.selection for sample in one.samples):
            _show_parts([s for s in one.samples if s.selection == selection], by, selection)


def _show_sample(sample: Sample, known: Mapping[str, Metric]) -> None:
    click.echo(f"\n{sample.quantity}, {sample.selection}: {_range(sample.values, sample.unit)}")
    if sample.against:
        click.echo(f"against: {_range(sample.against, sample.unit)}")
    rows = [
        (
            known[value.metric].label,
            _number(known[value.metric], value.value),
            _interval(known[value.metric], value),
            _probability(value.p),
        )
        for value in sample.metrics
        if value.value is not None
    ]
    if rows:
        print_table(("metric", "value", "interval", "p"), rows, ("metric",))
    notes = [(known[value.metric].label, value.note) for value in sample.metrics if value.note]
    for note in dict.fromkeys(text for _, text in notes):
        about = ", ".join(label for label, text in notes if text == note)
        click.echo(wrapped(f"{about}: {note}", "  "))


def _show_parts(samples: list[Sample], by: str, selection: str) -> None:
    from recup_kg.metrics import catalogue

    known = catalogue()
    first = samples[0]
    unit = f", {first.unit}" if first.unit else ""
    click.echo(f"\n{first.quantity}{unit}; {selection}")
    shown = [value.metric for value in first.metrics]
    tested = [value.metric for value in first.metrics if first.against and value.metric == "mann-whitney"]
    with_share = any(sample.share is not None for sample in samples)
    columns = [
        "step" if by == "task" else "node",
        "n",
        *(["m"] if first.against else []),
        *map(_short, shown),
    ]
    columns += ["p", "p Holm"] if tested else []
    rows: list[list[object]] = []
    for sample in samples:
        values = {value.metric: value for value in sample.metrics}
        row: list[object] = [
            sample.subject,
            len(sample.values),
            *([len(sample.against)] if first.against else []),
        ]
        row += [_number(known[name], values[name].value) for name in shown]
        if tested:
            test = values["mann-whitney"]
            row += [_probability(test.p), _probability(test.p_adjusted)]
        rows.append(row + ([_percent(sample.share)] if with_share else []))
    print_table([*columns, *(["variance"] if with_share else [])], rows)
    _show_notes(samples)


def _show_notes(samples: Iterable[Sample]) -> None:
    """What is said of all alike once; of single ones only that they have several modes."""
    samples = list(samples)
    found = [(sample.subject, value) for sample in samples for value in sample.metrics if value.note]
    for note in dict.fromkeys(value.note for _, value in found):
        subjects = {subject for subject, value in found if value.note == note}
        if len(subjects) == len(samples) > 0:
            names = sorted({_short(value.metric) for _, value in found if value.note == note})
            click.echo(wrapped(f"{', '.join(names)}: {note}", "  "))
    for subject, value in found:
        if value.metric == "modality" and (value.value or 0) > 1:
            click.echo(wrapped(f"{subject}: {value.note}", "  "))


def _show_levels(reached: ReachedLevels, *, as_json: bool) -> None:
    if as_json:
        print_json(_levels_document(reached))
        return
    click.echo(f"{reached.other} against {reached.reference}\n")
    words = {"same": "reached", "different": "not reached", "can't tell": "can't tell"}
    rows = [
        (level.scheme, level.name, words[level.reached], ", ".join(one.name for one in level.blocking))
        for level in reached.levels
    ]
    print_table(("scheme", "level", "verdict", "blocked by"), rows, ("level",))
    click.echo()
    for condition in reached.conditions:
        click.echo(wrapped(f"{condition.name}: {condition.verdict}: {condition.reason}", "  "))


def _levels_document(reached: ReachedLevels) -> dict[str, Any]:
    return {
        "reference": reached.reference,
        "other": reached.other,
        "comparison": reached.comparison,
        "levels": [
            {
                "scheme": level.scheme,
                "level": level.name,
                "reached": {"same": True, "different": False}.get(level.reached),
                "blockedBy": [one.name for one in level.blocking],
            }
            for level in reached.levels
        ],
        "conditions": [
            {"condition": one.name, "verdict": one.verdict, "reason": one.reason}
            for one in reached.conditions
        ],
    }


def _range(values: tuple[Observed, ...], unit: str | None) -> str:
    numbers = sorted(item.value for item in values)
    after = f" {unit}" if unit else ""
    runs = f"n = {len(numbers)}"
    if len(numbers) <= MOST_VALUES:
        return f"{runs}: {', '.join(f'{number:.6g}' for number in numbers)}{after}"
    return f"{runs}: {numbers[0]:.6g} to {numbers[-1]:.6g}{after}"


def _number(metric: Metric, value: float | None) -> str:
    if value is None:
        return "can't tell"
    if metric.unit == "share":
        return _percent(value)
    return f"{value:.0f}" if metric.unit == "count" else f"{value:.5g}"


def _interval(metric: Metric, value: MetricValue) -> str:
    if value.low is None or value.high is None:
        return ""
    return f"{_number(metric, value.low)} to {_number(metric, value.high)}"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"


def _probability(p: float | None) -> str:
    return "" if p is None else f"{p:.3f}" if p >= 0.001 else f"{p:.0e}"


def _short(metric: str) -> str:
    return {
        "cv": "CV",
        "qcd": "QCD",
        "modality": "modes",
        "ratio-of-medians": "ratio",
        "cliffs-delta": "delta",
    }.get(metric, {"mann-whitney": "U"}.get(metric, metric))


def _some(names: tuple[str, ...]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
