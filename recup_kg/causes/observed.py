"""What was observed of subjects: properties with the values that each has, quantities, and what gaps leave untold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from recup_kg.comparisons import Evidence, Value
from recup_kg.explanations import Fact


@dataclass(frozen=True, slots=True)
class Property:
    """The values that each subject has of one thing, such as the versions of a package.

    A subject that is not in `values` was not captured: it neither has nor lacks anything. One with no values was, and has none.
    `gaps` says of subjects what their capture lacks that tells of this: what they have counts, what they lack does not.
    """

    kind: str
    name: str
    values: Mapping[str, frozenset[Value]]
    unit: str | None = None
    evidence: tuple[Evidence, ...] = ()
    gaps: Mapping[str, str] = field(default_factory=dict)

    def identifies(self) -> bool:
        """Whether each of three or more subjects has a value of its own: that names it and tells nothing else."""
        known = [values for values in self.values.values() if values]
        single = [next(iter(values)) for values in known if len(values) == 1]
        return len(known) >= 3 and len(single) == len(known) == len(set(single))


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of each subject, such as a counter. Subjects that are not in `values` were not captured.

    The number of a subject with a gap is a part of what it should be: it does not count.
    """

    kind: str
    name: str
    values: Mapping[str, float]
    unit: str | None = None
    evidence: tuple[Evidence, ...] = ()
    gaps: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pattern:
    """Which subjects have a fact and which lack it; those in neither were not captured, `untold` of them for a gap."""

    fact: Fact
    having: frozenset[str]
    lacking: frozenset[str]
    evidence: tuple[Evidence, ...] = ()
    untold: Mapping[str, str] = field(default_factory=dict)

    def turned(self) -> Pattern:
        """The pattern of those that lack the fact."""
        opposite = {"=": "without", "without": "=", ">=": "<", "<": ">="}[self.fact.relation]
        fact = Fact(self.fact.kind, self.fact.name, self.fact.value, self.fact.unit, opposite)
        return Pattern(fact, self.lacking, self.having, self.evidence, self.untold)


def patterns(observed: Property, subjects: frozenset[str]) -> Iterator[Pattern]:
    """One pattern for each value that some subjects have and others lack."""
    known = {subject: values for subject, values in observed.values.items() if subject in subjects}
    for value in sorted({value for values in known.values() for value in values}, key=str):
        having = frozenset(subject for subject, values in known.items() if value in values)
        rest = known.keys() - having
        untold = {
            subject: observed.gaps[subject] for subject in subjects - having if subject in observed.gaps
        }
        lacking = frozenset(rest - untold.keys())
        if having and (lacking or untold):
            fact = Fact(observed.kind, observed.name, value, observed.unit)
            yield Pattern(fact, having, lacking, observed.evidence, untold)
