"""Distributions: the reference runs as points and a box of quartiles, the run that is looked at as a diamond."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from recup_kg.group_comparisons import Distribution
from recup_kg.report.shapes import Mark, Path, Picture, Rect, Scale, Shape, Text, coordinate
from recup_kg.report.words import quantity

_WIDTH = 320.0
_HEIGHT = 46.0
_SIDE = 12.0
_BOX_FROM = 4
"""Quartiles are drawn from so many references on."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A distribution with its picture; the numbers in words, as the table has them."""

    label: str
    value: str
    middle: str
    low: str
    high: str
    captured: int
    references: int
    place: str
    picture: Picture | None


def strip(distribution: Distribution) -> Strip:
    """A distribution as a row of a table."""
    known = [value for value in distribution.references if value is not None]
    return Strip(
        label=distribution.label,
        value=quantity(distribution.value, distribution.unit),
        middle=quantity(median(known) if known else None, distribution.unit),
        low=quantity(min(known, default=None), distribution.unit),
        high=quantity(max(known, default=None), distribution.unit),
        captured=len(known),
        references=len(distribution.references),
        place=_place(distribution.value, known),
        picture=_picture(distribution, known),
    )


def _place(value: float | None, known: Sequence[float]) -> str:
    """Where the run lies among the references, by counting."""
    if value is None or not known:
        return "can't tell"
    above = sum(other < value for other in known)
    below = sum(other > value for other in known)
    if above == len(known):
        return f"above all {len(known):,}"
    if below == len(known):
        return f"below all {len(known):,}"
    return f"above {above:,} of {len(known):,}"


def _picture(distribution: Distribution, known: Sequence[float]) -> Picture | None:
    if not known:
        return None
    values = [*known, *([] if distribution.value is None else [distribution.value])]
    scale = Scale(min(values), max(values), _SIDE, _WIDTH - _SIDE)
    unit = distribution.unit
    shapes: list[Shape] = [Path(f"M{_SIDE:.0f} 18H{_WIDTH - _SIDE:.0f}", "grid")]
    if len(known) >= _BOX_FROM:
        low, middle, high = (scale(cut) for cut in quantiles(known, n=4, method="inclusive"))
        shapes.append(Rect(low, 8, max(high - low, 1), 20, "quartiles", "middle half of the references"))
        shapes.append(Path(f"M{coordinate(middle)} 8v20", "median-a"))
    places = sorted({round(scale(value), 1) for value in known})
    shapes.append(Path("".join(f"M{coordinate(x)} 13v10" for x in places), "tick-a"))
    if distribution.value is not None:
        shown = quantity(distribution.value, unit)
        shapes.append(Mark(scale(distribution.value), 18, 15, "this", f"this run: {shown}"))
    ends: tuple[Shape, ...] = (Text(_SIDE, 43, quantity(scale.low, unit), "tick"),)
    if scale.high > scale.low:
        ends += (Text(_WIDTH - _SIDE, 43, quantity(scale.high, unit), "tick", "end"),)
    label = f"{distribution.label}: {len(known)} references, this run {quantity(distribution.value, unit)}"
    return Picture(_WIDTH, _HEIGHT, label, (*shapes, *ends), zoom=1.0)
