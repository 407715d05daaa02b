"""Every query against the rows that it must return over real runs; `pytest --update-golden` remakes them.

A golden file has a list of cases: the store (`shipped`, `grouped`, ..., see conftest.py), parameters, rows of RDF terms.
"""

from __future__ import annotations

import json
from typing import Any

import pyoxigraph
import pytest
from rdflib.plugins.sparql import prepareQuery

from recup_kg.queries import Query, bind, catalogue
from tests.conftest import ROOT
from tests.queries.conftest import Library

GOLDEN = ROOT / "tests" / "golden" / "queries"
QUERIES = {query.name: query for query in catalogue()}
EMPTY = {
    "dependency-only-other",
    "dependency-only-reference",
    "deviation-program",
    "deviation-status",
    "task-access",
    "unexecuted-tasks",
    "unjoined",
}
"""Queries that no input that is shipped gives rows; test_captures.py and test_planted.py ask some of them."""


def cases(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((GOLDEN / f"{name}.json").read_text())
    return found


CASES = [
    (path.stem, index) for path in sorted(GOLDEN.glob("*.json")) for index in range(len(cases(path.stem)))
]
SHIPPED = [(name, index) for name, index in CASES if cases(name)[index]["store"] == "shipped"]


def rows(library: Library, name: str, parameters: dict[str, str]) -> list[list[str | None]]:
    """The rows as RDF terms, sorted by their text: the order of equal sort keys is free."""
    answer = library.graph.query(name, **library.parameters(parameters))
    if answer.boolean is not None:
        return [[str(answer.boolean).lower()]]
    found = [[None if term is None else str(term) for term in row] for row in answer.table.rows]
    return sorted(found, key=lambda row: [text or "" for text in row])


def write(name: str, changed: list[dict[str, Any]]) -> None:
    """One row a line, so that a change of a row is a change of a line."""
    parts = []
    for case in changed:
        head = json.dumps({"store": case["store"], "parameters": case["parameters"]}, ensure_ascii=False)[:-1]
        lines = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in case["rows"])
        parts.append(f'{head}, "rows": [\n  {lines}\n]}}')
    (GOLDEN / f"{name}.json").write_text("[" + ",\n".join(parts) + "]\n")


def test_each_query_has_a_golden_file() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(QUERIES)
    assert len(QUERIES) == len(list((ROOT / "queries").glob("*.rq"))) == 99


def test_each_query_but_these_has_a_case_with_rows() -> None:
    empty = {name for name in QUERIES if not any(case["rows"] for case in cases(name))}
    # WfFormat states no status of tasks, and no real pair at hand differs in programs or dependencies alone.
    assert empty == EMPTY


@pytest.mark.parametrize(("name", "index"), CASES)
def test_rows_are_the_golden_ones(name: str, index: int, request: pytest.FixtureRequest) -> None:
    found = cases(name)
    case = found[index]
    now = rows(request.getfixturevalue(case["store"]), name, case["parameters"])
    if request.config.getoption("--update-golden"):
        found[index] = {**case, "rows": now}
        write(name, found)
    assert now == cases(name)[index]["rows"]


@pytest.mark.parametrize(("name", "index"), SHIPPED)
def test_a_server_returns_the_golden_rows(name: str, index: int, served: Library) -> None:
    case = cases(name)[index]
    assert rows(served, name, case["parameters"]) == case["rows"]


@pytest.fixture(params=sorted(QUERIES))
def query(request: pytest.FixtureRequest) -> Query:
    return QUERIES[request.param]


def test_a_query_is_sparql_for_two_parsers(query: Query) -> None:
    values = {p.name: {"integer": "1", "number": "1"}.get(p.type, "urn:x") for p in query.parameters}
    for text in (query.text, bind(query, values)):
        prepareQuery(text)
        pyoxigraph.Store().query(text)


def test_a_header_tells_all(query: Query) -> None:
    assert query.title
    assert query.description.endswith(".")
    assert query.questions
    assert all(1 <= number <= 46 for number in query.questions)
    assert all(parameter.description for parameter in query.parameters)
    answer = pyoxigraph.Store().query(query.text)
    if query.form == "select":
        assert tuple(variable.value for variable in answer.variables) == query.columns
    else:
        assert query.columns == {"ask": (), "construct": ("subject", "predicate", "object")}[query.form]


def test_the_questions_that_a_trace_can_answer_are_answered() -> None:
    answered = {number for query in QUERIES.values() for number in query.questions}
    assert answered >= {*range(1, 20), *range(21, 33), 35, 36, 38}


def test_every_graph_pattern_names_a_graph(query: Query) -> None:
    assert "GRAPH ?" in query.text
    assert "FILTER NOT EXISTS" not in query.text or query.name in {"incomplete-tasks", "first-deviation"}
