"""PROV in every serialisation: one document gives one execution; what is no run is evidence; what is broken is one clear line."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph

from recup_kg.converters import prov
from recup_kg.errors import MalformedSource, MissingExtra
from recup_kg.evidence import Evidence
from recup_kg.evidence.agents import Organization, Person
from recup_kg.evidence.environment import ParameterSetting
from recup_kg.evidence.statements import LiteralValue, Statement
from recup_kg.records import Trace
from recup_kg.validate import validate
from recup_kg.vocab import PROV, RECUP
from tests.conftest import ROOT
from tests.converters.crates import gaps, ntriples
from tests.converters.golden import assert_golden, triples

FOLDER = ROOT / "data" / "prov" / "revsort"
RDF = ("ttl", "nt", "jsonld")
LIBRARY = ("provn", "json", "xml")
PREFIXES = """@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix wfprov: <http://purl.org/wf4ever/wfprov#> .
@prefix wfdesc: <http://purl.org/wf4ever/wfdesc#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix ex: <https://x.org/> .
"""
RUN_QUERY = """PREFIX prov: <http://www.w3.org/ns/prov#> PREFIX wfprov: <http://purl.org/wf4ever/wfprov#>
SELECT (COUNT(DISTINCT ?task) AS ?tasks) (COUNT(DISTINCT ?thing) AS ?things) {
  { ?task a wfprov:ProcessRun } UNION
  { ?act a ?kind . VALUES ?kind { wfprov:ProcessRun wfprov:WorkflowRun }
    { ?act prov:qualifiedUsage/prov:entity ?thing } UNION { ?thing prov:qualifiedGeneration/prov:activity ?act }
    FILTER(NOT EXISTS { ?thing prov:value ?value } || EXISTS { ?thing prov:qualifiedGeneration ?made }) } }"""


def _path(extension: str) -> Path:
    if extension in LIBRARY:
        pytest.importorskip("prov.model", reason="needs the extra recup-kg[prov]")
    if extension == "xml":
        pytest.importorskip("lxml", reason="needs the extra recup-kg[prov]")
    return FOLDER / f"primary.cwlprov.{extension}"


def _trace(reading: Trace | Evidence) -> Trace:
    assert isinstance(reading, Trace)
    return reading


def _save(folder: Path, text: str, name: str = "document.ttl") -> Path:
    path = folder / name
    path.write_text(PREFIXES + text if name.endswith(".ttl") else text, encoding="utf-8")
    return path


def _of_source(line: str) -> bool:
    return "/source/" in line or "/bundle/" in line


@pytest.mark.parametrize("extension", (*RDF, *LIBRARY))
def test_each_serialisation_gives_the_same_graph(extension: str) -> None:
    path = _path(extension)
    assert prov.sniff(path)
    one = {line for line in triples(prov.read(FOLDER / "primary.cwlprov.ttl")) if not _of_source(line)}
    other = {line for line in triples(prov.read(path)) if not _of_source(line)}
    assert len(one) > 300
    assert one == other


def test_the_serialisations_are_told_apart() -> None:
    assert {
        extension: prov.read(FOLDER / f"primary.cwlprov.{extension}").source.format_version
        for extension in RDF
    } == {
        "ttl": "turtle",
        "nt": "n-triples",
        "jsonld": "json-ld",
    }
    assert [prov.read(_path(extension)).source.format_version for extension in LIBRARY] == [
        "prov-n",
        "prov-json",
        "prov-xml",
    ]


def test_golden(request: pytest.FixtureRequest) -> None:
    reading = prov.read(FOLDER / "primary.cwlprov.ttl")
    assert_golden("prov/revsort", reading, update=request.config.getoption("--update-golden"))


def test_the_run_of_revsort() -> None:
    trace = _trace(prov.read(FOLDER / "primary.cwlprov.ttl"))
    rev, sort = sorted(trace.tasks, key=lambda task: task.step)
    assert (rev.step, sort.step) == ("main/rev", "main/sorted")
    assert (rev.run_time, sort.run_time) == (1.653258, 1.093875)
    assert rev.started is not None
    assert rev.started.iso == "2018-10-25T15:46:35.314101"
    assert sort.parents == (rev.identifier,)
    assert trace.execution.workflow_name == "packed.cwl#main"
    assert trace.execution.system is not None
    assert trace.execution.system.name == "cwltool 1.0.20181012180214"
    assert Counter(item.logical_name for item in trace.data) == {"whale.txt": 2, "output.txt": 2}
    digests = {
        item.object.lexical
        for item in trace.records
        if isinstance(item, Statement)
        and item.predicate == RECUP + "digest"
        and isinstance(item.object, LiteralValue)
    }
    assert digests == {
        "sha1:327fc7aedf4f6b69a42a7c8b808dc5a7aff61376",
        "sha1:97fe1b50b4582cebc7d853796ebd62e3e163aa3f",
        "sha1:b9214658cc453331b62c2282b772a5c063dbd284",
    }
    assert [(item.name, item.value) for item in trace.records if isinstance(item, ParameterSetting)] == [
        ("reverse", True),
        ("reverse_sort", True),
    ]
    assert [item.name for item in trace.records if isinstance(item, Person)] == ["Stian Soiland-Reyes"]


def test_two_start_times_are_told() -> None:
    trace = _trace(prov.read(FOLDER / "primary.cwlprov.ttl"))
    assert trace.execution.started is not None
    assert trace.execution.started.written == "2018-10-25T15:46:35.211026"
    assert gaps(trace, "ConflictingValue") == [
        "another time of prov:qualifiedStart or prov:startedAtTime is stated too; the graph has 2018-10-25T15:46:35.211026"
    ]


@pytest.mark.parametrize(
    "name",
    ["fair/cwlprov/revsort-run-1/metadata/provenance/primary.cwlprov.ttl", "rocrate/cwlprov-ml-predict.ttl"],
)
def test_counts_are_those_of_sparql_and_the_graph_is_valid(name: str, shared_data: Path) -> None:
    path = shared_data / name
    assert prov.sniff(path)
    trace = _trace(prov.read(path))
    (row,) = Graph().parse(path).query(RUN_QUERY)
    tasks, things = (int(value) for value in row)
    assert len(trace.tasks) == tasks
    members = {
        item.identifier
        for item in trace.data
        if item.generators or any(item.identifier in (task.inputs or ()) for task in trace.tasks)
    }
    assert len(members) <= things <= len(trace.data)
    assert [result for result in validate(ntriples(trace)).results if result.severity == "Violation"] == []


def test_only_stated_dependencies_and_those_from_data(tmp_path: Path) -> None:
    trace = _trace(
        prov.read(
            _save(
                tmp_path,
                """
                ex:run a wfprov:WorkflowRun .
                ex:a a wfprov:ProcessRun ; wfprov:wasPartOfWorkflowRun ex:run ; prov:generated ex:x ;
                    prov:endedAtTime "2024-01-01T00:00:00Z"^^xsd:dateTime .
                ex:b a wfprov:ProcessRun ; wfprov:wasPartOfWorkflowRun ex:run ; prov:used ex:set .
                ex:c a wfprov:ProcessRun ; wfprov:wasPartOfWorkflowRun ex:run ; prov:wasInformedBy ex:b .
                ex:d a wfprov:ProcessRun ; prov:startedAtTime "2025-01-01T00:00:00Z"^^xsd:dateTime .
                ex:set a prov:Collection ; prov:hadMember ex:x .
                """,
            )
        )
    )
    assert {task.identifier[-1]: [parent[-1] for parent in task.parents] for task in trace.tasks} == {
        "a": [],
        "b": ["a"],
        "c": ["b"],
        "d": [],
    }
    assert "no statement says of which run this is a part; there is one only" in gaps(trace, "NotCaptured")


def test_plans_that_activities_followed_make_a_run(tmp_path: Path) -> None:
    trace = _trace(
        prov.read(
            _save(
                tmp_path,
                """
                ex:whole a prov:Activity ; prov:qualifiedAssociation [ prov:agent ex:engine ; prov:hadPlan ex:flow ] .
                ex:part a prov:Activity ;
                    prov:qualifiedAssociation [ prov:agent ex:engine ; prov:hadPlan <https://x.org/flow#one> ] .
                ex:flow a prov:Plan, wfdesc:Workflow . ex:engine a prov:SoftwareAgent ; rdfs:label "engine 1" .
                """,
            )
        )
    )
    assert [(task.identifier, task.step) for task in trace.tasks] == [("https://x.org/part", "one")]
    assert trace.execution.system is not None
    assert trace.execution.system.name == "engine 1"


def test_several_runs_are_one_execution_that_says_so(tmp_path: Path) -> None:
    text = "ex:r1 a wfprov:WorkflowRun . ex:r2 a wfprov:WorkflowRun ."
    text += " ex:a a wfprov:ProcessRun ; wfprov:wasPartOfWorkflowRun ex:r1 ."
    trace = _trace(prov.read(_save(tmp_path, text)))
    assert (len(trace.tasks), trace.execution.started) == (1, None)
    assert gaps(trace, "ConflictingValue") == [
        "2 runs of workflows: their processes are tasks of one execution, the document"
    ]


def test_what_is_no_run_is_evidence_with_its_statements(tmp_path: Path) -> None:
    reading = prov.read(
        _save(
            tmp_path,
            'ex:e a prov:Entity ; prov:wasGeneratedBy ex:act . ex:act a prov:Activity ; rdfs:label "drawn"@en .',
        )
    )
    assert isinstance(reading, Evidence)
    assert Statement("https://x.org/e", PROV + "wasGeneratedBy", "https://x.org/act") in reading.records
    assert len(reading.records) == 4
    assert gaps(reading, "NotCaptured") == ["the document describes no run of a workflow"]


def test_an_end_before_the_start_is_kept(tmp_path: Path) -> None:
    text = 'ex:a a wfprov:ProcessRun ; prov:startedAtTime "2024-01-01T00:00:01"^^xsd:dateTime .'
    text += 'ex:a prov:endedAtTime "2024-01-01T00:00:00"^^xsd:dateTime .'
    trace = _trace(prov.read(_save(tmp_path, text)))
    assert trace.tasks[0].run_time is None
    assert gaps(trace, "ConflictingValue") == [
        "the end is before the start; both are kept as the source states them"
    ]
    assert [result for result in validate(ntriples(trace)).results if result.severity == "Violation"] == []


def test_agents_without_names_and_organisations(tmp_path: Path) -> None:
    text = "ex:a a wfprov:ProcessRun ; prov:wasAssociatedWith ex:p, ex:o . ex:p a prov:Person . ex:o a prov:Organization ."
    trace = _trace(prov.read(_save(tmp_path, text)))
    assert [item.identifier for item in trace.records if isinstance(item, Organization)] == [
        "https://x.org/o"
    ]
    assert [result for result in validate(ntriples(trace)).results if result.severity == "Violation"] == []


def test_credentials_do_not_enter(tmp_path: Path) -> None:
    text = 'ex:a a wfprov:ProcessRun ; prov:used ex:v ; rdfs:comment "curl --password hunter2" .'
    text += 'ex:v rdfs:label "API_TOKEN" ; prov:value "hunter3" .'
    assert "hunter" not in ntriples(prov.read(_save(tmp_path, text)))


def test_labels_of_blank_nodes_mean_nothing(tmp_path: Path) -> None:
    def made(first: str, second: str) -> set[str]:
        text = f"""ex:a a wfprov:ProcessRun ; prov:qualifiedUsage {first}, {second} .
            {first} prov:entity ex:x ; prov:hadRole ex:one . {second} prov:entity ex:x ; prov:hadRole ex:two ."""
        return {line for line in triples(prov.read(_save(tmp_path, text))) if not _of_source(line)}

    assert made("_:a", "_:b") == made("_:z", "_:y")


def test_bundles_are_told_together(tmp_path: Path) -> None:
    path = tmp_path / "document.trig"
    path.write_text(PREFIXES + "ex:b a prov:Bundle . ex:b { ex:a a wfprov:ProcessRun ; prov:used ex:x . }")
    assert prov.sniff(path)
    trace = _trace(prov.read(path))
    assert len(trace.tasks) == 1
    assert gaps(trace, "UnmappedField") == ["2 bundles or named graphs; what stands in them is told together"]


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.integers(0, 9), st.tuples(st.sets(st.integers(0, 5)), st.sets(st.integers(0, 5))), min_size=1
    )
)
def test_generated_documents_come_back_from_turtle_and_prov_n(
    tmp_path_factory: pytest.TempPathFactory, made: dict[int, tuple[set[int], set[int]]]
) -> None:
    pytest.importorskip("prov.model", reason="needs the extra recup-kg[prov]")
    folder = tmp_path_factory.mktemp("prov")
    turtle, provn = (
        "",
        "document\n prefix ex <https://x.org/>\n prefix wfprov <http://purl.org/wf4ever/wfprov#>\n",
    )
    for number, (used, result) in made.items():
        turtle += f"ex:t{number} a prov:Activity, wfprov:ProcessRun .\n"
        provn += f" activity(ex:t{number}, [prov:type='wfprov:ProcessRun'])\n"
        for item in used:
            turtle += f"ex:t{number} prov:used ex:d{item} .\n"
            provn += f" used(ex:t{number}, ex:d{item}, -)\n"
        for item in result:
            turtle += f"ex:d{item} prov:wasGeneratedBy ex:t{number} .\n"
            provn += f" wasGeneratedBy(ex:d{item}, ex:t{number}, -)\n"
    one = _trace(prov.read(_save(folder, turtle)))
    other = _trace(prov.read(_save(folder, provn + "endDocument\n", "document.provn")))
    assert one.tasks == other.tasks
    assert one.data == other.data
    assert {
        int(task.identifier[-1]): (
            {int(name[-1]) for name in task.inputs or ()},
            {int(name[-1]) for name in task.outputs or ()},
        )
        for task in one.tasks
    } == made


def test_prov_jsonld_and_rdf_xml(tmp_path: Path) -> None:
    graph = Graph().parse(FOLDER / "primary.cwlprov.ttl")
    path = tmp_path / "document.rdf"
    path.write_text(graph.serialize(format="xml"))
    assert prov.sniff(path)
    expected = _trace(prov.read(FOLDER / "primary.cwlprov.ttl"))
    assert _trace(prov.read(path)).tasks == expected.tasks
    model = pytest.importorskip("prov.model", reason="needs the extra recup-kg[prov]")
    document = model.ProvDocument.deserialize(str(FOLDER / "primary.cwlprov.json"), format="json")
    path = tmp_path / "document.jsonld"
    path.write_text(document.serialize(format="jsonld"))
    assert prov.sniff(path)
    assert _trace(prov.read(path)).execution.identity == expected.execution.identity


BROKEN = {
    "turtle.ttl": (PREFIXES + "ex:a a prov:Activity ; ", "line 7: can't be parsed: "),
    "turtle-iri.ttl": (PREFIXES + "<a b> a prov:Activity .", "line 7: can't be parsed: "),
    "document.provn": (
        "document\n  prefix ex <https://x.org/>\n  activity(ex:a\nendDocument",
        "not PROV-N: ",
    ),
    "cut.provn": ("document\n  entity(", "not PROV-N: "),
    "document.json": ('{"prefix": {"ex": "https://x.org/"}, "activity": {"ex:a": ', "not PROV-JSON: "),
    "types.json": ('{"prefix": {"ex": "https://x.org/"}, "activity": {"ex:a": 5}}', "not PROV-JSON: "),
    "document.xml": (
        '<prov:document xmlns:prov="http://www.w3.org/ns/prov#"><prov:activity',
        "not PROV-XML: ",
    ),
    "entity.xml": (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><prov:document xmlns:prov="http://www.w3.org/ns/prov#"/>',
        "a document type declaration, which PROV-XML has none of; remove it",
    ),
    "remote.jsonld": (
        '{"@context": "https://example.org/context", "@id": "x", "http://www.w3.org/ns/prov#used": {"@id": "y"}}',
        "$['@context']: the context https://example.org/context is not in the file, and none is fetched; "
        "expand the JSON-LD, or save it as Turtle",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_documents_are_one_clear_line(name: str, tmp_path: Path) -> None:
    if name.endswith((".provn", ".json", ".xml")):
        pytest.importorskip("prov.model", reason="needs the extra recup-kg[prov]")
    text, problem = BROKEN[name]
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(MalformedSource) as caught:
        prov.read(path)
    assert str(caught.value).startswith(f"{path}: {problem}")
    assert "\n" not in str(caught.value)


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "prov.model", None)
    with pytest.raises(MissingExtra, match=r"pip install 'recup-kg\[prov\]'"):
        prov.read(FOLDER / "primary.cwlprov.provn")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing",
        PREFIXES + "ex:a rdfs:label 'only prefixes' .",
        PREFIXES
        + "<https://x.org/o> a <http://www.w3.org/2002/07/owl#Ontology> . prov:used rdfs:label 'used' . ex:a a prov:Activity .",
        "{}",
        json.dumps({"entity": 1}),
        "document that tells of many entities",
        "<html><body>document</body></html>",
        json.dumps({"@context": {"prov": "http://www.w3.org/ns/prov#", "used": {"@id": "prov:used"}}}),
    ],
)
def test_what_is_no_prov_is_not_recognised(text: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    if text != "document that tells of many entities":
        assert not prov.sniff(path)


def test_our_own_files_and_other_vocabularies_are_not_recognised(shared_data: Path) -> None:
    folders = ["ontology", "shapes", "queries", "tests/shapes", "tests/golden"]
    own = [path for folder in folders for path in sorted((ROOT / folder).rglob("*")) if path.is_file()]
    others = [
        path
        for folder in ("fair/vocab", "fair/dcat", "fair/fdp", "fair/croissant", "fair/contexts")
        for path in sorted((shared_data / folder).rglob("*"))
        if path.is_file()
    ]
    assert len(own) > 300
    assert len(others) > 50
    assert [path for path in (*own, *others) if prov.sniff(path)] == []
