"""The values behind metrics as a picture: first the table that is drawn, then the picture of it."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from recup_kg.errors import MissingExtra, StoreError, UsageError
from recup_kg.quality import Observed, QualityReport, RunClass, Sample

if TYPE_CHECKING:
    import altair

FORMS = (".html", ".svg", ".png")
WIDTH = 560
_SCALE = 2.0
_LONGEST = 40
COMPLETE, PARTIAL = "complete or unknown", "incomplete"
OTHER, REFERENCE = "the group", "the reference"
_GROUPS = {COMPLETE: "capture", OTHER: "group"}


def plot_rows(report: QualityReport) -> list[dict[str, Any]]:
    """What is drawn: a row for each value, with its panel (quantity and unit), line, group, run, and a median.

    The median is that of the line; of two groups, that of the group.

    Values of steps are over the median of the step, so that steps of any length share an axis.
    """
    return [
        row
        for one in report.classes
        for sample in one.samples
        if sample.selection == "all runs"
        for row in _rows(report, one, sample)
    ]


def save_plot(report: QualityReport, path: Path) -> None:
    """Draw the values to a file, HTML, SVG or PNG by its name; all of them can be seen without a network.

    Raises `UsageError` for another name and where there is nothing to draw, `MissingExtra`, `StoreError` where the file can't be
    written.
    """
    form = demand_form(path)
    rows = plot_rows(report)
    if not rows:
        raise UsageError("there are no values to draw")
    try:
        import altair  # noqa: F401
        import vl_convert
    except ImportError as error:
        raise MissingExtra(error.name or "altair", "plots") from None
    drawn = chart(rows)
    if form == ".html":
        content = drawn.to_html(inline=True).encode()
    elif form == ".svg":
        content = vl_convert.vegalite_to_svg(drawn.to_dict()).encode()
    else:
        content = vl_convert.vegalite_to_png(drawn.to_dict(), scale=_SCALE)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise StoreError(f"{path}: can't be written: {error.strerror}") from error


def demand_form(path: Path) -> str:
    """The form that the name of the file asks for. Raises `UsageError` where it is none."""
    form = path.suffix.lower()
    if form not in FORMS:
        raise UsageError(f"{path}: a plot is written as one of {', '.join(FORMS)}")
    return form


def chart(rows: list[dict[str, Any]]) -> altair.VConcatChart:
    """One panel for each quantity: a line for each subject, a mark for each run, and a tick at the median.

    Groups differ in shape as well, so that they can be told apart without colour.
    """
    import altair

    panels = [
        _panel([row for row in rows if row["panel"] == panel], panel)
        for panel in dict.fromkeys(row["panel"] for row in rows)
    ]
    whole: altair.VConcatChart = altair.vconcat(*panels)
    drawn: altair.VConcatChart = whole.configure_view(stroke=None).configure_axis(labelLimit=260)
    return drawn


def _panel(rows: list[dict[str, Any]], title: str) -> altair.LayerChart:
    import altair

    groups = list(dict.fromkeys(row["group"] for row in rows))
    order = list(dict.fromkeys(row["line"] for row in rows))
    y = altair.Y("line:N", title=None, sort=order)
    x = altair.X("value:Q", title=title, scale=altair.Scale(zero=False))
    base = altair.Chart(altair.InlineData(values=rows)).properties(width=WIDTH, height=altair.Step(26))
    legend = None if len(groups) == 1 else altair.Legend(title=_GROUPS[min(groups, key=_first)])
    marks = base.mark_point(size=60, opacity=0.75).encode(
        x=x,
        y=y,
        shape=altair.Shape("group:N", legend=legend, scale=_scale(groups, ["circle", "cross"])),
        color=altair.Color("group:N", legend=legend, scale=_scale(groups, ["#1f5f99", "#d1632a"])),
        tooltip=["run:N", "value:Q", "group:N"],
    )
    middle = base.mark_tick(thickness=3, size=18, color="black").encode(x="median:Q", y=y)
    return altair.LayerChart(layer=[middle, marks])


def _first(group: str) -> bool:
    return group not in _GROUPS


def _scale(groups: list[str], values: list[str]) -> altair.Scale:
    import altair

    ordered = sorted(groups, key=_first)
    return altair.Scale(domain=ordered, range=values[: len(ordered)])


def _rows(report: QualityReport, one: RunClass, sample: Sample) -> list[dict[str, Any]]:
    relative = report.by == "task"
    panel = f"{sample.quantity} (over its median)" if relative else sample.quantity
    unit = f", {sample.unit}" if sample.unit and not relative else ""
    line = sample.subject if report.by != "run" else _line(one, report)
    everyone = [item.value for item in (*sample.values, *sample.against)]
    scale = median(everyone) if relative else 1.0
    if not scale:
        return []
    groups = [(OTHER, sample.values), (REFERENCE, sample.against)] if sample.against else []
    incomplete = {run for run, _ in one.incomplete}
    for name, lacking in ((COMPLETE, False), (PARTIAL, True)) if not sample.against else ():
        groups.append((name, tuple(item for item in sample.values if (item.run in incomplete) == lacking)))
    return [
        {
            "panel": panel + unit,
            "line": line,
            "group": group,
            "run": item.run,
            "value": item.value / scale,
            "median": median(item.value for item in (values if sample.against else sample.values)) / scale,
        }
        for group, values in groups
        for item in _ordered(values)
    ]


def _ordered(values: tuple[Observed, ...]) -> list[Observed]:
    return sorted(values, key=lambda item: item.run)


def _line(one: RunClass, report: QualityReport) -> str:
    name = one.workflow or "runs"
    short = name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"
    several = sum(other.workflow == one.workflow for other in report.classes) > 1
    return f"{short} {one.fingerprint[:8]}" if several and one.fingerprint else short
