"""What Virtuoso 7.2 answers otherwise than SPARQL 1.1 says, and how to get at the values all the same.

It keeps doubles whole, but prints six digits of them in every form of an answer; `STR` gives them all. It prints booleans as 1
and 0 in JSON. Seen with 07.20.3229 (Debian 12).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pyoxigraph

from recup_kg.store.table import Table, Term
from recup_kg.vocab import XSD

_DOUBLES = frozenset((XSD + "double", XSD + "float"))
_BOOLEAN = XSD + "boolean"
_TRUTH = {"1": "true", "0": "false"}
_PROLOGUE = re.compile(r"(?:\s|#[^\n]*\n|BASE\s*<[^>]*>|PREFIX\s+[^\s:]*:\s*<[^>]*>)*", re.IGNORECASE)
_DATASET = re.compile(r"\bFROM\b", re.IGNORECASE)
_WRITTEN = "recupWritten"

Row = tuple[Term | None, ...]


def is_virtuoso(server: str) -> bool:
    """Whether a server is Virtuoso, by the name that it gives itself (HTTP header `Server`)."""
    return server.startswith("Virtuoso")


def exact(table: Table, query: str, select: Callable[[str], Table]) -> Table:
    """The answer to a query with all digits of its doubles, asked for once more by `select` where it has any."""
    columns = _columns_of_doubles(table)
    if columns and not _DATASET.search(query):
        again = select(_asking_for_text(query, table.columns, columns))
        rows = tuple(_with_text(row, columns, len(table.columns)) for row in again.rows)
        table = Table(table.columns, rows)
    return Table(table.columns, tuple(tuple(map(_with_truth, row)) for row in table.rows))


def graph_query(graph: str) -> str:
    """SPARQL for all triples of a graph with their values as text."""
    return (
        f"SELECT ?s ?p ?o (STR(?o) AS ?{_WRITTEN}0) {{ GRAPH {pyoxigraph.NamedNode(graph)} {{ ?s ?p ?o }} }}"
    )


def ntriples(table: Table) -> bytes:
    """The answer to `graph_query` as N-Triples."""
    rows = (tuple(map(_with_truth, _with_text(row, (2,), 3))) for row in table.rows)
    return "".join(f"{subject} {predicate} {value} .\n" for subject, predicate, value in rows).encode()


def _columns_of_doubles(table: Table) -> tuple[int, ...]:
    return tuple(
        index for index in range(len(table.columns)) if any(_is_double(row[index]) for row in table.rows)
    )


def _is_double(term: Term | None) -> bool:
    return isinstance(term, pyoxigraph.Literal) and term.datatype.value in _DOUBLES


def _asking_for_text(query: str, names: Sequence[str], columns: Sequence[int]) -> str:
    """The query as a sub-query of one that also asks for the text of some columns; Virtuoso keeps its order."""
    match = _PROLOGUE.match(query)
    end = match.end() if match else 0
    wanted = " ".join(f"?{name}" for name in names)
    texts = " ".join(f"(STR(?{names[index]}) AS ?{_WRITTEN}{index})" for index in columns)
    return f"{query[:end]}SELECT {wanted} {texts} WHERE {{ {{ {query[end:]}\n}} }}"


def _with_text(row: Row, columns: Sequence[int], width: int) -> Row:
    """The first `width` terms of a row, of which those in `columns` have their text behind them, in this order."""
    terms = list(row[:width])
    for index, text in zip(columns, row[width:], strict=True):
        term = terms[index]
        if _is_double(term) and isinstance(term, pyoxigraph.Literal) and isinstance(text, pyoxigraph.Literal):
            terms[index] = pyoxigraph.Literal(text.value, datatype=term.datatype)
    return tuple(terms)


def _with_truth(term: Term | None) -> Term | None:
    if isinstance(term, pyoxigraph.Literal) and term.datatype.value == _BOOLEAN:
        return pyoxigraph.Literal(_TRUTH.get(term.value, term.value), datatype=term.datatype)
    return term
