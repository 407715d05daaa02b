"""The shipped samples are what their ORIGIN.md says."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

ROW = re.compile(r"^\| (\S+\.json) \| (\S+) \| ([0-9a-f]{64}) \|$", re.MULTILINE)


def test_every_sample_has_the_hash_that_its_origin_states(root: Path) -> None:
    stated = {
        origin.parent / name: sha256
        for origin in (root / "data").rglob("ORIGIN.md")
        for name, _, sha256 in ROW.findall(origin.read_text())
    }
    found = set((root / "data").rglob("*.json"))
    assert len(found) == 6
    assert {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in found} == stated


def test_every_origin_names_repository_commit_and_licence(root: Path) -> None:
    origins = sorted((root / "data").rglob("ORIGIN.md"))
    assert [origin.parent.name for origin in origins] == ["1000genome", "blast", "bwa"]
    for origin in origins:
        text = origin.read_text()
        assert "https://github.com/wfcommons/WfInstances" in text
        assert re.search(r"^- Commit: [0-9a-f]{40}$", text, re.MULTILINE)
        assert "LGPL-3.0" in text
