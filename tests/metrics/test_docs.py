"""docs/metrics.md is made from the metrics."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from recup_kg.metrics import catalogue


@pytest.fixture
def maker(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_metrics", root / "docs" / "make_metrics.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_tables_are_current(root: Path, maker: ModuleType) -> None:
    text = (root / "docs" / "metrics.md").read_text()
    assert maker.document(text) == text, "run python docs/make_metrics.py"


def test_each_metric_has_a_row(maker: ModuleType) -> None:
    lines = [*maker.table(1).splitlines()[2:], *maker.table(2).splitlines()[2:]]
    assert len(lines) == len(catalogue())
    assert all(line.startswith("| `") and line.endswith(" |") for line in lines)
