"""The folders that the checkout has at its top, and the wheel inside the package."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from recup_kg import resources


def test_a_checkout_has_them_at_its_top(root: Path) -> None:
    kinds = get_args(resources.Kind)
    assert len(kinds) == 3
    for kind in kinds:
        assert resources.path(kind) == root / kind
        assert resources.path(kind).is_dir()


def test_an_installed_package_has_them_inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "_resources" / "shapes").mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path)
    assert resources.path("shapes") == tmp_path / "_resources" / "shapes"
