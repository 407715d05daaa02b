"""What pictures are made of: shapes with classes, which the style sheet gives colours for light and dark. No markup here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle; `title` is what a reader hears, or sees when pointing at it."""

    x: float
    y: float
    width: float
    height: float
    look: str
    title: str = ""
    radius: float = 0.0
    kind: str = "rect"


@dataclass(frozen=True, slots=True)
class Path:
    """A path in the notation of SVG."""

    data: str
    look: str
    title: str = ""
    kind: str = "path"


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text; `anchor` is start, middle or end."""

    x: float
    y: float
    text: str
    look: str = ""
    anchor: str = "start"
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Mark:
    """One of the page's symbols, `size` pixels wide and high, around a point."""

    x: float
    y: float
    size: float
    symbol: str
    title: str = ""
    kind: str = "mark"


@dataclass(frozen=True, slots=True)
class Link:
    """Shapes that lead to an element of the page."""

    target: str
    title: str
    shapes: tuple[Shape, ...]
    kind: str = "link"


Shape: TypeAlias = Rect | Path | Text | Mark | Link


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing of so many pixels. `label` says in words what it shows.

    It is shown at `zoom`, or shrunk to the page where that is None.
    """

    width: float
    height: float
    label: str
    shapes: tuple[Shape, ...]
    zoom: float | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to pixels."""

    low: float
    high: float
    begin: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a value."""
        span = self.high - self.low
        share = 0.5 if span <= 0 else (value - self.low) / span
        return self.begin + share * (self.end - self.begin)

    def ticks(self, most: int = 8) -> list[float]:
        """Round values within the scale: steps of 1, 2 or 5 times a power of ten."""
        span = self.high - self.low
        if span <= 0:
            return [self.low]
        rough = span / most
        power = 10.0 ** floor(log10(rough))
        step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
        first = ceil(self.low / step - 1e-9)
        return [step * number for number in range(first, floor(self.high / step + 1e-9) + 1)]


def coordinate(value: float) -> str:
    """A coordinate with one decimal at most."""
    return (
        f"{value:.1f}".removesuffix(".0").replace("-0", "0")
        if abs(value) < 0.05
        else f"{value:.1f}".removesuffix(".0")
    )


def boxes(rectangles: Iterable[tuple[float, float, float, float]]) -> str:
    """Many rectangles (x, y, width, height) as one path, which is a third as long."""
    return "".join(
        f"M{coordinate(x)} {coordinate(y)}h{coordinate(width)}v{coordinate(height)}h-{coordinate(width)}z"
        for x, y, width, height in rectangles
    )


def axis(scale: Scale, top: float, bottom: float, labels: Sequence[tuple[float, str]]) -> tuple[Shape, ...]:
    """Lines across the picture at some values, each with its label below."""
    lines = "".join(
        f"M{coordinate(scale(value))} {coordinate(top)}V{coordinate(bottom)}" for value, _ in labels
    )
    texts = (Text(scale(value), bottom + 14, label, "tick", "middle") for value, label in labels)
    return (Path(lines, "grid"), *texts)
