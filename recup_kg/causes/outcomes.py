"""What is to be explained: which subjects deviate and which do not, given as such or told apart by their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import log
from statistics import fmean, median

FEWEST = 5
"""Values; fewer are split at the median without asking whether they fall into two groups."""
EXPLAINED = 0.7
"""Share of the variance of the logarithms that two groups must explain to be two."""
GAP = (2.0, 12.0)
"""The gap between two groups is at least a + b/n times the widest gap within them. Of n values of one lognormal distribution so
many are taken for two groups: 7 % at n = 5, 3 % at 10, 0.4 % at 20 (tests/causes/test_outcomes.py).
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is to be explained of subjects (runs, tasks): their names, in two parts, and the value of each where it has one.

    `about` is run, task or node. `labels` call what deviates and the others. `rule` says how they were told apart;
    `two_groups` is False where they are no two groups, so that facts are tested against the values and not the parts.
    """

    name: str
    about: str
    deviating: tuple[str, ...]
    others: tuple[str, ...]
    values: Mapping[str, float] = field(default_factory=dict)
    unit: str | None = None
    labels: tuple[str, str] = ("deviating", "others")
    rule: str = ""
    two_groups: bool = True

    @property
    def subjects(self) -> tuple[str, ...]:
        """All, those that deviate first."""
        return (*self.deviating, *self.others)

    def value(self, subject: str) -> float:
        """The value of a subject; 1 for what deviates and 0 for the rest where there are none."""
        return (
            self.values.get(subject, float(subject in self.deviating))
            if self.values
            else float(subject in self.deviating)
        )


def split_outcome(
    name: str, values: Mapping[str, float], *, about: str = "run", unit: str | None = None
) -> Outcome:
    """The subjects with high values against those with low ones.

    Two groups by two-means on the logarithms (exact in one dimension: the best of all cuts) where they explain most of the
    variance and the gap between them is wide (`EXPLAINED`, `GAP`); else the halves at the median.
    """
    ordered = sorted(values, key=lambda subject: (values[subject], subject))
    numbers = [values[subject] for subject in ordered]
    cut = two_groups(numbers)
    if cut is None:
        middle = median(numbers) if numbers else 0.0
        at = sum(number <= middle for number in numbers)
        rule = f"no two groups: above against at most the median, {middle:.6g}{_unit(unit)}; tested by ranks of the values"
    else:
        at = cut
        rule = f"two groups: a gap between {numbers[cut - 1]:.6g} and {numbers[cut]:.6g}{_unit(unit)}"
    labels = ("slow runs", "other runs") if about == "run" else (f"high {about}s", f"other {about}s")
    return Outcome(
        name,
        about,
        tuple(ordered[at:]),
        tuple(ordered[:at]),
        dict(values),
        unit,
        labels,
        rule,
        cut is not None,
    )


def two_groups(ordered: Sequence[float]) -> int | None:
    """Where ascending values fall into two groups: the place of the first of the upper one; None where they do not."""
    if len(ordered) < FEWEST or ordered[0] <= 0 or ordered[0] == ordered[-1]:
        return None
    logs = [log(value) for value in ordered]
    total = _scatter(logs)
    within, cut = min((_scatter(logs[:at]) + _scatter(logs[at:]), at) for at in range(1, len(logs)))
    gaps = [after - before for before, after in pairwise(logs)]
    widest = max((gap for at, gap in enumerate(gaps, 1) if at != cut), default=0.0)
    if within > (1 - EXPLAINED) * total or gaps[cut - 1] < (GAP[0] + GAP[1] / len(logs)) * widest:
        return None
    return cut


def _scatter(values: Sequence[float]) -> float:
    centre = fmean(values)
    return sum((value - centre) ** 2 for value in values)


def _unit(unit: str | None) -> str:
    return f" {unit}" if unit else ""
