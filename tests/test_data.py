"""The shipped samples are what their ORIGIN.md says."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

ROW = re.compile(r"^\| (\S+) \| (\S+) \| ([0-9a-f]{64}) \|$", re.MULTILINE)
LICENCES = ("LGPL-3.0", "CC-BY-4.0", "MIT", "BSD-3-Clause", "Apache-2.0", "CDLA-Permissive", "Argonne")


def test_every_sample_has_the_hash_that_its_origin_states(root: Path) -> None:
    stated = {
        origin.parent / name: sha256
        for origin in (root / "data").rglob("ORIGIN.md")
        for name, _, sha256 in ROW.findall(origin.read_text())
    }
    found = {path for path in (root / "data").rglob("*") if path.is_file() and path.suffix != ".md"}
    assert len(found) >= 6
    assert {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in found} == stated


def test_every_origin_names_repository_commit_and_licence(root: Path) -> None:
    origins = sorted((root / "data").rglob("ORIGIN.md"))
    assert len(origins) >= 3
    for origin in origins:
        text = origin.read_text()
        assert re.search(
            r"^- Repository: https://\S+$|https://github.com/wfcommons/WfInstances", text, re.MULTILINE
        )
        assert re.search(r"^- Commit: [0-9a-f]{40}$", text, re.MULTILINE)
        assert any(licence in text for licence in LICENCES)
