"""Every real trace: what it says reaches the graph and comes back."""

from __future__ import annotations

import json
from pathlib import Path

import pyoxigraph
import pytest

from recup_kg.converters import detect
from recup_kg.converters.wfformat import write
from recup_kg.rdf.read import read_trace
from recup_kg.rdf.write import graphs
from tests.wfformat_samples import normal

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
NEW = sorted((DATA / "wfformat" / "v1.5").glob("*.json"))
FLOWBENCH = sorted((DATA / "flowbench" / "wfformat").glob("*/*.json"))
OLD = sorted(
    path
    for version in ("1.0", "1.2", "1.3", "1.4")
    for path in (DATA / "wfformat" / f"v{version}").glob("*.json")
)
pytestmark = pytest.mark.skipif(not NEW, reason="needs the folder ../shared/data beside the checkout")


def through_the_store(path: Path) -> bytes:
    """The trace after reading, writing as quads, loading, and reading back."""
    trace = detect(path).read(path)
    store = pyoxigraph.Store()
    store.bulk_load("".join(graphs(trace)[0].lines).encode(), format=pyoxigraph.RdfFormat.N_QUADS)
    triples = store.query("CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }")
    return write(read_trace(triples.serialize(format=pyoxigraph.RdfFormat.N_TRIPLES)))


def test_the_real_traces_are_all_there() -> None:
    assert (len(NEW), len(FLOWBENCH), len(OLD)) == (32, 32, 5)


@pytest.mark.parametrize("path", [*NEW, *FLOWBENCH], ids=lambda path: path.stem)
def test_export_gives_the_trace_back(path: Path) -> None:
    assert normal(json.loads(through_the_store(path))) == normal(json.loads(path.read_bytes()))


@pytest.mark.parametrize("path", OLD, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_an_old_trace_exported_is_a_trace_of_layout_1_5(path: Path, tmp_path: Path) -> None:
    exported = tmp_path / path.name
    exported.write_bytes(through_the_store(path))
    again = detect(exported).read(exported)
    old = detect(path).read(path)
    assert again.source.format_version == "1.5"
    assert again.execution.identity == old.execution.identity
    assert {task.identifier: task.run_time for task in again.tasks} == {
        task.identifier: task.run_time for task in old.tasks
    }


def lines_without_source(path: Path) -> set[str]:
    """The facts of an execution without those of its file, its graph name, its gaps and what only some layouts can say."""
    trace = detect(path).read(path)
    graph = graphs(trace)[0]
    only_some = (
        "sourceLocalId",
        "taskType",
        "category",
        "#program>",
        "configuration",
        "/coverage/",
        "/artefact/",
        "/source/",
    )
    kept = (line.rsplit(" <", 1)[0] for line in graph.lines if not any(term in line for term in only_some))
    return {line for line in kept if graph.name not in line}


@pytest.mark.parametrize("version", ["1.0", "1.2", "1.3", "1.4"])
def test_one_run_gives_one_graph_in_every_layout(version: str) -> None:
    name = "blast-chameleon-small-001.json"
    new = lines_without_source(DATA / "wfformat" / "v1.5" / name)
    assert len(new) > 1000
    assert lines_without_source(DATA / "wfformat" / f"v{version}" / name) == new


def test_older_layouts_give_the_same_signatures_and_units() -> None:
    name = "blast-chameleon-small-001.json"
    old, new = (
        detect(path).read(path)
        for path in (DATA / "wfformat" / "v1.0" / name, DATA / "wfformat" / "v1.5" / name)
    )
    by_id = {task.identifier: task for task in new.tasks}
    assert [task.signatures for task in old.tasks] == [
        by_id[task.identifier].signatures for task in old.tasks
    ]
    split = next(task for task in old.tasks if task.identifier == "split_fasta_ID000001")
    assert (split.read_bytes, split.resident_memory) == (660_000, 3_000_000)
    assert next(item for item in old.data if item.identifier == "nt").size == 5_112_425_635


@pytest.mark.parametrize(
    ("file", "written", "iso"),
    [
        ("srasearch-chameleon-20a-001", "12-20-20T04:58:25Z", "2020-12-20T04:58:25Z"),
        ("1000genome-chameleon-2ch-100k-001", "20200401T035043+0000", "2020-04-01T03:50:43+00:00"),
        ("sarek-dirt02-001", "2023-03-21T13:21:06-10:00", "2023-03-21T13:21:06-10:00"),
        ("blast-chameleon-small-001", "2020-12-25T20:10:08+00:00", "2020-12-25T20:10:08+00:00"),
    ],
)
def test_the_four_spellings_of_executed_at(file: str, written: str, iso: str) -> None:
    path = DATA / "wfformat" / "v1.5" / f"{file}.json"
    started = detect(path).read(path).execution.started
    assert started is not None
    assert (started.written, started.iso) == (written, iso)


def test_no_task_gets_a_start_time_that_no_source_said() -> None:
    traces = [detect(path).read(path) for path in NEW]
    assert sum(len(trace.tasks) for trace in traces) == 3176
    assert not [task for trace in traces for task in trace.tasks if task.started is not None]


def test_missing_is_never_zero() -> None:
    traces = [detect(path).read(path) for path in NEW]
    tasks = [task for trace in traces for task in trace.tasks]
    assert sum(task.read_bytes is None for task in tasks) == 3176 - 1421
    assert sum(task.nodes is None for task in tasks) == 80


def test_artefacts_of_real_traces() -> None:
    path = DATA / "wfformat" / "v1.5" / "blast-chameleon-small-001.json"
    (artefact,) = detect(path).read(path).artefacts
    assert artefact.about.identifier == "nt"
    assert artefact.where == "$.workflow.specification.files[45].sizeInBytes"
    sarek = DATA / "wfformat" / "v1.5" / "sarek-dirt02-001.json"
    found = detect(sarek).read(sarek).artefacts
    assert sum(artefact.property.endswith("#runTime") for artefact in found) == 15
    assert sum(artefact.property.endswith("#cpuSpeedReading") for artefact in found) == 1


def test_a_trace_without_files_says_so() -> None:
    trace = detect(FLOWBENCH[0]).read(FLOWBENCH[0])
    assert [gap.where for gap in trace.gaps] == ["$.workflow.specification.files"]
    coverage = {
        entry.property.rsplit("#", 1)[-1]: (entry.observed, entry.expected) for entry in trace.coverage
    }
    assert coverage["used"] == (0, 12)
    assert coverage["startedAtTime"] == (12, 12)
    assert coverage["arguments"] == (4, 12)
