"""Real crates: golden graphs, and counts that SPARQL over rdflib's reading of the JSON-LD agrees with."""

from __future__ import annotations

import json
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from rdflib import Graph, URIRef
from rdflib import Literal as RdfLiteral

from recup_kg.converters import rocrate
from recup_kg.converters.rocrate.expand import Ref, expand
from recup_kg.evidence import Evidence
from recup_kg.evidence.agents import Person, ResourceUsage, Software
from recup_kg.evidence.environment import ContainerImage, EnvironmentVariable, ParameterSetting
from recup_kg.records import Trace
from recup_kg.validate import validate
from tests.conftest import ROOT, SHARED
from tests.converters.crates import METADATA, gaps, ntriples
from tests.converters.golden import assert_golden

SHIPPED = sorted((ROOT / "data" / "ro-crate").glob(f"*/*/{METADATA}"))
ALL = sorted((SHARED / "data").glob(f"fair/ro-crate/*/{METADATA}")) + sorted(
    (SHARED / "data").glob("rocrate/*.json")
)
NUMBER_SHIPPED, NUMBER_OF_ALL = 10, 37
WITHOUT_RUN = {"validator-valid-workflow-roc", "validator-valid-wrroc-paper", "workflow"}

# The person's address is the identifier `mailto: someone`, which has a space: rdflib drops what is about it, we escape it.
ABOUT_AN_INVALID_IRI = {"autosubmit-hpc-mhm": 6, "autosubmit-mhm": 6}

RUNS = "VALUES ?kind { schema:CreateAction schema:UpdateAction schema:ActivateAction } ?run a ?kind ."
PREFIX = "PREFIX schema: <http://schema.org/>\n"
WHOLE = f"SELECT DISTINCT ?run {{ ?root schema:mainEntity/^schema:instrument ?run . {RUNS} }}"
STEPS = (
    f"SELECT DISTINCT ?run {{ {RUNS} {{ ?control a schema:ControlAction ; schema:object ?run }}"
    " UNION { ?root schema:mainEntity/schema:hasPart+ ?tool . ?run schema:instrument ?tool } }"
)
EVERY = f"SELECT DISTINCT ?run {{ {RUNS} }}"
EDGES = (
    "SELECT DISTINCT ?from ?to { ?from schema:result/schema:hasPart* ?thing . ?to schema:object/schema:hasPart* ?thing ."
    " FILTER(?from != ?to) }"
)
DATA = (
    "SELECT DISTINCT ?run ?thing { ?run (schema:object|schema:result)/schema:hasPart* ?thing FILTER(isIRI(?thing))"
    " FILTER(NOT EXISTS { ?thing a schema:PropertyValue } || EXISTS { ?any schema:result ?thing }) }"
)


def _name(path: Path) -> str:
    return path.parent.name if path.name == METADATA else path.stem


@pytest.fixture(scope="module")
def contexts(shared_data: Path) -> dict[str, Any]:
    """The contexts as their authors publish them, by what their addresses end with."""
    folder = shared_data / "fair" / "contexts"
    found = {
        f"crate/{version}/context": json.loads((folder / f"ro-crate-{version}.jsonld").read_text())[
            "@context"
        ]
        for version in ("1.0", "1.1", "1.2", "1.3")
    }
    run = json.loads((folder / "workflow-run.json").read_text())["@context"]
    return found | {"terms/workflow-run": run, "terms/workflow-run/context": run}


def _rdflib(path: Path, contexts: dict[str, Any]) -> Graph:
    document = json.loads(path.read_text(encoding="utf-8-sig"))
    stated = document["@context"]
    parts = stated if isinstance(stated, list) else [stated]
    known = [contexts[part.split("w3id.org/ro/")[1]] if isinstance(part, str) else part for part in parts]
    document["@context"] = known
    return Graph().parse(data=json.dumps(document), format="json-ld", publicID="https://crate.example/")


def _rows(graph: Graph, query: str) -> set[Any]:
    return {tuple(row) if len(row) > 1 else row[0] for row in graph.query(PREFIX + query)}


