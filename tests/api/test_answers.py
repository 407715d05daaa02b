"""Answers: rows, files, data frames, HTML."""

from __future__ import annotations

import json
import sys

import pytest
from pyoxigraph import Literal, NamedNode

from recup_kg.api import answers
from recup_kg.api.answers import Answer, Form
from recup_kg.errors import MissingExtra, UsageError
from recup_kg.store.table import Table

EX = "http://example.org/"
ROWS = ((NamedNode(EX + "a"), Literal(3)), (None, Literal("<&>")))


@pytest.fixture
def answer() -> Answer:
    return Answer(Table(("thing", "value"), ROWS))


def test_rows_are_python_values(answer: Answer) -> None:
    assert answer.columns == ("thing", "value")
    assert answer.rows == ((EX + "a", 3), (None, "<&>"))
    assert len(answer) == 2
    assert list(answer) == [{"thing": EX + "a", "value": 3}, {"thing": None, "value": "<&>"}]


def test_json_and_csv_are_those_of_sparql(answer: Answer) -> None:
    assert json.loads(answer.to_json())["results"]["bindings"][1] == {
        "value": {"type": "literal", "value": "<&>"}
    }
    assert answer.to_csv() == f"thing,value\r\n{EX}a,3\r\n,<&>\r\n"


def test_pandas_has_the_columns_and_keeps_what_is_missing(answer: Answer) -> None:
    pytest.importorskip("pandas")
    frame = answer.to_pandas()
    assert list(frame.columns) == ["thing", "value"]
    assert frame["thing"].isna().tolist() == [False, True]


def test_without_pandas_the_error_says_what_to_install(
    answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingExtra, match=r"pandas is not installed: pip install 'recup-kg\[pandas\]'"):
        answer.to_pandas()


def test_html_is_escaped_and_cut(answer: Answer) -> None:
    assert "<td>&lt;&amp;&gt;</td>" in answer._repr_html_()
    many = Answer(Table(("n",), tuple((Literal(n),) for n in range(103))))
    assert many._repr_html_().count("<tr>") == 101
    assert many._repr_html_().endswith("<p>and 3 more rows</p>")


def test_only_iris_are_shown_short(answer: Answer) -> None:
    assert list(answer.shown(lambda iri: "short")) == [("short", 3), (None, "<&>")]


def test_a_table_is_no_turtle(answer: Answer) -> None:
    with pytest.raises(UsageError, match="only CONSTRUCT and DESCRIBE"):
        answer.to_turtle()


@pytest.mark.parametrize("truth", [True, False])
def test_an_ask_is_one_row(truth: bool) -> None:
    answer = answers.of_boolean(truth)
    assert (answer.form, answer.columns, answer.rows) == (Form.ASK, ("answer",), ((truth,),))
    assert json.loads(answer.to_json()) == {"head": {}, "boolean": truth}
    assert answer.to_csv() == f"answer\r\n{str(truth).lower()}\r\n"
    assert list(answer.shown(str.upper)) == [(truth,)]


def test_triples_are_rows_and_turtle() -> None:
    answer = answers.of_triples('<http://www.w3.org/ns/prov#a> <http://www.w3.org/ns/prov#b> "c" .\n')
    assert answer.columns == ("subject", "predicate", "object")
    assert answer.rows == (("http://www.w3.org/ns/prov#a", "http://www.w3.org/ns/prov#b", "c"),)
    assert 'prov:a prov:b "c"' in answer.to_turtle()
