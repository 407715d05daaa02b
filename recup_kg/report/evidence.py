"""The query behind each statement, with its values, numbered as they come up."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from recup_kg.comparisons import Comparison, Evidence, Value
from recup_kg.errors import UnknownQuery, UsageError
from recup_kg.queries import Binding, Query, bind, load


@dataclass(frozen=True, slots=True)
class Question:
    """A query with its values: SPARQL as it can be asked anywhere, and the command that asks it."""

    number: int
    name: str
    title: str
    sparql: str
    command: str

    @property
    def anchor(self) -> str:
        """The id of its place in the page."""
        return f"query-{self.number}"


@dataclass(frozen=True, slots=True)
class Row:
    """A statement's query and the row of it that says so."""

    question: Question
    cells: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Questions:
    """The queries of a page. `scope` are the values of parameters that name runs and comparisons; `names` runs by name."""

    scope: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)
    noted: dict[str, Question] = field(default_factory=dict)

    @classmethod
    def of_pair(cls, comparison: Comparison) -> Questions:
        """Of a comparison of two runs: its parameters are their graphs and its own."""
        scope = {
            "reference": comparison.reference.graph,
            "other": comparison.other.graph,
            "comparison": comparison.graph,
        }
        return cls(scope)

    def row(self, evidence: Evidence) -> Row:
        """The query of a statement, which is noted, and the values of the row that it rests on."""
        query = load(evidence.query)
        values = self._values(query, evidence.bindings)
        cells = tuple(
            (name, str(value))
            for name, value in evidence.bindings.items()
            if value is not None and values.get(name) != value
        )
        return Row(self._question(query, values), cells)

    def asked(self, evidence: Evidence) -> Question:
        """The query of a statement that is true of all its rows: the evidence has the values of its parameters."""
        query = load(evidence.query)
        values: dict[str, Binding] = {}
        for parameter in query.parameters:
            value = evidence.bindings.get(parameter.name)
            if value is not None:
                values[parameter.name] = (
                    self.names.get(str(value), value) if parameter.type == "run" else value
                )
        return self._question(query, values)

    def ask(self, name: str, values: Mapping[str, Binding] | None = None) -> Question:
        """A query of the library, about this comparison."""
        query = load(name)
        return self._question(query, {**self._values(query, {}), **(values or {})})

    @property
    def all(self) -> Sequence[Question]:
        """All that were noted, in their order."""
        return tuple(self.noted.values())

    def _values(self, query: Query, bindings: Mapping[str, Value]) -> dict[str, Binding]:
        found: dict[str, Binding] = {}
        for parameter in query.parameters:
            said = self.scope.get(parameter.name) if parameter.type in ("run", "comparison") else None
            value: Binding = bindings.get(parameter.name) if said is None else said
            if value is not None:
                found[parameter.name] = (
                    self.names.get(str(value), value) if parameter.type == "run" else value
                )
        return found

    def _question(self, query: Query, values: Mapping[str, Binding]) -> Question:
        command = " ".join(
            [
                "recup query",
                query.name,
                *(f"-p {shlex.quote(f'{name}={value}')}" for name, value in values.items()),
            ]
        )
        if command not in self.noted:
            number = len(self.noted) + 1
            self.noted[command] = Question(number, query.name, query.title, _sparql(query, values), command)
        return self.noted[command]


def evidence_row(questions: Questions, evidence: Evidence) -> Row | None:
    """The row behind a statement; None where the library has no such query (any more)."""
    try:
        return questions.row(evidence)
    except UnknownQuery:
        return None


def _sparql(query: Query, values: Mapping[str, Binding]) -> str:
    """The text with its values; a value that its parameter refuses leaves the query as it is."""
    try:
        bound = bind(query, values)
    except UsageError:
        bound = query.text
    return "\n".join(line for line in bound.splitlines() if not line.startswith("#+")).strip()
