"""Two forms of one log in a run count once; runs whose file is called like every other are called after their folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import recup_kg as recup
from recup_kg.api.plan import is_generic, run_name
from tests.conftest import ROOT

CHAIN = ROOT / "data" / "darshan" / "chain"
DXT = ROOT / "data" / "darshan" / "dxt"


def totals(graph: recup.api.KnowledgeGraph, run: str) -> dict[str, object]:
    return {str(row["counter"]): row["value"] for row in graph.query("darshan-totals", run=run)}


def test_the_text_of_a_log_beside_the_log_is_left_out(tmp_path: Path) -> None:
    pytest.importorskip("darshan")
    both, binary = tmp_path / "both", tmp_path / "binary"
    for folder, pattern in ((both, "pq_app_write*"), (binary, "pq_app_write*.darshan")):
        folder.mkdir()
        for path in CHAIN.glob(pattern):
            shutil.copy(path, folder)
    with recup.open(":memory:") as graph:
        one, two = graph.ingest(both), graph.ingest(binary)
        assert [Path(part.source).suffix for part in one.sources] == [".darshan"]
        (left,) = one.refused
        assert left.error.endswith("in another form; it was left out")
        assert totals(graph, one.name) == totals(graph, two.name)
        assert totals(graph, one.name)["POSIX_BYTES_WRITTEN"] > 0


def test_two_texts_that_tell_different_parts_of_a_log_are_both_used(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    for path in DXT.glob("*.txt.gz"):
        shutil.copy(path, folder)
    with recup.open(":memory:") as graph:
        item = graph.ingest(folder)
        assert len(item.sources) == 2
        assert item.refused == ()


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("runs/seven/ro-crate-metadata.json", "seven"),
        ("runs/seven/trace.txt", "seven"),
        ("runs/seven/blast-7.json", "blast-7"),
        ("runs/seven/log.darshan.gz", "log"),
    ],
)
def test_what_a_file_names_its_run(path: str, name: str) -> None:
    assert run_name(Path(path)) == name
    assert is_generic(Path(path)) == (name == "seven")


def test_crates_of_one_folder_are_runs_with_the_names_of_theirs() -> None:
    folder = ROOT / "data" / "ro-crate" / "workflow-run-crate"
    with recup.open(":memory:") as graph:
        report = graph.ingest_all([folder])
        crates = sorted(path.parent.name for path in folder.rglob("ro-crate-metadata.json"))
        assert sorted(run.name for run in report.runs) == crates
        assert len(crates) > 1


def test_a_comparison_is_removed_by_its_name(root: Path) -> None:
    files = sorted((root / "data" / "wfformat" / "blast").glob("*.json"))
    with recup.open(":memory:") as graph:
        for path in files:
            graph.ingest(path)
        name = graph.compare(files[0].stem, files[1].stem).stored_as
        assert name is not None
        graph.remove(name)
        assert len(graph.runs()) == 2
        with pytest.raises(recup.errors.UnknownRun):
            graph.validate(name)


def test_traces_that_the_user_calls_one_run_are_one(root: Path) -> None:
    report = next((root / "data" / "nextflow").rglob("*.txt"))
    crate = root / "data" / "ro-crate" / "workflow-run-crate"
    traces = [report, *sorted(crate.rglob("ro-crate-metadata.json"))[:1]]
    with recup.open(":memory:") as graph:
        (item,) = graph.ingest_all(traces, run="both").runs
        assert (item.name, len(item.sources)) == ("both", 2)
        assert [run.name for run in graph.runs()] == ["both"]
        assert len(graph.run("both").sources) == 2
        assert graph.validate("both").conforms
        graph.remove("both")
        assert graph.runs() == ()


def test_the_facts_of_a_configuration_can_be_chosen(root: Path) -> None:
    folder = root / "data" / "machine" / "jc"
    with recup.open(":memory:") as graph:
        everything = graph.run(graph.ingest(folder, run="all").name)
        chosen = graph.run(graph.ingest(folder, run="chosen", configuration=["os"]).name)
        assert everything.fingerprint not in (None, chosen.fingerprint)
        assert chosen.fingerprint is not None
        again = graph.run(graph.ingest(folder, run="all", configuration=["os"]).name)
        assert again.fingerprint == chosen.fingerprint
        with pytest.raises(
            recup.errors.UsageError, match="no such fact of a configuration: moon; there are: "
        ):
            graph.ingest(folder, run="all", configuration=["moon"])


def test_what_can_not_be_used_beside_several_executions_is_told(root: Path, tmp_path: Path) -> None:
    for path in (root / "data" / "wfformat" / "blast").glob("*.json"):
        shutil.copy(path, tmp_path)
    (tmp_path / "broken.json").write_text(path.read_text()[:3000])
    with recup.open(":memory:") as graph:
        report = graph.ingest_all([tmp_path])
        assert len(report.runs) == 2
        assert all(run.source.endswith(f"{run.name}.json") for run in report.runs)
        assert [Path(item.source).name for item in report.refused] == ["broken.json"]
