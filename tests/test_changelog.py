"""Changelog fragments are named and written as changelog.d/README.md says."""

from __future__ import annotations

import re
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9-]+\.(added|changed|fixed|removed)\.md")


def test_every_fragment_is_one_sentence_under_a_known_kind(root: Path) -> None:
    fragments = sorted(path for path in (root / "changelog.d").iterdir() if path.name != "README.md")
    assert fragments
    for fragment in fragments:
        assert NAME.fullmatch(fragment.name), fragment.name
        lines = fragment.read_text().splitlines()
        assert len(lines) == 1, fragment.name
        assert lines[0].endswith("."), fragment.name
