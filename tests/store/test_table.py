"""Solutions: exact Python values, and the W3C's formats."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import pyoxigraph
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, QueryResultsFormat, Triple

from recup_kg.store.table import Table, Term, table_of, value
from recup_kg.vocab import RDF, XSD


def typed(text: str, name: str) -> Literal:
    return Literal(text, datatype=NamedNode(XSD + name))


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        (None, None),
        (NamedNode("urn:a"), "urn:a"),
        (BlankNode("b"), "_:b"),
        (Literal("text"), "text"),
        (Literal("chat", language="fr"), "chat"),
        (typed("9223372036854775807", "integer"), 2**63 - 1),
        (typed("-9223372036854775808", "long"), -(2**63)),
        (typed("18446744073709551615", "unsignedLong"), 2**64 - 1),
        (typed("+007", "integer"), 7),
        (typed("1_000", "integer"), "1_000"),
        (typed("many", "integer"), "many"),
        (typed("0.1", "double"), 0.1),
        (typed("1.5E3", "float"), 1500.0),
        (typed("0.25", "decimal"), 0.25),
        (typed("INF", "double"), math.inf),
        (typed("-INF", "double"), -math.inf),
        (typed("true", "boolean"), True),
        (typed("0", "boolean"), False),
        (typed("maybe", "boolean"), "maybe"),
        (typed("2020-05-01T10:00:00Z", "dateTime"), "2020-05-01T10:00:00Z"),
        (Literal('["a"]', datatype=NamedNode(RDF + "JSON")), '["a"]'),
    ],
)
def test_values(term: Term | None, expected: object) -> None:
    found = value(term)
    assert found == expected
    assert type(found) is type(expected)


def test_not_a_number() -> None:
    found = value(typed("NaN", "double"))
    assert isinstance(found, float)
    assert math.isnan(found)


def test_rows_as_python_sees_them() -> None:
    table = Table(("a", "b"), ((typed("1", "integer"), None), (Literal("x"), NamedNode("urn:y"))))
    assert len(table) == 2
    assert list(table.dicts()) == [{"a": 1, "b": None}, {"a": "x", "b": "urn:y"}]
    assert table.column("b") == [None, "urn:y"]
    with pytest.raises(KeyError):
        table.column("c")


def read(path: Path, form: QueryResultsFormat) -> Table:
    found = pyoxigraph.parse_query_results(path.read_bytes(), format=form)
    assert isinstance(found, pyoxigraph.QuerySolutions)
    return table_of(found)


def test_the_w3c_csv_cases(shared_suites: Path) -> None:
    """The suite has the same solutions as TSV, which keeps the terms, and as CSV."""
    folder = shared_suites / "rdf-tests" / "sparql" / "sparql11" / "csv-tsv-res"
    cases = sorted(folder.glob("*.csv"))
    assert len(cases) == 3
    for case in cases:
        table = read(case.with_suffix(".tsv"), QueryResultsFormat.TSV)
        ours = list(csv.reader(io.StringIO(table.to_csv(), newline="")))
        theirs = list(csv.reader(io.StringIO(case.read_text(), newline="")))
        assert len(ours) > 3
        assert sorted(map(plain, ours)) == sorted(map(plain, theirs)), case.name


def plain(cells: list[str]) -> list[str]:
    """The labels of blank nodes are free; some cases spell a number in another way in CSV."""
    return ["_:" if cell.startswith("_:") else number(cell) for cell in cells]


def number(cell: str) -> str:
    try:
        return str(float(cell))
    except ValueError:
        return cell


def test_the_w3c_json_cases(shared_suites: Path) -> None:
    folder = shared_suites / "rdf-tests" / "sparql" / "sparql11" / "json-res"
    cases = [case for case in sorted(folder.glob("*.srj")) if "boolean" not in json.loads(case.read_text())]
    assert len(cases) == 2
    for case in cases:
        ours = json.loads(read(case, QueryResultsFormat.JSON).to_json())
        assert ours == json.loads(case.read_text()), case.name


@pytest.fixture
def odd() -> tuple[Table, pyoxigraph.QuerySolutions]:
    """A row of each kind of term, as a table and as pyoxigraph has it."""
    terms = [
        '"a,b"', '"say \\"no\\""', '"line\\nfeed\\r"', "<urn:x>", '"chat"@fr', "1", "1.5", "true", '""', "?unbound",
        '"é漢🧬\\u2028"', '"x"^^<urn:t>', "<<( <urn:s> <urn:p> 7 )>>",
    ]  # fmt: skip
    binds = " ".join(f"BIND({term} AS ?v{number})" for number, term in enumerate(terms) if term != "?unbound")
    names = " ".join(f"?v{number}" for number in range(len(terms)))
    query = f"SELECT {names} {{ {binds} }}"
    first, second = pyoxigraph.Store().query(query), pyoxigraph.Store().query(query)
    assert isinstance(first, pyoxigraph.QuerySolutions)
    assert isinstance(second, pyoxigraph.QuerySolutions)
    return table_of(first), second


def test_json_is_what_oxigraph_writes(odd: tuple[Table, pyoxigraph.QuerySolutions]) -> None:
    table, oracle = odd
    assert isinstance(table.rows[0][-1], Triple)
    assert json.loads(table.to_json()) == json.loads(oracle.serialize(format=QueryResultsFormat.JSON) or b"")


def test_json_reads_back(odd: tuple[Table, pyoxigraph.QuerySolutions]) -> None:
    table, _ = odd
    back = pyoxigraph.parse_query_results(table.to_json(), format=QueryResultsFormat.JSON)
    assert isinstance(back, pyoxigraph.QuerySolutions)
    assert table_of(back) == table


def test_csv_by_the_rules() -> None:
    terms = (Literal('say "no", or'), Literal("line\nfeed"), None, NamedNode("urn:x"), BlankNode("b"))
    table = Table(("quoted", "lines", "unbound", "iri", "blank"), (terms,))
    assert table.to_csv() == (
        'quoted,lines,unbound,iri,blank\r\n"say ""no"", or","line\nfeed",,urn:x,_:b\r\n'
    )
    assert Table(("a",), ()).to_csv() == "a\r\n"
