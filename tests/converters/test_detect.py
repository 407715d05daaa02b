"""Every real file belongs to one format at most, and every shipped sample to one."""

from __future__ import annotations

from pathlib import Path

import pytest

from recup_kg.converters import converters, members, titles

NO_SOURCES = {".md", ".license"}
ORACLES = {"small.expected.yaml"}


def claims(path: Path) -> list[str]:
    return [name for name, converter in converters().items() if converter.sniff(path)]


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)


def test_no_real_file_is_claimed_twice(shared_data: Path) -> None:
    found = {path: claims(path) for path in files(shared_data)}
    assert len(found) > 550
    twice = {str(path): names for path, names in found.items() if len(names) > 1}
    assert twice == {}


def test_every_sample_is_claimed_once(root: Path) -> None:
    samples = [
        path for path in files(root / "data") if path.suffix not in NO_SOURCES and path.name not in ORACLES
    ]
    parts = {
        member for path in samples for name in claims(path) for member in members(converters()[name], path)
    }
    assert len(samples) > 20
    assert {str(path): claims(path) for path in samples if path not in parts and len(claims(path)) != 1} == {}


@pytest.mark.parametrize(
    "path", ["README.md", "pyproject.toml", "Makefile", "ontology/recup.ttl", "queries/runs.rq"]
)
def test_files_that_are_no_evidence_are_of_no_format(root: Path, path: str) -> None:
    assert claims(root / path) == []


def test_every_converter_says_what_it_reads() -> None:
    assert all(10 < len(title) < 200 for title in titles().values())
    assert len(titles()) > 20
