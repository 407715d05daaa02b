"""The benchmark of comparisons with many runs: its stages, and its peer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import against
from benchmarks.against_peer import ranking


def test_the_peer_ranks_what_lies_furthest_first(tmp_path: Path) -> None:
    for number, seconds in enumerate((3.0, 4.0, 5.0, 40.0)):
        text = f",runtime,bytes,never\na,{seconds},7,\nb,2.5,6,\n"
        (tmp_path / f"{number}.csv").write_text(text)
    found = ranking([str(tmp_path / f"{number}.csv") for number in range(4)])
    assert found[0][1] == "a runtime"
    assert found[0][0] == pytest.approx(36 / 1.4826)
    assert {key for _, key in found} == {"a runtime", "a bytes", "b runtime", "b bytes"}


def test_stages_add_up_and_stand_beside_the_peer(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--data", str(shared_data / "flowbench"), "--references", "4", "--times", "1"]
    against.main([*asked, "--store", str(tmp_path / "store"), "--json"])
    result = json.loads(capsys.readouterr().out)
    assert result["references"] == 4
    assert {"resolving the group", "reading the runs", "scoring", "explaining"} <= result["stages"].keys()
    assert sum(result["stages"].values()) == pytest.approx(result["seconds"])
    assert result["ratio"] == pytest.approx(result["seconds"] / result["peer_seconds"])
    against.main([*asked, "--store", str(tmp_path / "store")])
    assert "| **together** |" in capsys.readouterr().out
