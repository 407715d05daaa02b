"""recup export --zip."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from recup_kg.cli.export import command


def test_archive_of_a_format_without_one_is_refused(tmp_path: Path) -> None:
    found = CliRunner().invoke(command, ["--zip", "--format", "turtle"])
    assert found.exit_code != 0
    assert "--zip is for ro-crate, not for turtle" in str(found.exception) + found.output
