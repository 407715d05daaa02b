"""Reports over real traces: what they say, where they point, and their forms."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from rdflib import RDF, Graph, Namespace

import recup_kg as recup
from recup_kg.api.convert import convert
from recup_kg.converters import detect, locator_of, recognise
from recup_kg.errors import MalformedSource, ShapesError
from recup_kg.rdf.write import graphs
from recup_kg.validate import (
    ReferenceEngine,
    Report,
    Result,
    RustEngine,
    engine_named,
    unmatched,
    validate,
    validate_file,
    validate_quads,
)
from recup_kg.validate.report import path_turtle
from recup_kg.validate.shapes import SHAPES, catalogue, files
from recup_kg.vocab import PROV, RECUP
from tests.conftest import ROOT

SH = Namespace("http://www.w3.org/ns/shacl#")
FOLDERS = ("env", "rocrate", "hpctoolkit", "fair/ro-crate")
WITHOUT_REAL_DATA = {"cause", "comparison", "metric", "results"}
"""Topics with a shape that meets nothing real: chains of causes, crossed gaps, metrics of layout 1.6, missing variables."""


def _quads(path: Path) -> str:
    return "".join(line for graph in graphs(detect(path).read(path)) for line in graph.lines)


@pytest.fixture(scope="module")
def blast(shared_data: Path) -> str:
    return _quads(shared_data / "wfformat/v1.5/blast-chameleon-small-001.json")


def _edited(text: str, subject: str, predicate: str, value: str) -> str:
    """The quads with another value at the first statement of a subject that ends so."""
    lines = text.splitlines(keepends=True)
    at = next(
        number
        for number, line in enumerate(lines)
        if f"{subject}> " in line.split(" ")[0] + " " and f"<{predicate}>" in line
    )
    start, _, rest = lines[at].partition(f"<{predicate}> ")
    lines[at] = f"{start}<{predicate}> {value}{rest[rest.rindex(' <') :]}"
    return "".join(lines)


def _sources(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and recognise(path) is not None]


def _one(report: Report, shape: str) -> Result:
    (found,) = [result for result in report.results if result.shape == SHAPES + shape]
    return found


def test_every_real_trace_conforms(shared_data: Path):
    traces = sorted(shared_data.glob("wfformat/v*/*.json"))
    assert len(traces) == 37
    refused = [trace.name for trace in traces if not validate_quads(_quads(trace)).conforms]
    assert refused == []


def _derived(shared_data: Path) -> str:
    """What comparisons, baselines, metrics and tags of real runs add to a store."""
    with recup.open(":memory:") as graph:
        graph.ingest_all(sorted((shared_data / "wfformat" / "v1.5").glob("blast-chameleon-small-*.json")))
        last = "blast-chameleon-small-003"
        graph.tag(last, "slow")
        graph.against(last, "workflow=blast-small")
        graph.baseline("blast", "workflow=blast-small")
        graph.metrics("blast")
        trace = shared_data / "wfformat" / "v1.5" / f"{last}.json"
        graph.results(trace, trace, keep=True)
        store = graph._access.reading()
        return "".join(store.ntriples(name).decode() for name in store.graphs())


def test_every_shape_meets_real_data_or_is_named(shared_data: Path):
    pytest.importorskip("darshan")
    paths = sorted(shared_data.glob("wfformat/v*/*.json"))
    paths += [path for name in FOLDERS for path in _sources(shared_data / name)]
    paths.append(shared_data / "recup-dask" / "ImageProcessing-R1" / "graph.csv")
    paths.append(ROOT / "data" / "flowbench" / "eht_imaging" / "eht-imaging-run0303.csv")
    text = "".join(convert(path).text for path in paths)
    triples = "".join(line[: line.rindex(" <")] + " .\n" for line in text.splitlines())
    with recup.open(":memory:") as graph:
        for folder in ("recup-dask/PMDA-R1", "darshan/edison-job-4478544"):
            triples += graph.export(graph.ingest(shared_data / folder).name, "ntriples").decode()
    triples += _derived(shared_data)
    idle = unmatched(triples)
    assert {shape.topic for shape in idle} == WITHOUT_REAL_DATA
    assert len(catalogue()) - len(idle) > 100


def test_a_fault_of_a_task_is_found_and_located(blast: str):
    broken = _edited(
        blast,
        "/task/blastall_ID000002",
        RECUP + "runTime",
        '"-1.0E0"^^<http://www.w3.org/2001/XMLSchema#double>',
    )
    report = validate_quads(broken)
    result = _one(report, "TaskRunTime")
    assert not report.conforms
    assert (result.severity, result.path, result.source) == (
        "Violation",
        RECUP + "runTime",
        "blast-chameleon-small-001.json",
    )
    assert result.where == '$.workflow.execution.tasks[?@.id=="blastall_ID000002"].runtimeInSeconds'


def test_a_rule_of_the_execution_points_at_the_task(blast: str):
    level = '"0"^^<http://www.w3.org/2001/XMLSchema#integer>'
    report = validate_quads(_edited(blast, "/task/blastall_ID000002", RECUP + "level", level))
    results = [result for result in report.results if result.shape == SHAPES + "TaskAcyclic"]
    assert [result.where for result in results] == [
        '$.workflow.specification.tasks[?@.id=="blastall_ID000002"].parents'
    ]


def test_an_info_does_not_fail_and_is_located(shared_data: Path):
    report = validate_quads(_quads(shared_data / "wfformat/v1.5/bacass-dirt02-001.json"))
    assert report.conforms
    assert _one(report, "SourceAuthorCaptured").where == "$.author"


def test_engines_agree_on_real_data(blast: str):
    fast, reference = (validate_quads(blast, engine=engine) for engine in (RustEngine(), ReferenceEngine()))
    assert fast.to_dict() == reference.to_dict()


@pytest.mark.parametrize(
    ("version", "kind", "identifier", "predicate", "place"),
    [
        (
            "1.5",
            "task",
            'a"b',
            RECUP + "program",
            r'$.workflow.execution.tasks[?@.id=="a\"b"].command.program',
        ),
        (
            "1.5",
            "data",
            "x",
            PROV + "wasGeneratedBy",
            '$.workflow.specification.tasks[*].outputFiles[?@=="x"]',
        ),
        ("1.5", "execution", "", None, "$.workflow"),
        ("1.5", "system", "", None, "$.runtimeSystem"),
        ("1.4", "execution", "", RECUP + "makespan", "$.workflow.makespanInSeconds"),
        ("1.3", "execution", "", RECUP + "makespan", "$.workflow.makespan"),
        ("1.4", "node", "n", RECUP + "memorySize", '$.workflow.machines[?@.nodeName=="n"].memoryInBytes'),
        ("1.3", "node", "n", RECUP + "memorySize", '$.workflow.machines[?@.nodeName=="n"].memory'),
        ("1.0", "task", "t", RECUP + "runTime", '$.workflow.jobs[?@.name=="t" || @.id=="t"].runtime'),
    ],
)
def test_places_of_wfformat(version: str, kind: str, identifier: str, predicate: str | None, place: str):
    locator = locator_of("wfformat")
    assert locator is not None
    assert locator.locate(version, kind, identifier, predicate) == place


def test_the_report_as_shacl_says(blast: str):
    broken = _edited(blast, "/task/blastall_ID000002", RECUP + "runTime", '"a\\"b"')
    report = validate_quads(broken)
    graph = Graph().parse(data=report.to_turtle(), format="turtle")
    (node,) = graph.subjects(RDF.type, SH.ValidationReport)
    assert graph.value(node, SH.conforms).toPython() is False
    assert len(list(graph.objects(node, SH.result))) == len(report.results)


def test_the_report_as_json_and_rows():
    result = Result("Warning", "s", "f", None, None, "m", "file", "$")
    report = Report((result,))
    keys = ["severity", "shape", "focus", "path", "value", "message", "source", "where"]
    assert list(report.to_dict()) == ["conforms", "results"]
    assert report.to_dict() == {"conforms": True, "results": [result.to_dict()]}
    assert list(result.to_dict()) == keys
    assert list(report.rows()) == [("Warning", "s", "f", None, None, "m", "file", "$")]
    assert report.counts() == {"Violation": 0, "Warning": 1, "Info": 0}


@pytest.mark.parametrize(
    ("path", "turtle"),
    [
        ("http://e/p", "<http://e/p>"),
        ("^<http://e/p>", "[ sh:inversePath <http://e/p> ]"),
        ("(^<http://e/p>/<http://e/q>)", "( [ sh:inversePath <http://e/p> ] <http://e/q> )"),
        (
            "(<http://e/p>|^<http://e/q>)",
            "[ sh:alternativePath ( <http://e/p> [ sh:inversePath <http://e/q> ] ) ]",
        ),
    ],
)
def test_paths(path: str, turtle: str):
    assert path_turtle(path) == turtle


@pytest.mark.parametrize("name", ["a.nq", "a.nq.gz"])
def test_a_file_of_rdf(blast: str, tmp_path: Path, name: str):
    path = tmp_path / name
    path.write_bytes(gzip.compress(blast.encode()) if name.endswith("gz") else blast.encode())
    assert validate_file(path) == validate_quads(blast)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", b"{}", "not a file of RDF; name it with one of .nq, .nt, .ttl, .trig"),
        ("a.nq", b"<a", "not RDF: "),
        ("a.nq.gz", b"no gzip", "can't be read: Not a gzipped file"),
    ],
)
def test_a_broken_file(tmp_path: Path, name: str, content: bytes, message: str):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(MalformedSource) as caught:
        validate_file(path)
    assert str(caught.value).startswith(f"{path}: {message}")


@pytest.mark.parametrize("engine", [RustEngine(), ReferenceEngine()], ids=lambda engine: engine.name)
def test_wrong_shapes_are_refused(engine: RustEngine | ReferenceEngine):
    with pytest.raises(ShapesError):
        list(engine.run("<http://e/a> <http://e/b> .", ""))


def test_no_shapes(tmp_path: Path):
    with pytest.raises(ShapesError, match="no shapes"):
        files(tmp_path)


def test_engines_by_name():
    assert engine_named().name == "rust"
    assert engine_named("pyshacl").name == "pyshacl"


def test_nothing_is_wrong_with_nothing():
    assert validate("") == Report(())


def test_a_real_comparison_conforms_and_meets_the_shapes_of_its_topics(shared_data: Path):
    import recup_kg
    from recup_kg.rdf.comparison import comparison_graph

    one, two = (shared_data / f"wfformat/v1.5/bwa-chameleon-small-{number}.json" for number in ("001", "005"))
    with recup_kg.open(":memory:") as kg:
        lines = comparison_graph(kg.compare(one, two).comparison).lines
    assert validate_quads("".join(lines)).results == ()
    idle = unmatched("".join(line[: line.rindex(" <")] + " .\n" for line in lines))
    left = {shape.iri for shape in idle if shape.topic in ("comparison", "deviation")}
    assert all("Ambiguous" in iri for iri in left)