def test_all_crates_are_found(shared_data: Path) -> None:
    assert len(SHIPPED) == NUMBER_SHIPPED
    assert len(ALL) == NUMBER_OF_ALL


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.parent.name}-{path.parent.name}")
def test_golden(path: Path, request: pytest.FixtureRequest) -> None:
    name = f"ro-crate/{path.parent.parent.name}-{path.parent.name}"
    assert_golden(name, rocrate.read(path), update=request.config.getoption("--update-golden"))


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_every_real_crate_is_recognised_read_and_valid(path: Path) -> None:
    assert rocrate.sniff(path)
    reading = rocrate.read(path)
    assert isinstance(reading, Evidence) == (_name(path) in WITHOUT_RUN)
    report = validate(ntriples(reading))
    assert [result for result in report.results if result.severity == "Violation"] == []


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_triples_are_those_of_rdflib(path: Path, contexts: dict[str, Any]) -> None:
    """Every triple but those of terms that no context defines."""
    expanded = expand(path, json.loads(path.read_text(encoding="utf-8-sig")))
    theirs = _rdflib(path, contexts)
    undefined = [gap for gap in expanded.gaps if "no context defines" in gap.comment]
    ours = {
        (name.startswith("_:"), predicate, isinstance(value, Ref))
        for name, facts in expanded.things.items()
        for predicate, values in facts.items()
        for value in values
    }
    count = sum(len(values) for facts in expanded.things.values() for values in facts.values())
    if not undefined:
        assert count - ABOUT_AN_INVALID_IRI.get(_name(path), 0) == len(theirs)
    else:
        # rdflib takes an undefined type for a relative IRI; we tell it in a gap.
        types = [
            gap for gap in undefined if gap.where.endswith(".@type") and "Workflow Run" not in gap.comment
        ]
        assert count + len(types) >= len(theirs)
    predicates = {
        str(predicate).replace("https://schema.org/", "http://schema.org/")
        for predicate in theirs.predicates()
    }
    assert predicates <= {predicate for _, predicate, _ in ours}
    literals = sorted(
        value.lexical
        for facts in expanded.things.values()
        for values in facts.values()
        for value in values
        if not isinstance(value, Ref) and value.datatype is None
    )
    plain = sorted(
        str(value)
        for value in theirs.objects(unique=False)
        if isinstance(value, RdfLiteral) and value.datatype is None
    )
    assert set(plain) <= set(literals)


@pytest.mark.parametrize("path", [path for path in ALL if _name(path) not in WITHOUT_RUN], ids=_name)
def test_tasks_edges_and_data_are_those_that_sparql_finds(path: Path, contexts: dict[str, Any]) -> None:
    reading = rocrate.read(path)
    assert isinstance(reading, Trace)
    graph = _rdflib(path, contexts)
    whole = _rows(graph, WHOLE)
    tasks = _rows(graph, STEPS) - whole if len(whole) == 1 else _rows(graph, EVERY)
    assert len(reading.tasks) == len(tasks)
    edges = {pair for pair in _rows(graph, EDGES) if set(pair) <= tasks}
    assert sum(len(task.parents) for task in reading.tasks) == len(edges)
    acting = tasks | whole
    things = {thing for run, thing in _rows(graph, DATA) if run in acting} - acting
    assert len(reading.data) == len(
        {thing for thing in things if isinstance(thing, URIRef)} - {URIRef("https://crate.example/")}
    )


def test_an_end_before_the_start_is_kept_and_told() -> None:
    reading = rocrate.read(ROOT / "data/ro-crate/workflow-run-crate/autosubmit" / METADATA)
    assert isinstance(reading, Trace)
    run = reading.execution
    assert (run.started and run.started.written, run.ended and run.ended.written) == (
        "2023-07-12T20:08:46",
        "2023-07-12T20:08:34",
    )
    assert run.makespan is None
    assert gaps(reading, "ConflictingValue") == [
        "the end is before the start; both are kept as the source states them"
    ]


