"""Tables for people."""

from __future__ import annotations

import json

import pytest

from recup_kg.cli import output


def test_numbers_stand_to_the_right_and_words_to_the_left() -> None:
    lines = output.table_lines(["name", "seconds"], [["a", 1.5], ["bcdef", 10.25]], None)
    assert lines == [
        "name   seconds",
        "-----  -------",
        "a          1.5",
        "bcdef    10.25",
    ]


def test_a_missing_value_is_empty_and_not_zero() -> None:
    lines = output.table_lines(["a", "b"], [[None, 0], ["x", None]], None)
    assert lines[2:] == ["   0", "x"]


def test_truth_values_and_line_breaks() -> None:
    assert output.table_lines(["a", "b"], [[True, "x\n y"]], None)[2] == "yes  x y"


def test_the_widest_column_is_cut_first() -> None:
    lines = output.table_lines(["id", "text"], [["abc", "x" * 100]], 20)
    assert lines[2] == "abc  " + "x" * 14 + "…"
    assert {len(line) for line in lines[1:]} == {20}


def test_of_a_part_of_a_run_the_end_is_kept() -> None:
    lines = output.table_lines(["task", "n"], [["run/01234567/task/blastall_ID000026", 1]], 21)
    assert lines[2] == "…blastall_ID000026  1"


def test_a_whole_column_is_never_cut() -> None:
    lines = output.table_lines(["name", "text"], [["n" * 30, "x" * 30]], 40, whole=("name",))
    assert lines[2] == "n" * 30 + "  " + "x" * 7 + "…"


def test_a_table_that_can_not_fit_is_as_narrow_as_it_may_be() -> None:
    lines = output.table_lines(["a", "b"], [["x" * 30, "y" * 30]], 5)
    assert lines[2] == "xxxxx…  yyyyy…"


def test_no_rows_is_a_header() -> None:
    assert output.table_lines(["a", "bc"], [], 80) == ["a  bc", "-  --"]


@pytest.mark.parametrize(
    ("iri", "text"),
    [
        ("https://w3id.org/recup/run/0123456789abcdef0123456789abcdef/task/t%201", "run/01234567/task/t%201"),
        ("https://w3id.org/recup/ontology#runTime", "recup:runTime"),
        ("http://www.w3.org/ns/prov#used", "prov:used"),
        ("http://example.org/x", "http://example.org/x"),
    ],
)
def test_iris_are_shown_short(iri: str, text: str) -> None:
    assert output.short(iri) == text


def test_json_refuses_what_json_can_not_say(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_json({"ü": [1, None]})
    assert json.loads(capsys.readouterr().out) == {"ü": [1, None]}
    with pytest.raises(ValueError, match="JSON"):
        output.print_json(float("nan"))
