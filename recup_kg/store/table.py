"""The solutions of a SELECT query."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import pyoxigraph

from recup_kg.vocab import RDF, XSD

Term: TypeAlias = pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal | pyoxigraph.Triple
Value: TypeAlias = str | int | float | bool | None

_INTEGERS = frozenset(
    XSD + name
    for name in (
        "integer",
        "int",
        "long",
        "short",
        "byte",
        "nonNegativeInteger",
        "positiveInteger",
        "nonPositiveInteger",
        "negativeInteger",
        "unsignedLong",
        "unsignedInt",
        "unsignedShort",
        "unsignedByte",
    )
)
_FLOATS = frozenset(XSD + name for name in ("double", "float", "decimal"))
_PLAIN = frozenset((XSD + "string", RDF + "langString", RDF + "dirLangString"))


@dataclass(frozen=True, slots=True)
class Table:
    """Named columns, and rows of RDF terms; None is an unbound variable."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]

    def __len__(self) -> int:
        return len(self.rows)

    def dicts(self) -> Iterator[dict[str, Value]]:
        """Each row as a dictionary of Python values."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.values())

    def values(self) -> Iterator[tuple[Value, ...]]:
        """Each row as Python values."""
        return (tuple(map(value, row)) for row in self.rows)

    def column(self, name: str) -> list[Value]:
        """One column as Python values. Raises KeyError for an unknown name."""
        if name not in self.columns:
            raise KeyError(name)
        index = self.columns.index(name)
        return [value(row[index]) for row in self.rows]

    def to_csv(self) -> str:
        """SPARQL 1.1 Query Results CSV (https://www.w3.org/TR/sparql11-results-csv-tsv/)."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(self.columns)
        writer.writerows([_csv_text(term) for term in row] for row in self.rows)
        return out.getvalue()

    def to_json(self) -> str:
        """SPARQL 1.1 Query Results JSON (https://www.w3.org/TR/sparql11-results-json/)."""
        bindings = [
            {name: json_term(term) for name, term in zip(self.columns, row, strict=True) if term is not None}
            for row in self.rows
        ]
        document = {"head": {"vars": list(self.columns)}, "results": {"bindings": bindings}}
        return json.dumps(document, ensure_ascii=False)


def table_of(solutions: pyoxigraph.QuerySolutions) -> Table:
    """All solutions of a SELECT query."""
    columns = tuple(variable.value for variable in solutions.variables)
    return Table(columns, tuple(tuple(solution) for solution in solutions))


def value(term: Term | None) -> Value:
    """A term as a Python value: whole numbers exact, decimals as float, IRIs and everything else as their text.

    A literal whose text is not of its datatype's form stays text.
    """
    if term is None:
        return None
    if isinstance(term, pyoxigraph.Literal):
        return _literal_value(term.value, term.datatype.value)
    return term.value if isinstance(term, pyoxigraph.NamedNode) else str(term)


def json_term(term: Term) -> dict[str, Any]:
    """A term as SPARQL 1.1 Query Results JSON has it; quoted triples as SPARQL 1.2 does."""
    if isinstance(term, pyoxigraph.NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, pyoxigraph.BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, pyoxigraph.Triple):
        parts = {"subject": term.subject, "predicate": term.predicate, "object": term.object}
        return {"type": "triple", "value": {name: json_term(part) for name, part in parts.items()}}
    literal: dict[str, Any] = {"type": "literal", "value": term.value}
    if term.language is not None:
        literal["xml:lang"] = term.language
    elif term.datatype.value not in _PLAIN:
        literal["datatype"] = term.datatype.value
    return literal


def _literal_value(text: str, datatype: str) -> Value:
    if datatype == XSD + "boolean":
        return {"true": True, "1": True, "false": False, "0": False}.get(text, text)
    # int() and float() take 1_000 as well, which XML Schema does not.
    if "_" in text:
        return text
    try:
        if datatype in _INTEGERS:
            return int(text)
        if datatype in _FLOATS:
            return float(text)
    except ValueError:
        return text
    return text


def _csv_text(term: Term | None) -> str:
    if term is None:
        return ""
    if isinstance(term, pyoxigraph.NamedNode | pyoxigraph.Literal):
        return term.value
    return str(term)