def test_a_provenance_run_crate_in_full() -> None:
    reading = rocrate.read(ROOT / "data/ro-crate/rocrate-validator/provenance-run" / METADATA)
    assert isinstance(reading, Trace)
    rev, sort = reading.tasks
    assert (rev.step, sort.step) == ("main/rev", "main/sorted")
    assert sort.parents == (rev.identifier,)
    assert rev.run_time == 1.653258
    assert reading.execution.system and reading.execution.system.name == "cwltool 1.0.20181012180214"
    assert reading.execution.makespan == 7.809015
    assert [(item.logical_name, item.size) for item in reading.data] == [
        ("whale.txt", 1111),
        ("output.txt", 1111),
        ("output.txt", 1111),
    ]
    found = reading.records
    assert {
        (item.name, item.task, item.value, item.unit) for item in found if isinstance(item, ResourceUsage)
    } == {
        ("realTime", rev.identifier, 12, "MilliSEC"),
        ("peakVMEM", rev.identifier, 110901, "BYTE"),
        ("realTime", sort.identifier, 15, "MilliSEC"),
        ("peakVMEM", sort.identifier, 123680, "BYTE"),
    }
    assert [(item.name, item.value) for item in found if isinstance(item, ParameterSetting)] == [
        ("reverse_sort", "True"),
        ("reverse", "True"),
    ]
    assert [(item.name, item.value) for item in found if isinstance(item, EnvironmentVariable)] == [
        ("REVTOOL_ENV_VAR", "42"),
        ("SORTTOOL_ENV_VAR", "42"),
    ]
    assert {(item.name, item.engine) for item in found if isinstance(item, ContainerImage)} == {
        ("debian", "docker")
    }
    assert [(item.name, item.page) for item in found if isinstance(item, Person)] == [
        ("Stian Soiland-Reyes", "https://orcid.org/0000-0001-9842-9718")
    ]
    assert ("foobar", "1.0.0") in {(item.name, item.version) for item in found if isinstance(item, Software)}


def test_counts_of_rocrate_py_agree() -> None:
    library = pytest.importorskip("rocrate.rocrate", reason="needs PyPI rocrate")
    path = ROOT / "data/ro-crate/rocrate-validator/provenance-run"
    theirs = library.ROCrate(path)
    mentioned = [entity.id for entity in theirs.get_entities() if entity.type == "CreateAction"]
    reading = rocrate.read(path / METADATA)
    assert isinstance(reading, Trace)
    assert {task.identifier for task in reading.tasks} < set(mentioned)
    assert len(mentioned) == len(reading.tasks) + 1


def test_several_actions_of_the_main_workflow_are_tasks_of_one_execution(shared_data: Path) -> None:
    reading = rocrate.read(shared_data / "fair/ro-crate/wfexs-cosifer-nextflow" / METADATA)
    assert isinstance(reading, Trace)
    assert len(reading.tasks) == 4
    assert reading.execution.started is None
    assert gaps(reading, "ConflictingValue") == [
        "2 actions run the main workflow: each is a task of the one execution that the crate is"
    ]


def test_actions_that_are_no_steps_are_told(shared_data: Path) -> None:
    reading = rocrate.read(ROOT / "data/ro-crate/workflow-run-crate/wfexs" / METADATA)
    assert isinstance(reading, Trace)
    assert reading.tasks == ()
    assert (
        len([comment for comment in gaps(reading, "UnmappedField") if "no step of the workflow" in comment])
        == 2
    )


def test_a_zip_says_the_same(tmp_path: Path) -> None:
    source = ROOT / "data/ro-crate/rocrate-validator/provenance-run" / METADATA
    packed = tmp_path / "crate.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("crate/payload.txt", "x")
        archive.writestr(f"crate/{METADATA}", source.read_bytes())
        archive.writestr(f"crate/deep/er/{METADATA}", "{}")
    assert rocrate.sniff(packed)
    one, other = rocrate.read(source), rocrate.read(packed)
    assert isinstance(one, Trace)
    assert isinstance(other, Trace)
    assert (one.execution, one.tasks, one.data, one.records) == (
        other.execution,
        other.tasks,
        other.data,
        other.records,
    )


def test_a_large_crate_is_read_in_a_few_seconds(shared_data: Path) -> None:
    started = time.process_time()
    reading = rocrate.read(shared_data / "fair/ro-crate/wfexs-nfcore-rnaseq" / METADATA)
    assert time.process_time() - started < 5
    assert isinstance(reading, Trace)
    assert len([item for item in reading.records if isinstance(item, ParameterSetting)]) == 377
