"""What a query answers: rows of Python values, for a notebook, a data frame, a file or a terminal."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, RdfFormat, parse

from recup_kg.api.graphs import ntriples_to_turtle
from recup_kg.errors import MissingExtra, UsageError
from recup_kg.store.table import Table, Value

if TYPE_CHECKING:
    import pandas

_SHOWN_IN_HTML = 100


class Form(StrEnum):
    """What kind of query was answered."""

    SELECT = "select"
    ASK = "ask"
    GRAPH = "graph"


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows under named columns.

    An ASK has one row with one column, `answer`; a CONSTRUCT or DESCRIBE has a row for each triple, and all of them as
    N-Triples in `ntriples`. A value is str (IRIs too), int, float, bool, or None where a variable is unbound.
    """

    table: Table
    form: Form = Form.SELECT
    ntriples: str = ""
    boolean: bool | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        return ("answer",) if self.form is Form.ASK else self.table.columns

    @property
    def rows(self) -> tuple[tuple[Value, ...], ...]:
        """The rows."""
        return ((self.boolean,),) if self.form is Form.ASK else tuple(self.table.values())

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Value]]:
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)

    def to_json(self) -> str:
        """SPARQL 1.1 Query Results JSON; of triples, three columns."""
        if self.form is Form.ASK:
            return json.dumps({"head": {}, "boolean": self.boolean})
        return self.table.to_json()

    def to_csv(self) -> str:
        """SPARQL 1.1 Query Results CSV; of an ASK, one column."""
        if self.form is Form.ASK:
            return f"answer\r\n{str(self.boolean).lower()}\r\n"
        return self.table.to_csv()

    def to_turtle(self) -> str:
        """The triples as Turtle. Raises `UsageError` for anything but CONSTRUCT and DESCRIBE."""
        if self.form is not Form.GRAPH:
            raise UsageError("only CONSTRUCT and DESCRIBE queries give Turtle; ask for table, csv or json")
        return ntriples_to_turtle(self.ntriples)

    def to_pandas(self) -> pandas.DataFrame:
        """The rows as a data frame. Raises `MissingExtra` where pandas is not installed."""
        try:
            import pandas
        except ImportError:
            raise MissingExtra("pandas", "pandas") from None
        return pandas.DataFrame(list(self.rows), columns=list(self.columns))

    def shown(self, shorten: Callable[[str], str]) -> Iterator[tuple[Value, ...]]:
        """The rows with IRIs made shorter, for people."""
        if self.form is Form.ASK:
            yield from self.rows
            return
        for terms, values in zip(self.table.rows, self.table.values(), strict=True):
            yield tuple(
                shorten(term.value) if isinstance(term, NamedNode) else value
                for term, value in zip(terms, values, strict=True)
            )

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self.columns)
        body = "".join(
            "<tr>" + "".join(f"<td>{_html(value)}</td>" for value in row) + "</tr>"
            for row in self.rows[:_SHOWN_IN_HTML]
        )
        rest = len(self) - _SHOWN_IN_HTML
        more = f"<p>and {rest} more rows</p>" if rest > 0 else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def of_boolean(answer: bool) -> Answer:
    """The answer to an ASK."""
    return Answer(Table((), ()), Form.ASK, boolean=answer)


def of_triples(ntriples: str) -> Answer:
    """The answer to a CONSTRUCT or DESCRIBE."""
    quads = parse(ntriples, format=RdfFormat.N_TRIPLES)
    rows = tuple((quad.subject, quad.predicate, quad.object) for quad in quads)
    return Answer(Table(("subject", "predicate", "object"), rows), Form.GRAPH, ntriples)


def _html(value: Value) -> str:
    return "" if value is None else html.escape(str(value))
