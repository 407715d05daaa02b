"""RO-Crate: the tasks, data and edges that the run has, and nothing that no source said."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

import recup_kg as recup
from recup_kg.errors import UsageError

TRACES = (
    "wfformat/bwa/bwa-chameleon-small-001.json",
    "prov/revsort/primary.cwlprov.provn",
)


@pytest.fixture(params=TRACES)
def case(
    request: pytest.FixtureRequest, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    graph = recup.open(str(tmp_path / "store"))
    return graph, graph.ingest(root / "data" / request.param).name


def entities(data: bytes) -> dict:
    listed = json.loads(data)["@graph"]
    found = {item["@id"]: item for item in listed}
    assert len(found) == len(listed)
    return found


def references(value: object) -> list[str]:
    if isinstance(value, dict):
        return [value["@id"]]
    return [item["@id"] for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def test_every_reference_within_is_described(case: tuple) -> None:
    graph, run = case
    found = entities(graph.export(run, "ro-crate"))
    known = {*found, "https://w3id.org/ro/crate/1.1"}
    assert {end for item in found.values() for value in item.values() for end in references(value)} <= known


def test_tasks_and_edges_are_those_of_the_trace(case: tuple) -> None:
    graph, run = case
    found = entities(graph.export(run, "ro-crate"))
    tasks = [item for item in found.values() if item["@type"] == "CreateAction" and "identifier" in item]
    trace = json.loads(graph.export(run, "wfformat"))["workflow"]["specification"]["tasks"]
    ends = {"object": "inputFiles", "result": "outputFiles"}
    assert len(tasks) == len(trace) > 1
    for ours, theirs in ends.items():
        assert (
            sum(len(item.get(ours, ())) for item in tasks) == sum(len(x.get(theirs, ())) for x in trace) > 0
        )


def test_zip_holds_metadata_and_quads_and_is_the_same_each_time(case: tuple) -> None:
    graph, run = case
    data = graph.export(run, "ro-crate", zipped=True)
    assert data == graph.export(run, "ro-crate", zipped=True)
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert names == ["ro-crate-metadata.json", "workflow.nt", "run.nq.gz"]


def test_bad_time_of_publication_is_refused(case: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    graph, run = case
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH is 'soon'; give whole seconds since 1970"):
        graph.export(run, "ro-crate")


KEPT = ("runtimeInSeconds", "coreCount", "avgCPU", "readBytes", "writtenBytes", "memoryInBytes", "command")


@pytest.mark.parametrize("profile", ["process", "workflow", "provenance"])
def test_ingested_again_it_has_the_same_tasks_edges_and_values(
    profile: str, root: Path, tmp_path: Path
) -> None:
    graph = recup.open(str(tmp_path / "store"))
    run = graph.ingest(root / "data" / TRACES[0]).name
    path = tmp_path / "run.crate.zip"
    path.write_bytes(graph.export(run, "ro-crate", zipped=True, profile=profile))
    again = recup.open(str(tmp_path / "again"))
    copied = again.ingest(path).name
    told, read = (
        json.loads(kg.export(name, "wfformat"))["workflow"] for kg, name in ((graph, run), (again, copied))
    )
    tasks = [item["specification"]["tasks"] for item in (told, read)]
    assert len(tasks[0]) == len(tasks[1]) == 104
    for edges in ("inputFiles", "outputFiles", "parents"):
        counts = [sum(len(task.get(edges) or ()) for task in side) for side in tasks]
        assert counts[0] == counts[1] > 0
    for term in KEPT:
        sides = [
            sorted(json.dumps(task.get(term), sort_keys=True) for task in item["execution"]["tasks"])
            for item in (told, read)
        ]
        assert sides[0] == sides[1], term
    systems = [
        json.loads(kg.export(name, "wfformat")).get("runtimeSystem")
        for kg, name in ((graph, run), (again, copied))
    ]
    assert systems[0] is not None
    assert systems[1] == (None if profile == "workflow" else systems[0])


@pytest.mark.parametrize("profile", ["workflow", "provenance"])
def test_profile_with_a_workflow_needs_the_archive(case: tuple, profile: str) -> None:
    graph, run = case
    with pytest.raises(UsageError, match=f"a {profile} run crate holds the file of the workflow; add --zip"):
        graph.export(run, "ro-crate", profile=profile)


def test_unknown_profile_is_refused(case: tuple) -> None:
    graph, run = case
    with pytest.raises(UsageError, match="no profile 'best'; there are: process, workflow, provenance"):
        graph.export(run, "ro-crate", profile="best")


def test_no_program_is_named_after_its_step(root: Path, tmp_path: Path) -> None:
    graph = recup.open(str(tmp_path / "store"))
    found = entities(graph.export(graph.ingest(root / "data" / TRACES[1]).name, "ro-crate"))
    unknown = [item for name, item in found.items() if name.startswith("#software-not-captured/")]
    assert unknown
    assert all("name" not in item and "not captured" in item["description"] for item in unknown)


def test_licence_is_that_of_the_source_if_it_states_one(shared_data: Path, tmp_path: Path) -> None:
    graph = recup.open(str(tmp_path / "store"))
    source = (
        shared_data / "fair" / "ro-crate" / "validator-valid-provenance-run-crate" / "ro-crate-metadata.json"
    )
    stated = entities(graph.export(graph.ingest(source).name, "ro-crate"))["./"]["license"]
    assert stated == "Apache-2.0"


def test_text_for_no_licence_is_not_taken_for_one(root: Path, tmp_path: Path) -> None:
    graph = recup.open(str(tmp_path / "store"))
    path = tmp_path / "once.crate.zip"
    path.write_bytes(graph.export(graph.ingest(root / "data" / TRACES[0]).name, "ro-crate", zipped=True))
    again = recup.open(str(tmp_path / "again"))
    read = entities(again.export(again.ingest(path).name, "ro-crate"))["./"]["license"]
    assert read == "This export states no licence."


@pytest.mark.parametrize("stated", ["no list", "[1]", '{"a": "b"}'])
def test_arguments_that_are_no_list_of_texts_are_gaps(stated: str, root: Path, tmp_path: Path) -> None:
    graph = recup.open(str(tmp_path / "store"))
    document = json.loads(graph.export(graph.ingest(root / "data" / TRACES[0]).name, "ro-crate"))
    for item in document["@graph"]:
        if "arguments" in item:
            item["arguments"] = stated
    path = tmp_path / "crate" / "ro-crate-metadata.json"
    path.parent.mkdir()
    path.write_text(json.dumps(document))
    again = recup.open(str(tmp_path / "again"))
    copied = again.ingest(path).name
    tasks = json.loads(again.export(copied, "wfformat"))["workflow"]["execution"]["tasks"]
    assert again.export(copied, "ntriples").count(b"not one list of texts in JSON") >= len(tasks) == 104
    assert not [task for task in tasks if task["command"].get("arguments")]
