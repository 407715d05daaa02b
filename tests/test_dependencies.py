"""docs/dependencies.md and pyproject.toml name the same packages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

NAME = re.compile(r"[A-Za-z0-9_.-]+")


def _names(requirements: list[str]) -> set[str]:
    return {match.group().lower() for text in requirements if (match := NAME.match(text))}


@pytest.fixture(scope="module")
def document() -> str:
    return (Path(__file__).parent.parent / "docs" / "dependencies.md").read_text()


@pytest.fixture(scope="module")
def project() -> dict:
    return tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())


def _rows(document: str, heading: str) -> set[str]:
    section = document.split(f"## {heading}\n")[1].split("\n## ")[0]
    return {row.lower() for row in re.findall(r"^\| ([A-Za-z0-9_.-]+) \|", section, re.MULTILINE)} - {
        "package"
    }


def test_every_dependency_has_a_row_and_every_row_a_dependency(document: str, project: dict) -> None:
    assert _rows(document, "To run") == _names(project["project"]["dependencies"])


def test_every_extra_has_a_row(document: str, project: dict) -> None:
    extras = project["project"]["optional-dependencies"]
    assert _rows(document, "Extras") == _names([text for texts in extras.values() for text in texts])


def test_the_tools_for_tests_are_named(document: str, project: dict) -> None:
    tools = _names([text for group in ("test", "lint") for text in project["dependency-groups"][group]])
    text = document.split("## To test and check")[1].lower()
    missing = {
        name for name in tools if name not in text and "stubs" not in name and not name.startswith("types-")
    }
    extras = {
        name for texts in project["project"]["optional-dependencies"].values() for name in _names(texts)
    }
    assert missing - extras == set()


def test_every_dependency_has_a_lower_bound(project: dict) -> None:
    for requirement in project["project"]["dependencies"]:
        assert ">=" in requirement or "==" in requirement, requirement
