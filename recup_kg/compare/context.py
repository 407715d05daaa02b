"""What every rule of the comparison looks at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from recup_kg.align.match import Matching
from recup_kg.compare.facts import Cell, Facts, Ran
from recup_kg.compare.frontier import Frontier
from recup_kg.compare.settings import NOT_CAPTURED, Settings
from recup_kg.compare.shared import Shared, find_shared
from recup_kg.comparisons import Evidence, Options, SourceGap, Verdict

Row = Mapping[str, Cell]
Rows = Callable[[str], Sequence[Row]]


@dataclass(frozen=True)
class Context:
    """Both runs, how they match, and `rows(query)`: what a query of the library finds between them.

    `sources` are the sources that are missing or partial, `fusions` the graphs that say so of the reference and of the other run,
    `settings` what other sources than the task graph tell of packages, parameters and seeds, `contents` verdicts on pairs of data
    (IRIs) whose files were compared.
    """

    reference: Facts
    other: Facts
    matching: Matching
    aligned: Mapping[str, str]
    frontier: Frontier
    rows: Rows
    options: Options
    sources: tuple[SourceGap, ...] = ()
    fusions: tuple[str | None, str | None] = (None, None)
    settings: Settings = NOT_CAPTURED
    contents: Mapping[tuple[str, str], Verdict] = field(default_factory=dict)

    @cached_property
    def reference_tasks(self) -> Mapping[str, str]:
        """IRI of each task of the reference to its identifier."""
        return {task.iri: task.identifier for task in self.reference.tasks.values()}

    @cached_property
    def other_tasks(self) -> Mapping[str, str]:
        """IRI of each task of the other run to its identifier."""
        return {task.iri: task.identifier for task in self.other.tasks.values()}

    @cached_property
    def reference_data(self) -> Mapping[str, str]:
        """IRI of each data object of the reference to its identifier."""
        return {item.iri: item.identifier for item in self.reference.data.values()}

    @cached_property
    def other_data(self) -> Mapping[str, str]:
        """IRI of each data object of the other run to its identifier."""
        return {item.iri: item.identifier for item in self.other.data.values()}

    @cached_property
    def told(self) -> tuple[int, int, int, int]:
        """How many matched tasks are known to have run or not: in both runs, the reference only, the other only, neither."""
        counts = Counter(
            (self.reference.tasks[task].ran is Ran.UNKNOWN, self.other.tasks[partner].ran is Ran.UNKNOWN)
            for task, partner in self.matching.pairs.items()
        )
        return counts[False, False], counts[False, True], counts[True, False], counts[True, True]

    @cached_property
    def ran_in_one(self) -> int:
        """How many matched tasks ran in one run and did not in the other."""
        states = (
            {self.reference.tasks[task].ran, self.other.tasks[partner].ran}
            for task, partner in self.matching.pairs.items()
        )
        return sum(state == {Ran.YES, Ran.NO} for state in states)

    @cached_property
    def uncaptured(self) -> bool:
        """Whether there are tasks of which nobody can tell whether they ran."""
        return any(facts.number(Ran.UNKNOWN) for facts in (self.reference, self.other))

    @cached_property
    def reference_partners(self) -> Mapping[str, str]:
        """Each matched task of the other run to that of the reference, by identifier."""
        return {partner: task for task, partner in self.matching.pairs.items()}

    @cached_property
    def shared(self) -> tuple[Shared, ...]:
        """What tasks share that took longer or shorter together."""
        return find_shared(self.reference, self.other, self.matching.pairs, self.options.seconds)

    @property
    def same_execution(self) -> bool:
        """Whether both graphs tell of one and the same execution."""
        return self.reference.run.execution == self.other.run.execution

    def evidence(self, query: str, row: Row) -> Evidence:
        """The query and the row of it that a deviation rests on."""
        return Evidence(query, dict(row))
