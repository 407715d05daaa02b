"""What every rule of the comparison looks at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from recup_kg.align.match import Matching
from recup_kg.compare.facts import Cell, Facts
from recup_kg.compare.frontier import Frontier
from recup_kg.comparisons import Evidence, Options

Row = Mapping[str, Cell]
Rows = Callable[[str], Sequence[Row]]


@dataclass(frozen=True)
class Context:
    """Both runs, how they match, and `rows(query)`: what a query of the library finds between them."""

    reference: Facts
    other: Facts
    matching: Matching
    aligned: Mapping[str, str]
    frontier: Frontier
    rows: Rows
    options: Options

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

    @property
    def same_execution(self) -> bool:
        """Whether both graphs tell of one and the same execution."""
        return self.reference.run.execution == self.other.run.execution

    def evidence(self, query: str, row: Row) -> Evidence:
        """The query and the row of it that a deviation rests on."""
        return Evidence(query, dict(row))
