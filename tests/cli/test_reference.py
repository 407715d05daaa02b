"""docs/cli.md says what `--help` says."""

from __future__ import annotations

import runpy
from pathlib import Path


def test_the_reference_of_the_command_line_is_current(root: Path) -> None:
    made = runpy.run_path(str(root / "docs" / "make_cli.py"))["reference"]()
    assert (root / "docs" / "cli.md").read_text() == made, "run: make docs"


def test_the_readme_shows_what_the_commands_print(root: Path) -> None:
    text = (root / "README.md").read_text()
    made = runpy.run_path(str(root / "docs" / "make_readme.py"))
    assert len(made["BLOCK"].findall(text)) == 2
    assert made["readme"]() == text, "run: make docs"
    assert len(text.splitlines()) <= 150
