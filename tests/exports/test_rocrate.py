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
    assert names == ["ro-crate-metadata.json", "run.nq.gz"]


def test_bad_time_of_publication_is_refused(case: tuple, monkeypatch: pytest.MonkeyPatch) -> None:
    graph, run = case
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH is 'soon'; give whole seconds since 1970"):
        graph.export(run, "ro-crate")


def test_ingested_again_it_has_the_same_edges_and_the_run_itself(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = recup.open(str(tmp_path / "store"))
    run = graph.ingest(root / "data" / TRACES[0]).name
    path = tmp_path / "crate" / "ro-crate-metadata.json"
    path.parent.mkdir()
    path.write_bytes(graph.export(run, "ro-crate"))
    again = recup.open(str(tmp_path / "again"))
    copied = again.ingest(path).name
    told, read = (
        json.loads(kg.export(name, "wfformat"))["workflow"]["specification"]["tasks"]
        for kg, name in ((graph, run), (again, copied))
    )
    assert len(read) == len(told) + 1
    for edges in ("inputFiles", "outputFiles", "parents"):
        assert sum(len(x.get(edges) or ()) for x in read) == sum(len(x.get(edges) or ()) for x in told) > 0
