"""Ways to run the command line: in this process, and in one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from recup_kg.cli import main


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Outcome]


@pytest.fixture
def recup(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `recup` in this process, in an empty folder, on a terminal of 80 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("RECUP_STORE", raising=False)

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run


@pytest.fixture
def recup_process(tmp_path: Path) -> Run:
    """Runs `recup` in a process of its own, in an empty folder, with nothing of ours in its environment."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("RECUP", "COLUMNS"))}

    def run(*arguments: object, **more: str) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-m", "recup_kg", *map(str, arguments)],
            cwd=tmp_path,
            env=environment | more,
            capture_output=True,
            text=True,
            check=False,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def samples(root: Path) -> Path:
    """The executions that are shipped with the project."""
    return root / "data" / "wfformat"
