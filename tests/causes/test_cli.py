"""recup explain and recup bisect as a user meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import recup_kg as recup
from recup_kg.cli import main
from tests.causes.populations import Planted, on_node, populate


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    location = tmp_path / "store"
    with recup.open(str(location)) as graph:
        populate(graph, tmp_path, Planted(slow=on_node("worker-9.novalocal")))
    monkeypatch.setenv("RECUP_STORE", str(location))
    monkeypatch.setenv("COLUMNS", "80")
    return location


def test_bisect_names_the_node_in_80_columns(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bisect", "@all"]) == 0
    shown = capsys.readouterr().out
    assert "1. [different] node worker-9.novalocal instead of worker-2.novalocal: 6 of 6" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert main(["-v", "bisect", "@all"]) == 0
    assert "$ recup query run-facts -p kind=node -p name=node" in capsys.readouterr().out


def test_bisect_takes_names_and_fails_on_a_cause(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [*(f"slow-{at}" for at in range(6)), *(f"fast-{at}" for at in range(8))]
    assert main(["bisect", *names, "--fail-on", "cause", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    assert document["causes"][0]["facts"][0]["value"] == "worker-9.novalocal"
    assert main(["bisect", "fast-1", "fast-2", "fast-3", "--fail-on", "cause"]) == 0


def test_explain_against_a_group(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "slow-1", "--against", "fast-0 fast-1 fast-2", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["deviating"] == ["slow-1"]
    assert document["others"] == ["fast-0", "fast-1", "fast-2"]
    assert document["causes"][0]["facts"][0]["kind"] == "node"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["explain", "nobody"], "no run 'nobody' in the store"),
        (["explain", "slow-1", "--reference", "slow-1"], "nothing to hold slow-1 against"),
        (["explain", "slow-1", "--reference", "fast-1", "--against", "@all"], "not both"),
        (["bisect", "fast-1"], "makespan was captured of 1 run of 1: it takes two to compare"),
        (["bisect", "@all", "--outcome", "speed"], "no outcome 'speed'"),
        (["bisect"], "Missing argument 'GROUP"),
    ],
)
def test_what_makes_no_sense_is_one_line(
    store: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert message in shown.err
    assert "Traceback" not in shown.err
    assert len(shown.err.strip().splitlines()) == 1
