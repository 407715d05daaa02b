"""Bad input through the command line: one line, exit code 2, and the store exactly as before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

GOOD = "blast-chameleon-small-002"


def _tasks(document: dict[str, Any]) -> list[dict[str, Any]]:
    return document["workflow"]["specification"]["tasks"]


def _executed(document: dict[str, Any]) -> list[dict[str, Any]]:
    return document["workflow"]["execution"]["tasks"]


def _edited(edit: Callable[[dict[str, Any]], object]) -> Callable[[str], bytes]:
    def make(text: str) -> bytes:
        document = json.loads(text)
        edit(document)
        return json.dumps(document).encode()

    return make


def _cycle(document: dict[str, Any]) -> None:
    first, second = _tasks(document)[:2]
    first["parents"], first["children"] = [second["id"]], [second["id"]]
    second["parents"], second["children"] = [first["id"]], [first["id"]]


CASES: dict[str, Callable[[str], bytes]] = {
    "empty": lambda text: b"",
    "truncated": lambda text: text[: len(text) // 2].encode(),
    "not a trace": lambda text: b'{"name": "something else"}',
    "a list": lambda text: b"[]",
    "a number": lambda text: b"1",
    "not JSON": lambda text: b"\x89PNG\r\n\x1a\n" + bytes(1000),
    "latin-1": lambda text: text.replace("makeflow", "makefl\u00f6w").encode("latin-1"),
    "deep": lambda text: b'{"schemaVersion": "1.5", "workflow": ' + b"[" * 200_000,
    "unknown version": _edited(lambda d: d.update(schemaVersion="9.9")),
    "wrong type": _edited(lambda d: d["workflow"].update(execution="yes")),
    "text for a number": _edited(lambda d: _executed(d)[3].update(runtimeInSeconds="long")),
    "negative": _edited(lambda d: _executed(d)[3].update(runtimeInSeconds=-1)),
    "NaN": _edited(lambda d: _executed(d)[3].update(runtimeInSeconds=float("nan"))),
    "infinite": _edited(lambda d: _executed(d)[3].update(runtimeInSeconds=float("inf"))),
    "huge": lambda text: text.replace('"makespanInSeconds": 1001.4', '"makespanInSeconds": 1e999').encode(),
    "dangling parent": _edited(lambda d: _tasks(d)[3].update(parents=["nobody"])),
    "cycle": _edited(_cycle),
    "duplicate id": _edited(lambda d: _tasks(d)[3].update(id=_tasks(d)[2]["id"])),
    "half a character": lambda text: text.replace(
        '"name": "makeflow', '"name": "\\ud800makeflow', 1
    ).encode(),
}


def _state(folder: Path) -> dict[str, str]:
    files = sorted(path for path in (folder / "recup-store").rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def store(recup, samples: Path, tmp_path: Path) -> Path:
    recup("ingest", samples / "blast" / "blast-chameleon-small-003.json")
    return tmp_path


@pytest.mark.parametrize("case", CASES)
def test_a_bad_file_is_one_line_and_leaves_the_store_as_it_was(
    recup, store: Path, samples: Path, case: str
) -> None:
    good = (samples / "blast" / f"{GOOD}.json").read_text()
    bad = store / "bad.json"
    bad.write_bytes(CASES[case](good))
    assert bad.read_bytes() != good.encode()
    before = _state(store)
    outcome = recup("ingest", bad)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"recup: {bad}: ")
    assert outcome.err.count("\n") == 1
    assert len(outcome.err) < 600
    assert _state(store) == before
    for command in (["compare", bad, bad], ["validate", bad]):
        again = recup(*command)
        assert (again.code, again.out, again.err) == (2, "", outcome.err)


def test_a_folder_and_a_file_that_may_not_be_read(recup, store: Path) -> None:
    outcome = recup("ingest", store)
    assert (
        outcome.err == f"recup: {store}: a folder without a file that is read; recup formats lists what is\n"
    )
    assert recup("compare", store, store).code == 2
