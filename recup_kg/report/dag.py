"""The folded union graph as a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from recup_kg.report.fold import Fold, Folded, FoldEdge
from recup_kg.report.layout import Frame, place
from recup_kg.report.shapes import Link, Mark, Path, Picture, Rect, Shape, Text, coordinate
from recup_kg.report.words import count, fitted, without_common_start

WIDE = 1240.0
"""What fits the page, in pixels."""
_BOX = (184.0, 58.0)
_SMALL = (168.0, 24.0)
_MARGIN = 10.0
_SMALLEST = 0.75
"""What is too wide is made smaller down to this, and scrolls then."""
_LONG = 8
"""From so many layers on a graph is drawn from top to bottom, if it is narrow enough."""


def picture(folded: Folded, label: str, target: Callable[[int], str] | None = None) -> Picture:
    """The folds as boxes that lead to `target(number)`, dependencies as lines between them."""
    return _picture(folded, label, _BOX, _box, target)


def task_picture(folded: Folded, label: str) -> Picture:
    """The same with a small box a task."""
    return _picture(folded, label, _SMALL, _small_box, None)


def _picture(
    folded: Folded,
    label: str,
    box: tuple[float, float],
    draw: Callable[[Fold, str, float, float], Iterator[Shape]],
    target: Callable[[int], str] | None,
) -> Picture:
    edges = [(edge.source, edge.target) for edge in folded.edges]
    width, height = box
    right = place(len(folded.folds), edges, Frame(width, height, 56.0, 14.0 if box is _BOX else 8.0))
    deep = max(right.layer, default=0) + 1
    placed, upright = right, False
    if right.along > WIDE and deep >= _LONG:
        down = place(len(folded.folds), edges, Frame(height, width, 34.0, 18.0))
        if down.across <= WIDE:
            placed, upright = down, True
    shapes: list[Shape] = [
        shape
        for number, edge in enumerate(folded.edges)
        for shape in _wire(edge, placed.bends[number], upright)
    ]
    names = without_common_start([fold.name for fold in folded.folds])
    for number, fold in enumerate(folded.folds):
        x, y = _turned(placed.boxes[number], upright)
        drawn = tuple(draw(fold, names[fold.name], x + _MARGIN, y + _MARGIN))
        title = _title(fold)
        shapes.append(Link(target(number) if target else "", title, drawn))
    across = (placed.across, placed.along) if upright else (placed.along, placed.across)
    size = across[0] + 2 * _MARGIN, across[1] + 2 * _MARGIN
    return Picture(*size, label, tuple(shapes), zoom=min(1.0, max(_SMALLEST, WIDE / size[0])))


def _box(fold: Fold, shown: str, x: float, y: float) -> Iterator[Shape]:
    width, height = _BOX
    state = fold.state
    yield Rect(x, y, width, height, f"box {state.slug}", radius=6)
    yield Mark(x + 17, y + 18, 14, state.slug)
    yield Text(x + 30, y + 22, fitted(shown, width - 36, 12), "name")
    yield Text(x + 30, y + 38, counted(fold), "small")
    yield from _bar(fold, x + 10, y + height - 12, width - 20)


def _small_box(fold: Fold, shown: str, x: float, y: float) -> Iterator[Shape]:
    width, height = _SMALL
    state = fold.state
    yield Rect(x, y, width, height, f"box {state.slug}", radius=4)
    yield Mark(x + 12, y + 12, 11, state.slug)
    yield Text(x + 22, y + 16, fitted(shown, width - 28, 12), "small")


def counted(fold: Fold) -> str:
    """How many tasks a fold has in the reference and in the other run."""
    if fold.reference == fold.other:
        return count(fold.reference, "task")
    return f"{fold.reference:,} → {fold.other:,} tasks"


def _bar(fold: Fold, x: float, y: float, width: float) -> Iterator[Shape]:
    """The shares of the states, each at least three pixels wide."""
    states = fold.states
    total = sum(states.values())
    free = width - 3 * len(states)
    for state, number in states.items():
        part = 3 + free * number / total
        yield Rect(x, y, part, 5, f"part {state.slug}")
        x += part


def _title(fold: Fold) -> str:
    parts = ", ".join(f"{number:,} {state.value}" for state, number in fold.states.items())
    inside = f"; {count(fold.inside, 'dependency', 'dependencies')} inside" if fold.inside else ""
    return f"{fold.name}: {counted(fold)}; {parts}{inside}"


def _wire(edge: FoldEdge, bends: Sequence[tuple[float, float]], upright: bool) -> Iterator[Shape]:
    look = (
        "wire"
        if edge.reference and edge.other
        else "wire reference-wire"
        if edge.reference
        else "wire other-wire"
    )
    points = [_turned(point, upright) for point in bends]
    data = f"M{_point(points[0])}"
    for (x, y), (z, w) in pairwise(points):
        if upright:
            data += f"C{_point((x, (y + w) / 2))} {_point((z, (y + w) / 2))} {_point((z, w))}"
        else:
            data += f"C{_point(((x + z) / 2, y))} {_point(((x + z) / 2, w))} {_point((z, w))}"
    yield Path(data, look, _wire_title(edge))


def _wire_title(edge: FoldEdge) -> str:
    if edge.reference == edge.other:
        return count(edge.reference, "dependency", "dependencies")
    return f"{edge.reference:,} → {edge.other:,} dependencies"


def _turned(point: tuple[float, float], upright: bool) -> tuple[float, float]:
    return (point[1], point[0]) if upright else point


def _point(point: tuple[float, float]) -> str:
    return f"{coordinate(point[0] + _MARGIN)} {coordinate(point[1] + _MARGIN)}"
