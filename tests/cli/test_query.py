"""recup query and recup queries."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

A = "blast-chameleon-small-002"
B = "blast-chameleon-small-003"
COUNT = """
PREFIX recup: <https://w3id.org/recup/ontology#>
SELECT ?graph (COUNT(?task) AS ?tasks) WHERE { GRAPH ?graph { ?task a recup:TaskExecution } } GROUP BY ?graph
"""
LABEL = """
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX recup: <https://w3id.org/recup/ontology#>
CONSTRUCT { ?run rdfs:label ?label } WHERE { GRAPH ?g { ?run a recup:Execution ; rdfs:label ?label } }
"""


@pytest.fixture
def asked(recup, samples: Path):
    """A store with two runs."""
    recup("ingest", *(samples / "blast" / f"{name}.json" for name in (A, B)), "-q")
    return recup


def test_text_as_a_table(asked) -> None:
    outcome = asked("query", COUNT)
    assert outcome.code == 0
    assert outcome.out.splitlines()[0].split() == ["graph", "tasks"]
    assert [line.split()[1] for line in outcome.out.splitlines()[2:]] == ["43", "43"]
    assert outcome.out.splitlines()[2].startswith("bundle/")
    assert outcome.err == "2 rows\n"


def test_a_file_as_csv(asked, tmp_path: Path) -> None:
    (tmp_path / "count.rq").write_text(COUNT)
    rows = list(csv.reader(io.StringIO(asked("query", "count.rq", "--format", "csv").out)))
    assert rows[0] == ["graph", "tasks"]
    assert [row[1] for row in rows[1:]] == ["43", "43"]
    assert rows[1][0].startswith("https://w3id.org/recup/bundle/")


@pytest.mark.parametrize("option", [["--json"], ["--format", "json"]])
def test_json_is_that_of_sparql(asked, option: list[str]) -> None:
    outcome = asked("query", COUNT, *option)
    assert outcome.json["head"]["vars"] == ["graph", "tasks"]
    assert {row["tasks"]["value"] for row in outcome.json["results"]["bindings"]} == {"43"}
    assert outcome.err == ""


def test_triples_as_turtle_and_as_a_table(asked) -> None:
    assert 'rdfs:label "makeflow-blast-small"' in asked("query", LABEL, "--format", "turtle").out
    assert asked("query", LABEL).out.splitlines()[0].split() == ["subject", "predicate", "object"]


def test_turtle_of_a_table_is_refused(asked) -> None:
    outcome = asked("query", COUNT, "--format", "turtle")
    assert (outcome.code, outcome.out) == (2, "")
    assert (
        outcome.err == "recup: only CONSTRUCT and DESCRIBE queries give Turtle; ask for table, csv or json\n"
    )


def test_ask(asked) -> None:
    assert asked("query", "ASK { GRAPH ?g { ?s ?p ?o } }").out.splitlines() == ["answer", "------", "yes"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?x WHERE {",
        "DELETE WHERE { GRAPH ?g { ?s ?p ?o } }",
        "SELECT (COUNT(*) AS ?n) { SERVICE <http://localhost:1/> { ?s ?p ?o } }",
    ],
)
def test_a_wrong_query_is_one_line_and_changes_nothing(asked, query: str) -> None:
    outcome = asked("query", query)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("recup: ")
    assert outcome.err.count("\n") == 1
    assert len(asked("runs", "--json").json) == 2


@pytest.mark.parametrize("name", ["no-such-query", "no-such-file.rq"])
def test_an_unknown_query_is_one_line(asked, name: str) -> None:
    outcome = asked("query", name)
    assert (outcome.code, outcome.out) == (2, "")
    assert name in outcome.err
    assert outcome.err.count("\n") == 1


def test_queries_lists_names_parameters_and_titles(recup, root: Path) -> None:
    names = sorted(path.stem for path in (root / "queries").glob("*.rq"))
    outcome = recup("queries", "--json")
    assert sorted(query["name"] for query in outcome.json) == names
    assert all(query["title"] for query in outcome.json)
    lines = recup("queries").out.splitlines()
    assert max(map(len, lines)) <= 80
    assert sorted(line.split()[0] for line in lines if not line.startswith(" ")) == names


def _run_queries(recup) -> list[str]:
    found = recup("queries", "--json").json
    return [q["name"] for q in found if [p["name"] for p in q["parameters"]] == ["run"]]


def test_a_query_by_name_takes_anything_that_names_a_run(asked) -> None:
    names = _run_queries(asked)
    assert names
    for name in names:
        by_name = asked("query", name, "-p", f"run={A}", "--json")
        assert by_name.code == 0, by_name.err
        identifier = asked("show", A, "--json").json["run"]
        assert asked("query", name, "-p", f"run={identifier}", "--json").json == by_name.json


def test_sparql_prints_the_query_that_would_run(asked) -> None:
    name = _run_queries(asked)[0]
    text = asked("query", name, "-p", f"run={A}", "--sparql").out
    graph = asked("show", A, "--json").json["graph"]
    assert f"<{graph}>" in text
    assert asked("query", text, "--json").json == asked("query", name, "-p", f"run={A}", "--json").json


@pytest.mark.parametrize("parameter", ["run", "=x", ""])
def test_a_parameter_without_a_value_is_refused(asked, parameter: str) -> None:
    outcome = asked("query", COUNT, "-p", parameter)
    assert outcome.code == 2
    assert "is not NAME=VALUE" in outcome.err


def test_a_missing_and_an_unknown_parameter_are_named(asked) -> None:
    name = _run_queries(asked)[0]
    missing, unknown = asked("query", name), asked("query", name, "-p", f"run={A}", "-p", "nonsense=1")
    assert (missing.code, unknown.code) == (2, 2)
    assert "run" in missing.err
    assert "nonsense" in unknown.err


def test_a_reader_that_leaves_early_is_no_error(recup_process, samples: Path, tmp_path: Path) -> None:
    import subprocess
    import sys

    recup_process("ingest", samples / "bwa" / "bwa-chameleon-small-001.json")
    query = f"{sys.executable} -m recup_kg query 'SELECT ?g ?s ?p ?o {{ GRAPH ?g {{ ?s ?p ?o }} }}' --format csv | head -n 1"
    done = subprocess.run(["sh", "-c", query], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "g,s,p,o"
    assert done.stderr == ""


def test_a_process_prints_one_document(recup_process, samples: Path) -> None:
    recup_process("ingest", samples / "blast" / f"{A}.json")
    outcome = recup_process("query", COUNT, "--json")
    assert len(json.loads(outcome.out)["results"]["bindings"]) == 1
