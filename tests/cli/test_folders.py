"""recup ingest of folders, show RUN THING, coverage, formats, runs --by-configuration, as read at 80 columns."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

LOG = "darshan/chain/pq_app_write_id71296_7-31-5657-2037904274838284930_55623.parser.txt.gz"
TRACE = "wfformat/blast/blast-chameleon-small-002.json"
SETTINGS = "Hyperparameters:\nrate : 0.1\nRandom seed: 2\n"


@pytest.fixture
def folder(root: Path, tmp_path: Path) -> Path:
    run = tmp_path / "mine"
    run.mkdir()
    for part in (TRACE, LOG):
        shutil.copy(root / "data" / part, run)
    return run


def test_a_broken_file_of_a_folder_is_a_line_and_no_failure(recup, folder: Path) -> None:
    (folder / "broken.json").write_text('{"workflow": {"execution": {"tasks": 1}}, "schemaVersion": "1.5"}')
    outcome = recup("ingest", folder)
    assert outcome.code == 0
    assert outcome.out.splitlines()[2].startswith("mine  ")
    assert "broken.json" in outcome.err


def test_a_broken_file_that_is_named_is_a_failure(recup, folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    outcome = recup("ingest", folder, broken)
    assert outcome.code == 2
    assert "mine  " in outcome.out
    assert "broken.json" in outcome.err
    assert recup("runs", "--json").json[0]["name"] == "mine"


def test_coverage_is_a_table_and_the_documented_json(recup, folder: Path) -> None:
    recup("ingest", folder)
    outcome = recup("coverage", "mine")
    assert outcome.out.splitlines()[0].split() == ["host", "source", "expected", "observed", "state"]
    assert "darshan, unknown: no other source says how many" in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 80
    found = recup("coverage", "mine", "--json").json
    assert set(found) == {"run", "sources"}
    assert found["run"] == "mine"
    assert [set(item) for item in found["sources"]] == [
        {"host", "source", "expected", "observed", "state", "why"}
    ] * 2
    assert [item["source"] for item in found["sources"]] == ["darshan", "wfformat"]


def test_show_tells_of_a_file_from_which_source(recup, folder: Path) -> None:
    recup("ingest", folder)
    outcome = recup("show", "mine", "<STDOUT>")
    assert (outcome.code, outcome.err) == (0, "")
    lines = outcome.out.splitlines()
    assert max(map(len, lines)) <= 80
    (written,) = [line for line in lines if "STDIO_BYTES_WRITTEN" in line]
    assert written.split()[1:3] == ["378", "BYTE"]
    assert "pq_app" in written
    assert recup("show", "mine", "nothing").code == 2


def test_show_tells_of_a_task(recup, folder: Path) -> None:
    recup("ingest", folder)
    lines = recup("show", "mine", "cat_blast_ID000042").out.splitlines()
    assert any(line.startswith("recup:runTime") for line in lines)
    facts = recup("show", "mine", "cat_blast_ID000042", "--json").json
    assert {"subject", "property", "value", "unit", "source"} == set(facts[0])


def test_formats_are_listed_with_what_they_are(recup) -> None:
    lines = recup("formats").out.splitlines()
    assert {"darshan", "dask", "hpctoolkit", "wfformat"} <= set(lines)
    assert max(map(len, lines)) <= 80
    assert {"name", "title"} == set(recup("formats", "--json").json[0])


def test_runs_of_one_configuration_are_together(recup, root: Path, tmp_path: Path) -> None:
    for name, seed in (("a", "2"), ("b", "2"), ("c", "3")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "settings.txt").write_text(SETTINGS.replace("2", seed) + f"# {name}\n")
    recup("ingest", *(tmp_path / name for name in "abc"), root / "data" / TRACE)
    found = recup("runs", "--by-configuration", "--json").json
    groups = [item["runs"] for item in found if item["workflow"] is None]
    assert sorted(groups) == [["a", "b"], ["c"]]
    assert all(item["fingerprint"] for item in found)
    assert "a, b" in recup("runs", "--by-configuration").out
