"""Checks by programs of others: validators, clients, test suites. `make outside` installs them; without, tests are skipped."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent.parent / ".outside"


def program(name: str) -> str:
    """The path of a program of PyPI or npm that `make outside` installs, or of the machine; skips where there is none."""
    for folder in (FOLDER / "bin", FOLDER / "node_modules" / ".bin"):
        found = shutil.which(name, path=str(folder))
        if found:
            return found
    on_path = shutil.which(name)
    if on_path is None:
        pytest.skip(f"needs the program {name}: make outside")
    return on_path
