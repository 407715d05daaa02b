"""The commands that check the architecture are part of the tests, so that it is seen before a review."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

LONGEST_FUNCTION = 45
LONGEST_MODULE = 400


@pytest.fixture(scope="module")
def modules() -> dict[Path, str]:
    folder = Path(__file__).parent.parent / "recup_kg"
    found = {path: path.read_text() for path in sorted(folder.rglob("*.py"))}
    assert len(found) > 40
    return found


def test_no_module_is_more_than_one_room(modules: dict[Path, str]) -> None:
    assert {path.name: n for path, text in modules.items() if (n := text.count("\n")) > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_a_screen(modules: dict[Path, str]) -> None:
    long = [
        f"{path.name}:{node.lineno} {node.name}"
        for path, text in modules.items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]
    assert long == []


def test_every_module_says_what_it_is_for(modules: dict[Path, str]) -> None:
    assert [path.name for path, text in modules.items() if not ast.get_docstring(ast.parse(text))] == []
