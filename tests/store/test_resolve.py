"""What a user means by a reference to a run."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from recup_kg.errors import UnknownRun
from recup_kg.store.registry import Entry
from recup_kg.store.resolve import resolve

EXECUTIONS = ("execution",)


def entry(position: int, name: str, run: str, graph: str, **said: str) -> Entry:
    base = "https://w3id.org/recup/"
    return Entry(f"{base}bundle/{graph}", name, "0" * 64, position, "execution", f"{base}run/{run}", **said)


@pytest.fixture
def known(tmp_path: Path) -> list[Entry]:
    (tmp_path / "a.json").write_text("source of a")
    sha256 = hashlib.sha256(b"source of a").hexdigest()
    return [
        entry(1, "a", "aaaa1111", "eeee0001", file_name="a.json", source_sha256=sha256),
        entry(2, "b", "aaaa2222", "eeee0002", file_name="b.json", source_sha256="2" * 64),
        entry(3, "b-2", "bbbb3333", "eeee0003", file_name="b.json", source_sha256="3" * 64),
        # The same run, told by two sources.
        entry(4, "c", "cccc4444", "eeee0004", file_name="c.json", source_sha256="4" * 64),
        entry(5, "c-old", "cccc4444", "eeee0005", file_name="c-old.json", source_sha256="5" * 64),
        entry(6, "aaaa", "dddd6666", "eeee0006", file_name="aaaa.json", source_sha256="6" * 64),
    ]


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("https://w3id.org/recup/run/aaaa1111", "a"),
        ("https://w3id.org/recup/bundle/eeee0002", "b"),
        ("b-2", "b-2"),
        ("aaaa1", "a"),
        ("aaaa", "aaaa"),
        ("eeee0005", "c-old"),
        ("a.json", "a"),
        ("elsewhere/a.json", "a"),
        ("@latest", "aaaa"),
    ],
)
def test_references(known: list[Entry], reference: str, name: str) -> None:
    assert resolve(reference, known, EXECUTIONS).name == name


def test_a_file_is_known_by_its_content(known: list[Entry], tmp_path: Path) -> None:
    renamed = tmp_path / "renamed.json"
    (tmp_path / "a.json").rename(renamed)
    assert resolve(str(renamed), known, EXECUTIONS).name == "a"


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("b.json", "b.json can mean b, b-2: use one of these names"),
        ("eeee", "eeee can mean a, b, b-2, c, c-old and 1 more: use one of these names"),
        ("https://w3id.org/recup/run/cccc4444", "can mean c, c-old: use one of these names"),
        ("zz", "no run 'zz' in the store; it has a, b, b-2, c, c-old and 1 more"),
        ("c-odl", "no run 'c-odl' in the store; near: c-old"),
        ("", "no run '' in the store"),
        ("x\0y", "no run"),
    ],
)
def test_what_is_not_clear_is_asked_back(known: list[Entry], reference: str, message: str) -> None:
    with pytest.raises(UnknownRun) as caught:
        resolve(reference, known, EXECUTIONS)
    assert message in str(caught.value)


def test_a_file_that_is_not_in_the_store(known: list[Entry], tmp_path: Path) -> None:
    path = tmp_path / "new.json"
    path.write_text("new")
    with pytest.raises(UnknownRun, match=r"new\.json is not in the store: recup ingest "):
        resolve(str(path), known, EXECUTIONS)


def test_a_file_that_has_changed(known: list[Entry], tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("edited since")
    with pytest.raises(UnknownRun, match="is not the file that was ingested as a: it has changed since"):
        resolve(str(path), known, EXECUTIONS)


def test_an_empty_store() -> None:
    with pytest.raises(UnknownRun, match="the store has no execution yet: recup ingest FILE"):
        resolve("@latest", [], EXECUTIONS)


def test_only_the_kinds_that_are_wanted(known: list[Entry]) -> None:
    with pytest.raises(UnknownRun, match="has no workflow or comparison yet"):
        resolve("a", known, ("workflow", "comparison"))
