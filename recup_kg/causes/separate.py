"""How exactly one fact separates what deviates from what does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from recup_kg.causes.exact import cliffs_delta, fisher, fisher_floor, rank_sum
from recup_kg.causes.observed import Pattern, Property, Quantity, patterns
from recup_kg.causes.outcomes import Outcome
from recup_kg.explanations import Fact

CAPTURE_GAP = "capture gap"
NOTEWORTHY = 0.1
"""Share of the median of the others by which a quantity must lie apart where too few subjects allow no test."""


@dataclass(frozen=True, slots=True)
class Separation:
    """A pattern that goes with what deviates, and how far: counts are (having the fact, captured).

    `j` is Youden's J, `effect` Cliff's delta, `ratio` that of the medians, `p` exact, `floor` the smallest p that the counts can
    give; None where there is one subject against one. `clear` tells of a quantity that the gap between the two sides is at least
    as wide as the range of the others, and `NOTEWORTHY` of their median.
    """

    pattern: Pattern
    deviating: tuple[int, int]
    others: tuple[int, int]
    effect: float
    ratio: float | None
    p: float | None
    floor: float | None
    quantity: bool = False
    clear: bool = True

    @property
    def j(self) -> float:
        """The share of those that deviate that have the fact, less that of the others."""
        return self.deviating[0] / self.deviating[1] - self.others[0] / self.others[1]

    @property
    def key(self) -> tuple[bool, frozenset[str], frozenset[str]]:
        """Equal for facts that can't be told apart by what was compared."""
        return self.quantity, self.pattern.having, self.pattern.lacking


@dataclass(frozen=True, slots=True)
class Untold:
    """What could not be tested: kinds of facts by the gap that touches them, kinds that were captured of one side only, and names
    of properties that identify each subject.
    """

    gaps: dict[str, set[str]] = field(default_factory=dict)
    one_sided: set[str] = field(default_factory=set)
    identifying: set[str] = field(default_factory=set)

    def touched(self, kind: str, gaps: Mapping[str, str]) -> None:
        """Facts of a kind that were captured of one side only, for gaps of subjects or without a known one."""
        if not gaps:
            self.one_sided.add(kind)
        for gap in gaps.values():
            self.gaps.setdefault(gap, set()).add(kind)


def separations(
    outcome: Outcome, properties: Sequence[Property], quantities: Sequence[Quantity], untold: Untold
) -> Iterator[Separation]:
    """What each fact separates; what can't be told goes into `untold`."""
    subjects = frozenset(outcome.subjects)
    for observed in properties:
        if observed.kind != CAPTURE_GAP and observed.identifies():
            untold.identifying.add(observed.name)
            continue
        if not all(
            any(one in observed.values for one in side) for side in (outcome.deviating, outcome.others)
        ):
            untold.touched(observed.kind, observed.gaps)
            continue
        for pattern in patterns(observed, subjects):
            found = of_pattern(outcome, pattern)
            if found is None:
                untold.touched(observed.kind, pattern.untold)
            else:
                yield found
    for quantity in quantities:
        found = of_quantity(outcome, quantity)
        if found is not None:
            yield found
        elif not _captured(outcome.deviating, quantity) or not _captured(outcome.others, quantity):
            untold.touched(quantity.kind, quantity.gaps)


def of_pattern(outcome: Outcome, pattern: Pattern) -> Separation | None:
    """How a pattern, or its opposite, goes with what deviates; None where it was captured of one side only.

    p is Fisher's exact one where the outcome is in two groups, else that of the rank test of its values.
    """
    known = pattern.having | pattern.lacking
    deviating = [subject for subject in outcome.deviating if subject in known]
    others = [subject for subject in outcome.others if subject in known]
    if not deviating or not others or not pattern.having or not pattern.lacking:
        return None
    a = sum(subject in pattern.having for subject in deviating)
    b = sum(subject in pattern.having for subject in others)
    if a * len(others) < b * len(deviating):
        return of_pattern(outcome, pattern.turned())
    having = [outcome.value(subject) for subject in (*deviating, *others) if subject in pattern.having]
    lacking = [outcome.value(subject) for subject in (*deviating, *others) if subject in pattern.lacking]
    p = floor = None
    if len(known) > 2 and outcome.two_groups:
        p = fisher(a, len(deviating), b, len(others))
        floor = fisher_floor(a + b, len(deviating), len(others))
    elif len(known) > 2:
        p, floor = rank_sum(having, lacking)
    return Separation(
        pattern,
        (a, len(deviating)),
        (b, len(others)),
        cliffs_delta(having, lacking),
        _ratio(having, lacking) if outcome.values else None,
        p,
        floor,
    )


def of_quantity(outcome: Outcome, quantity: Quantity) -> Separation | None:
    """A quantity at the threshold that separates best; p, effect and ratio are of its values, with no threshold.

    None where it was captured of one side only, or is the same for all.
    """
    one, two = _captured(outcome.deviating, quantity), _captured(outcome.others, quantity)
    high, low = ([quantity.values[subject] for subject in side] for side in (one, two))
    if not one or not two or len({*high, *low}) == 1:
        return None
    threshold, upward = best_threshold(high, low)
    fact = Fact(quantity.kind, quantity.name, threshold, quantity.unit, ">=" if upward else "<")
    both = frozenset((*one, *two))
    having = frozenset(subject for subject in both if (quantity.values[subject] >= threshold) == upward)
    gaps = {subject: quantity.gaps[subject] for subject in outcome.subjects if subject in quantity.gaps}
    p, floor = rank_sum(high, low) if len(both) > 2 else (None, None)
    return Separation(
        Pattern(fact, having, both - having, quantity.evidence, gaps),
        (sum(subject in having for subject in one), len(one)),
        (sum(subject in having for subject in two), len(two)),
        cliffs_delta(high, low),
        _ratio(high, low),
        p,
        floor,
        quantity=True,
        clear=_clear(high, low),
    )


def _clear(high: Sequence[float], low: Sequence[float]) -> bool:
    gap = max(min(high) - max(low), min(low) - max(high))
    return gap >= max(max(low) - min(low), NOTEWORTHY * abs(median(low)))


def best_threshold(high: Sequence[float], low: Sequence[float]) -> tuple[float, bool]:
    """The value of largest |J|, and whether those that deviate have at least it (else less)."""
    drops: dict[float, list[int]] = {}
    for side, values in enumerate((high, low)):
        for value in values:
            drops.setdefault(value, [0, 0])[side] += 1
    above = [len(high), len(low)]
    best, found = 0.0, (min(drops), True)
    for value in sorted(drops):
        j = above[0] / len(high) - above[1] / len(low)
        if abs(j) > best:
            best, found = abs(j), (value, j > 0)
        above = [left - gone for left, gone in zip(above, drops[value], strict=True)]
    return found


def _captured(subjects: Sequence[str], quantity: Quantity) -> list[str]:
    return [subject for subject in subjects if subject in quantity.values and subject not in quantity.gaps]


def _ratio(first: Sequence[float], second: Sequence[float]) -> float | None:
    below = median(second)
    return median(first) / below if below > 0 else None
