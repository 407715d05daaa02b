"""Progress bars are for terminals, on standard error."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from recup_kg.cli.progress import progress


def _with_a_terminal(arguments: list[str], folder: Path) -> tuple[int, str, str]:
    """Run recup with its standard error on a terminal: exit code, standard output, what the terminal got."""
    ours, theirs = pty.openpty()
    environment = {k: v for k, v in os.environ.items() if k not in ("RECUP_STORE", "NO_COLOR")} | {
        "TERM": "xterm"
    }
    with subprocess.Popen(
        [sys.executable, "-m", "recup_kg", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while chunk := os.read(ours, 65536):
                shown += chunk
        except OSError:  # Linux says EIO where the other side has closed a terminal.
            pass
        out, _ = process.communicate()
    os.close(ours)
    return process.returncode, out, shown.decode(errors="replace")


def test_a_terminal_sees_progress_and_standard_output_stays_clean(samples: Path, tmp_path: Path) -> None:
    files = [str(path) for path in sorted((samples / "blast").glob("*.json"))]
    code, out, shown = _with_a_terminal(["ingest", *files, "--json"], tmp_path)
    assert code == 0
    assert len(json.loads(out)["runs"]) == 2
    assert "%" in shown
    assert "\x1b[" in shown


def test_quiet_shows_nothing(samples: Path, tmp_path: Path) -> None:
    file = samples / "blast" / "blast-chameleon-small-002.json"
    assert _with_a_terminal(["ingest", str(file), "-q"], tmp_path)[2] == ""


def test_without_a_terminal_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("work", quiet=False) as advance:
        advance("half", 0.5)
    assert capsys.readouterr() == ("", "")
