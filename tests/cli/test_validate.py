"""recup validate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

A = "blast-chameleon-small-002"
B = "blast-chameleon-small-003"
RESULT = {"severity", "shape", "focus", "path", "value", "message", "source", "where"}


@pytest.fixture
def doubtful(samples: Path, tmp_path: Path) -> Path:
    """A trace that a converter reads and a shape complains about: a task takes longer than the whole run."""
    document = json.loads((samples / "blast" / f"{A}.json").read_text())
    document["workflow"]["execution"]["makespanInSeconds"] = 0.001
    path = tmp_path / "doubtful.json"
    path.write_text(json.dumps(document))
    return path


def test_a_good_file_conforms_and_needs_no_store(recup, samples: Path, tmp_path: Path) -> None:
    outcome = recup("validate", samples / "blast" / f"{A}.json", "--json")
    assert (outcome.code, outcome.err) == (0, "")
    assert set(outcome.json) == {"conforms", "results"}
    assert outcome.json["conforms"] is True
    assert list(tmp_path.iterdir()) == []


def test_a_result_names_the_file_and_the_place_in_it(recup, doubtful: Path) -> None:
    report = recup("validate", doubtful, "--json").json
    assert report["results"]
    for result in report["results"]:
        assert set(result) == RESULT
        assert result["severity"] in ("Violation", "Warning", "Info")
        assert result["source"] == "doubtful.json"
        assert result["where"].startswith("$")


def test_runs_of_a_store(recup, samples: Path) -> None:
    recup("ingest", *(samples / "blast" / f"{name}.json" for name in (A, B)))
    recup("compare", A, B)
    for arguments in ([], [A], ["@latest"]):
        outcome = recup("validate", *arguments, "--json")
        assert (outcome.code, outcome.json["conforms"]) == (0, True), outcome.err


def test_the_exit_code_is_what_the_caller_asked_for(recup, doubtful: Path) -> None:
    worst = {result["severity"] for result in recup("validate", doubtful, "--json").json["results"]}
    assert worst
    assert recup("validate", doubtful).code == 0
    assert recup("validate", doubtful, "--fail-on", "info").code == 1
    assert recup("validate", doubtful, "--fail-on", "violation").code == int("Violation" in worst)


def test_turtle_is_a_validation_report(recup, doubtful: Path) -> None:
    from rdflib import RDF, Graph, Namespace

    sh = Namespace("http://www.w3.org/ns/shacl#")
    graph = Graph().parse(data=recup("validate", doubtful, "--format", "ttl").out, format="turtle")
    assert len(set(graph.subjects(RDF.type, sh.ValidationReport))) == 1
    results = recup("validate", doubtful, "--json").json["results"]
    assert len(set(graph.subjects(RDF.type, sh.ValidationResult))) == len(results)


def test_the_table_fits_and_the_verdict_is_a_remark(recup, doubtful: Path, samples: Path) -> None:
    outcome = recup("validate", doubtful)
    assert max(map(len, outcome.out.splitlines())) <= 80
    assert recup("validate", samples / "blast" / f"{A}.json", "-q").err == ""


@pytest.mark.parametrize("reference", ["nonsense", "broken.json"])
def test_what_can_not_be_checked_is_one_line(recup, tmp_path: Path, samples: Path, reference: str) -> None:
    recup("ingest", samples / "blast" / f"{A}.json")
    (tmp_path / "broken.json").write_text('{"schemaVersion": "1.5"')
    outcome = recup("validate", reference)
    assert (outcome.code, outcome.out) == (2, "")
    assert reference in outcome.err
    assert outcome.err.count("\n") == 1
