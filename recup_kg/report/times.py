"""Run times of tasks by step, of both runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log10
from statistics import median

from recup_kg.compare.facts import Facts
from recup_kg.report.shapes import Path, Picture, Scale, Shape, Text, axis, coordinate
from recup_kg.report.union import Union
from recup_kg.report.words import count, fitted, seconds

WIDTH = 1160.0
_LEFT = 190.0
_ROW = 34.0
_TOP = 8.0


@dataclass(frozen=True, slots=True)
class StepTimes:
    """Run times (s) of the tasks of a step; `uncaptured` counts those without one, in the reference and in the other run."""

    step: str
    reference: tuple[float, ...]
    other: tuple[float, ...]
    uncaptured: tuple[int, int]

    @property
    def medians(self) -> tuple[float | None, float | None]:
        """The medians in seconds; None where no run time was captured."""
        one, two = (median(times) if times else None for times in (self.reference, self.other))
        return one, two

    @property
    def sums(self) -> tuple[float | None, float | None]:
        """The sums in seconds; None where no run time was captured."""
        one, two = (sum(times) if times else None for times in (self.reference, self.other))
        return one, two

    @property
    def change(self) -> float | None:
        """By how much the sum differs, in seconds."""
        one, two = self.sums
        return None if one is None or two is None else two - one

    @property
    def ratio(self) -> float | None:
        """Median over median."""
        one, two = self.medians
        return None if not one or two is None else two / one


def by_step(union: Union, reference: Facts, other: Facts) -> tuple[StepTimes, ...]:
    """The steps, those whose sum changed most first."""
    found: dict[str, tuple[list[float | None], list[float | None]]] = {}
    for task in union.tasks:
        times = found.setdefault(task.step, ([], []))
        times[0].extend(reference.tasks[name].run_time for name in task.reference)
        times[1].extend(other.tasks[name].run_time for name in task.other)
    steps = [
        StepTimes(step, _known(one), _known(two), uncaptured=(one.count(None), two.count(None)))
        for step, (one, two) in found.items()
    ]
    return tuple(sorted(steps, key=lambda step: (-abs(step.change or 0.0), step.step)))


def _known(times: Sequence[float | None]) -> tuple[float, ...]:
    return tuple(sorted(time for time in times if time is not None))


def picture(steps: Sequence[StepTimes]) -> Picture | None:
    """Each run time as a line, the reference above the other run, medians longer; on a logarithmic axis from 1 ms on."""
    times = [time for step in steps for time in (*step.reference, *step.other) if time > 0]
    if not times:
        return None
    scale = Scale(log10(max(min(times), 1e-3)), log10(max(*times, 2e-3)), _LEFT, WIDTH - 24)
    shapes: list[Shape] = []
    y = _TOP
    for step in steps:
        shapes.append(Text(_LEFT - 10, y + 20, fitted(step.step, _LEFT - 14, 12), "label", "end"))
        for values, top, look in ((step.reference, y + 2, "a"), (step.other, y + 18, "b")):
            shapes += _strip(step.step, values, scale, top, look)
        y += _ROW + 6
    decades = range(round(scale.low - 0.5), round(scale.high + 0.5) + 1)
    ticks = [
        (float(power), f"{10.0**power:,.10g} s") for power in decades if scale.low <= power <= scale.high
    ]
    label = f"Run times of {count(len(steps), 'step')}, reference above, other run below"
    return Picture(WIDTH, y + 20, label, (*axis(scale, _TOP, y, ticks), *shapes))


def _strip(step: str, values: Sequence[float], scale: Scale, top: float, look: str) -> Iterator[Shape]:
    places = sorted({round(scale(log10(max(value, 1e-3))), 1) for value in values})
    if not places:
        return
    lines = "".join(f"M{coordinate(place)} {coordinate(top + 3)}v9" for place in places)
    yield Path(lines, f"tick-{look}")
    middle = median(values)
    title = (
        f"{step}, {'reference' if look == 'a' else 'other run'}: median {seconds(middle)} of {len(values):,}"
    )
    x = scale(log10(max(middle, 1e-3)))
    yield Path(f"M{coordinate(x)} {coordinate(top)}v15", f"median-{look}", title)
