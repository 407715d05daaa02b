"""`make demo` shows what it promises."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    pytest.importorskip("darshan", reason="the demo reads binary Darshan logs: pip install '.[darshan]'")
    root = Path(__file__).parent.parent
    store = tmp_path_factory.mktemp("demo") / "store"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", str(root / "docs" / "demo.sh")],
        env=os.environ | {"PATH": path, "DEMO_STORE": str(store)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_it_ingests_validates_and_compares(shown: str) -> None:
    assert shown.count("new\n") == 3
    assert "conforms" in shown
    assert "Verdict: different" in shown
    assert not [line for line in shown.splitlines() if line.startswith("recup: ")]
    assert "Traceback" not in shown


def test_it_shows_the_sparql_behind_a_deviation_and_its_rows(shown: str) -> None:
    sparql, rows = shown.split("# 4. ")[1].split("# 5. ")
    assert "SELECT" in sparql
    assert "VALUES ?referenceGraph" in sparql
    assert len(rows.split("# What to type next")[0].splitlines()) > 5


def test_what_it_says_to_type_next_are_commands_that_exist(shown: str) -> None:
    from recup_kg.cli.group import COMMANDS

    lines = [line.split() for line in shown.split("# What to type next")[1].splitlines()]
    commands = [words[1] for words in lines if words[:1] == ["recup"]]
    assert len(commands) >= 5
    assert set(commands) <= set(COMMANDS)
