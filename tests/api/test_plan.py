"""Which files belong to which run, before any is read."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from recup_kg.api.plan import plan
from tests.conftest import ROOT

TRACE = ROOT / "data" / "wfformat" / "blast" / "blast-chameleon-small-002.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run folder with two sources, one in a folder of its own, and with files of no format."""
    found = tmp_path / "run 1"
    (found / "sub" / "deeper").mkdir(parents=True)
    (found / ".hidden").mkdir()
    shutil.copy(TRACE, found / "trace.json")
    shutil.copy(TRACE, found / "sub" / "deeper" / "trace.json")
    shutil.copy(TRACE, found / ".hidden" / "trace.json")
    (found / "notes.txt").write_text("nothing to see\n")
    (found / "empty").touch()
    (found / ".secret").write_text("{}")
    return found


def test_a_file_is_a_run_whose_name_the_source_decides(tmp_path: Path) -> None:
    (work,) = plan([TRACE])
    assert (work.sources, work.name, work.is_folder, work.extends) == ((TRACE,), None, False, False)


def test_a_file_that_is_not_there_is_left_to_the_reading() -> None:
    (work,) = plan([Path("absent.json")])
    assert work.sources == (Path("absent.json"),)


def test_a_folder_is_a_run_with_its_name(folder: Path) -> None:
    (work,) = plan([folder])
    assert (work.name, work.is_folder, work.extends) == ("run 1", True, False)
    assert [path.relative_to(folder).as_posix() for path in work.sources] == [
        "sub/deeper/trace.json",
        "trace.json",
    ]
    assert [path.name for path in work.unrecognised] == ["empty", "notes.txt"]


def test_the_folder_that_one_is_in_has_a_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    (work,) = plan([Path()])
    assert work.name == "run 1"
    assert len(work.sources) == 2


def test_paths_of_a_named_run_are_one(folder: Path) -> None:
    (work,) = plan([folder, TRACE, TRACE], "both")
    assert (work.name, work.is_folder, work.extends) == ("both", True, True)
    assert len(work.sources) == 3
    assert len(work.unrecognised) == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_a_source_so_that_it_is_refused(folder: Path) -> None:
    (folder / "notes.txt").chmod(0)
    (work,) = plan([folder])
    assert folder / "notes.txt" in work.sources


def test_a_folder_that_links_to_itself_is_read_once(folder: Path) -> None:
    (folder / "again").symlink_to(folder, target_is_directory=True)
    (work,) = plan([folder])
    assert len(work.sources) == 2
