"""Queries against a real run with one fault planted: they must return that fault and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest

import recup_kg as recup
from recup_kg.queries import bind, load
from recup_kg.vocab import BASE, DCTERMS, RDF, RECUP

RUN = "blast-chameleon-small-002"
TASK = "cat_blast_ID000042"
PARENT = "blastall_ID000002"
Trace = dict[str, Any]
Ask = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def ask(root: Path, tmp_path: Path) -> Callable[[Callable[[Trace], None]], Ask]:
    """Compares the run with itself after a change, and asks by the name of a query."""

    def plant(change: Callable[[Trace], None]) -> Ask:
        original = root / "data" / "wfformat" / "blast" / f"{RUN}.json"
        trace = json.loads(original.read_text())
        trace["createdAt"] = trace["workflow"]["execution"]["executedAt"] = "2021-01-01T00:00:00Z"
        change(trace["workflow"])
        changed = tmp_path / "changed.json"
        changed.write_text(json.dumps(trace))
        graph = recup.open(":memory:")
        graph.ingest_all([original, changed], validate=False)
        graph.compare(RUN, "changed")
        return lambda name: list(graph.query(name, reference=RUN, other="changed"))

    return plant


def specified(workflow: Trace, task: str) -> Trace:
    return next(entry for entry in workflow["specification"]["tasks"] if entry["id"] == task)


def executed(workflow: Trace, task: str) -> Trace:
    return next(entry for entry in workflow["execution"]["tasks"] if entry["id"] == task)


def ends(rows: list[dict[str, Any]], *columns: str) -> list[list[str]]:
    """The last segments of the IRIs in columns."""
    return [[str(row[column]).rsplit("/", 1)[-1] for column in columns] for row in rows]


UNCHANGED = (
    "deviation-program",
    "deviation-parameter",
    "deviation-input",
    "deviation-output",
    "deviation-placement",
    "deviation-performance",
    "deviation-status",
    "structure-only-reference",
    "structure-only-other",
    "dependency-only-reference",
    "dependency-only-other",
    "data-only-reference",
    "data-only-other",
    "environment-difference",
    "capture-asymmetry",
    "first-deviation",
    "inherited-outputs",
)


def test_a_run_does_not_deviate_from_itself(ask) -> None:
    rows = ask(lambda workflow: None)
    assert {name: rows(name) for name in UNCHANGED} == {name: [] for name in UNCHANGED}


def test_another_program(ask) -> None:
    rows = ask(lambda workflow: executed(workflow, TASK)["command"].update(program="cat_blast_2"))
    (row,) = rows("deviation-program")
    assert (row["referenceValue"], row["otherValue"]) == ("cat_blast", "cat_blast_2")
    assert ends([row], "reference", "other") == [[TASK, TASK]]


def test_another_argument(ask) -> None:
    rows = ask(lambda workflow: executed(workflow, PARENT)["command"]["arguments"].append("--new"))
    (row,) = rows("deviation-parameter")
    assert json.loads(row["otherValue"]) == [*json.loads(row["referenceValue"]), "--new"]
    assert ends([row], "reference") == [[PARENT]]


def test_a_dependency_that_only_one_run_has(ask) -> None:
    def cut(workflow: Trace) -> None:
        specified(workflow, TASK)["parents"].remove(PARENT)
        specified(workflow, PARENT)["children"].remove(TASK)

    rows = ask(cut)
    assert ends(rows("dependency-only-reference"), "task", "parent", "partner") == [[TASK, PARENT, TASK]]
    assert rows("dependency-only-other") == []


def test_another_output_is_the_first_deviation_and_the_next_inherits_it(ask) -> None:
    def grow(workflow: Trace) -> None:
        for file in workflow["specification"]["files"]:
            if file["id"] in ("small.fasta.0.out",):
                file["sizeInBytes"] += 1

    rows = ask(grow)
    (row,) = rows("deviation-output")
    assert ends([row], "reference", "referenceData") == [[PARENT, "small.fasta.0.out"]]
    assert row["otherValue"] == row["referenceValue"] + 1
    assert ends(rows("first-deviation"), "reference", "other") == [[PARENT, PARENT]]
    assert [row["primary"] for row in rows("deviation-input")] == [False]
    assert ends(rows("deviation-input"), "reference") == [[TASK]]


def test_a_task_that_was_planned_and_did_not_run(root: Path, tmp_path: Path) -> None:
    trace = json.loads((root / "data" / "wfformat" / "blast" / f"{RUN}.json").read_text())
    run = trace["workflow"]["execution"]
    run["tasks"] = [task for task in run["tasks"] if task["id"] != TASK]
    (tmp_path / "part.json").write_text(json.dumps(trace))
    graph = recup.open(":memory:")
    graph.ingest(tmp_path / "part.json", validate=False)
    assert [row["identifier"] for row in graph.query("unexecuted-tasks", run="part")] == [TASK]


def test_another_status() -> None:
    store, status, aligned = pyoxigraph.Store(), f"<{RECUP}status>", f"<{RECUP}alignedWith>"
    store.update(f"""INSERT DATA {{
      GRAPH <x:r> {{ <x:r1> {status} "ok" . <x:r2> {status} "ok" . <x:r3> {status} "ok" }}
      GRAPH <x:o> {{ <x:o1> {status} "ok" . <x:o2> {status} "failed" }}
      GRAPH <x:c> {{ <x:r1> {aligned} <x:o1> . <x:r2> {aligned} <x:o2> . <x:r3> {aligned} <x:o3> }}
    }}""")
    values = {"reference": "x:r", "other": "x:o", "comparison": "x:c"}
    found = [[term.value for term in row] for row in store.query(bind(load("deviation-status"), values))]
    assert found == [["x:r2", "x:o2", "ok", "failed"]]


def test_a_comparison_with_a_third_run_hides_nothing() -> None:
    """Left open, `comparison` takes the alignment with any run; only partners in the other run count."""
    store = pyoxigraph.Store()
    kind, name = f"<{RDF}type> <{RECUP}TaskExecution>", "<http://www.w3.org/2000/01/rdf-schema#label>"
    facts = f'<{DCTERMS}identifier> "1" ; {name} "1" ; <{RECUP}level> 0'
    store.update(f"""INSERT DATA {{
      GRAPH <x:r> {{ <x:r1> {kind} ; {facts} }}
      GRAPH <x:o> {{ <x:o1> {kind} ; {facts} }}
      GRAPH <x:t> {{ <x:t1> {kind} ; {facts} }}
      GRAPH <{BASE}c> {{ <x:r1> <{RECUP}alignedWith> <x:t1> }}
    }}""")
    query = load("structure-only-reference")
    text = query.text.replace("# VALUES ?referenceGraph", "VALUES ?referenceGraph { <x:r> }")
    for other, expected in (("x:o", ["x:r1"]), ("x:t", [])):
        rows = store.query(text.replace("# VALUES ?otherGraph", f"VALUES ?otherGraph {{ <{other}> }}"))
        assert [row["task"].value for row in rows] == expected
