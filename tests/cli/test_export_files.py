"""recup export --list, --profile, and a folder as -o."""

from __future__ import annotations

import zipfile
from pathlib import Path

from recup_kg.exports import formats

TRACE = "wfformat/bwa/bwa-chameleon-small-001.json"


def test_list_names_each_format_and_what_it_is(recup) -> None:
    outcome = recup("export", "--list")
    lines = outcome.out.splitlines()
    assert (outcome.code, outcome.err) == (0, "")
    assert [line.split()[0] for line in lines] == list(formats())
    assert len(lines) >= 7
    assert all(len(line.split()) > 2 for line in lines)
    assert set(recup("--json", "export", "--list").json) == set(formats())


def test_folder_gets_a_file_named_after_the_run(recup, root: Path, tmp_path: Path) -> None:
    assert recup("ingest", root / "data" / TRACE).code == 0
    (tmp_path / "out").mkdir()
    for extra in (
        ["--format", "turtle"],
        ["--format", "ro-crate"],
        ["--format", "ro-crate", "--zip", "--profile", "workflow"],
    ):
        outcome = recup("export", *extra, "-o", tmp_path / "out")
        assert outcome.code == 0, outcome.err
    names = ["bwa-chameleon-small-001" + end for end in (".crate.json", ".crate.zip", ".ttl")]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    with zipfile.ZipFile(tmp_path / "out" / names[1]) as archive:
        assert "workflow.nt" in archive.namelist()


def test_profile_of_a_format_without_one_is_refused(recup) -> None:
    outcome = recup("export", "--profile", "workflow", "--format", "turtle")
    assert (outcome.code, outcome.out) == (2, "")
    assert "--profile is for ro-crate, not for turtle; leave it out" in outcome.err
    assert outcome.err.count("\n") == 1
