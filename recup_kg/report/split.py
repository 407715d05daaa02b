"""How the difference of two makespans splits up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recup_kg.comparisons import Makespan, MakespanStep
from recup_kg.report.shapes import Path, Picture, Rect, Scale, Shape, Text, axis, coordinate
from recup_kg.report.words import number, seconds, signed_seconds

_WIDTH = 620.0
_LEFT = 190.0
_RIGHT = 96.0
_ROW = 22.0


def picture(makespan: Makespan) -> Picture | None:
    """A waterfall: from the makespan of the reference, part by part, to that of the other run."""
    if makespan.reference is None or makespan.other is None or not makespan.parts:
        return None
    levels = [makespan.reference]
    for part in makespan.parts:
        levels.append(levels[-1] + part.difference)
    scale = Scale(min(0.0, *levels), max(*levels, makespan.other) or 1.0, _LEFT, _WIDTH - _RIGHT)
    height = (len(makespan.parts) + 2) * _ROW
    shapes: list[Shape] = list(
        axis(scale, 0, height, [(tick, f"{number(tick)} s") for tick in scale.ticks(4)])
    )
    shapes += _bar("reference", 0.0, makespan.reference, 0, scale, "total", seconds(makespan.reference))
    for row, part in enumerate(makespan.parts, start=1):
        look = "more" if part.difference > 0 else "less"
        shown = signed_seconds(part.difference)
        shapes += _bar(part.part, levels[row - 1], levels[row], row, scale, look, shown)
    last = len(makespan.parts) + 1
    shapes += _bar("other run", 0.0, makespan.other, last, scale, "total", seconds(makespan.other))
    label = f"The makespan from {seconds(makespan.reference)} to {seconds(makespan.other)}, part by part"
    return Picture(_WIDTH, height + 20, label, tuple(shapes))


def _bar(name: str, begin: float, end: float, row: int, scale: Scale, look: str, shown: str) -> list[Shape]:
    y = row * _ROW + 4
    low, high = sorted((scale(begin), scale(end)))
    return [
        Text(_LEFT - 8, y + 11, name if len(name) <= 28 else f"{name[:27]}…", "label", "end"),
        Rect(low, y, max(high - low, 1.5), _ROW - 8, f"bar {look}", f"{name}: {shown}"),
        Text(_WIDTH - 4, y + 11, shown, "value", "end"),
        Path(f"M{coordinate(scale(end))} {coordinate(y)}v{coordinate(_ROW)}", "join"),
    ]


@dataclass(frozen=True, slots=True)
class PathRow:
    """A task of the critical paths: what it adds to each makespan, in seconds; None where it is not on that path."""

    reference_task: str | None
    other_task: str | None
    reference: float | None
    other: float | None
    difference: float
    mostly: str


@dataclass(frozen=True, slots=True)
class Paths:
    """The critical paths side by side; `rest` is the difference of the tasks that are not listed, in seconds."""

    rows: tuple[PathRow, ...]
    left_out: int
    rest: float
    total: float


def paths(makespan: Makespan, most: int) -> Paths:
    """The tasks of both paths in their order; where there are more than `most`, those that changed most."""
    steps = list(enumerate(makespan.steps))
    kept = sorted(sorted(steps, key=lambda step: (-abs(step[1].difference), step[0]))[:most])
    rows = tuple(_row(step) for _, step in kept)
    total = sum(step.difference for step in makespan.steps)
    return Paths(rows, len(steps) - len(rows), total - sum(row.difference for row in rows), total)


def _row(step: MakespanStep) -> PathRow:
    largest = max(step.parts, key=lambda part: abs(part.difference), default=None)
    return PathRow(
        step.reference_task,
        step.other_task,
        None if step.reference_task is None else sum(part.reference for part in step.parts),
        None if step.other_task is None else sum(part.other for part in step.parts),
        step.difference,
        largest.part if largest is not None else "",
    )


def unexplained(makespan: Makespan, explained: Sequence[str]) -> list[tuple[str, float]]:
    """The parts, with their differences, that no task explains."""
    return [(part.part, part.difference) for part in makespan.parts if part.part in explained]
