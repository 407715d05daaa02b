"""docs/queries.md is made from the headers."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from recup_kg.queries import bind, catalogue, parse


@pytest.fixture
def maker(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_queries", root / "docs" / "make_queries.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_table_is_current(root: Path, maker: ModuleType) -> None:
    text = (root / "docs" / "queries.md").read_text()
    assert maker.document(text) == text, "run python docs/make_queries.py"


def test_each_query_has_a_row(maker: ModuleType) -> None:
    lines = maker.table().splitlines()
    assert len(lines) == 2 + len(catalogue())
    assert all(line.count(" | ") == 3 for line in lines if not line.startswith("|---"))


def test_the_example_in_the_text_is_a_query(root: Path) -> None:
    text = (root / "docs" / "queries.md").read_text()
    block = text.split("with a header:\n")[1].split("```")[1]
    query = parse("\n".join(line.strip() for line in block.splitlines()), "example")
    assert query.columns == ("identifier", "node")
    assert "VALUES ?graph { <urn:x> }" in bind(query, {"run": "urn:x"})
