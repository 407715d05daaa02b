"""Folders and several sources of one run, from ingest to removal, in each kind of store."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import recup_kg as recup
from recup_kg.api import KnowledgeGraph
from recup_kg.errors import UnknownRun
from tests.store.conftest import server

__all__ = ["server"]
LOG = "darshan/chain/pq_app_write_id71296_7-31-5657-2037904274838284930_55623.parser.txt.gz"
TRACES = tuple(f"wfformat/blast/blast-chameleon-small-00{number}.json" for number in (2, 3))
PIP = "pip-list/centos/pip-list.out"


@pytest.fixture
def data(root: Path) -> Path:
    return root / "data"


@pytest.fixture
def folder(data: Path, tmp_path: Path) -> Path:
    """One run: a task graph, a log, a list of packages, a file of no format."""
    run = tmp_path / "first"
    run.mkdir()
    for part in (TRACES[0], LOG, PIP):
        shutil.copy(data / part, run)
    (run / "notes.bin").write_bytes(b"\x00\x01")
    return run


@pytest.fixture(params=["memory", "disk", "http"])
def kg(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KnowledgeGraph]:
    """An empty store of each kind."""
    place = {"memory": ":memory:", "disk": str(tmp_path / "store")}.get(request.param)
    with recup.open(place or request.getfixturevalue("server")) as opened:
        yield opened
        for run in opened.runs():
            opened.remove(run.name)


@pytest.fixture
def memory() -> Iterator[KnowledgeGraph]:
    with recup.open(":memory:") as opened:
        yield opened


def formats(kg: KnowledgeGraph, run: str) -> list[str]:
    return [source.format for source in kg.run(run).sources]


def test_a_folder_is_one_run_in_every_store(kg: KnowledgeGraph, folder: Path) -> None:
    taken = kg.ingest(folder)
    assert (taken.name, taken.new, taken.refused) == ("first", True, ())
    assert [Path(path).name for path in taken.unrecognised] == ["notes.bin"]
    assert [run.name for run in kg.runs()] == ["first"]
    assert formats(kg, "first") == ["wfformat", "darshan", "pip-list"]
    assert kg.run("first").tasks == 43
    assert kg.validate("first").conforms
    assert kg.ingest(folder).new is False
    assert [run.name for run in kg.remove("first")] == ["first"]
    assert kg.runs() == ()


def test_a_changed_file_takes_the_place_of_the_old_one(kg: KnowledgeGraph, folder: Path) -> None:
    kg.ingest(folder, validate=False)
    listed = folder / "pip-list.out"
    listed.write_text(listed.read_text().replace("2.4.2", "2.4.3"))
    assert kg.ingest(folder, validate=False).new
    versions = [row["version"] for row in kg.query("packages", run="first", name="Pygments")]
    assert versions == ["2.4.3"]
    assert len(kg.runs()) == 1


def test_a_named_run_is_joined_and_extended(memory: KnowledgeGraph, data: Path) -> None:
    memory.ingest_all([data / TRACES[0], data / LOG], run="mine", validate=False)
    assert formats(memory, "mine") == ["wfformat", "darshan"]
    assert memory.ingest(data / PIP, run="mine", validate=False).new
    assert formats(memory, "mine") == ["wfformat", "darshan", "pip-list"]
    assert memory.ingest(data / PIP, run="mine", validate=False).new is False
    assert [run.name for run in memory.runs()] == ["mine"]


def test_a_refused_file_costs_a_line_and_is_noted(memory: KnowledgeGraph, folder: Path) -> None:
    (folder / "broken.darshan").write_bytes(b"\x00" * 400)
    taken = memory.ingest(folder, validate=False)
    told = [Path(item.source).name for item in taken.refused] + [Path(p).name for p in taken.unrecognised]
    assert sorted(told) == ["broken.darshan", "notes.bin"]
    assert [row["file"] for row in memory.query("unused-files", run="first")] == sorted(told)


def test_several_executions_in_a_folder_stay_several(
    memory: KnowledgeGraph, data: Path, folder: Path
) -> None:
    shutil.copy(data / TRACES[1], folder)
    report = memory.ingest_all([folder], validate=False)
    assert [run.name for run in report.runs] == [*(Path(path).stem for path in TRACES), "first"]
    assert memory.run("first").tasks is None
    assert formats(memory, "first") == ["darshan", "pip-list"]


def test_evidence_alone_is_a_run_without_tasks(memory: KnowledgeGraph, data: Path) -> None:
    taken = memory.ingest(data / LOG)
    assert memory.run(taken.name).tasks is None
    assert memory.coverage(taken.name).sources
    assert memory.validate(taken.name).conforms


def test_a_member_names_the_run(memory: KnowledgeGraph, folder: Path) -> None:
    memory.ingest(folder, validate=False)
    assert memory.run(str(folder / Path(TRACES[0]).name)).name == "first"


def test_a_removed_run_leaves_what_another_one_uses(
    memory: KnowledgeGraph, folder: Path, tmp_path: Path
) -> None:
    second = shutil.copytree(folder, tmp_path / "second")
    (second / Path(TRACES[0]).name).unlink()
    memory.ingest_all([folder, second], validate=False)
    memory.remove("first")
    assert [run.name for run in memory.runs()] == ["second"]
    assert list(memory.query("packages", run="second", name="Pygments"))
    with pytest.raises(UnknownRun):
        memory.run("first")


@pytest.mark.parametrize("to", ["ntriples", "nquads", "turtle"])
def test_an_export_has_every_graph_of_the_run(memory: KnowledgeGraph, folder: Path, to: str) -> None:
    memory.ingest(folder, validate=False)
    text = memory.export("first", to).decode()
    for term in ("TaskExecution", "CounterRecord", "Package", "Fusion"):
        assert term in text


def test_two_fusions_are_compared_by_their_names(
    memory: KnowledgeGraph, data: Path, folder: Path, tmp_path: Path
) -> None:
    second = shutil.copytree(folder, tmp_path / "second")
    (second / Path(TRACES[0]).name).unlink()
    shutil.copy(data / TRACES[1], second)
    memory.ingest_all([folder, second], validate=False)
    assert memory.compare("first", "second").stored_as
    assert list(memory.query("deviation-performance", reference="first", other="second"))


def test_what_is_known_of_a_file_and_a_task(memory: KnowledgeGraph, folder: Path) -> None:
    memory.ingest(folder, validate=False)
    facts = memory.about("first", "cat_blast_ID000042")
    assert {fact.source for fact in facts} == {Path(TRACES[0]).name}
    facts = memory.about("first", "<STDOUT>")
    written = [fact for fact in facts if fact.property == "darshan:STDIO_BYTES_WRITTEN"]
    assert [(fact.value, fact.unit, fact.source) for fact in written] == [("378", "BYTE", Path(LOG).name)]
    with pytest.raises(UnknownRun, match="has no task, file or other thing called 'nothing'"):
        memory.about("first", "nothing")
