"""recup doctor."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

import recup_kg as kg
from tests.catalog.conftest import SAID, A


@pytest.fixture
def folder(root: Path, tmp_path: Path) -> Path:
    store = tmp_path / "store"
    with kg.open(str(store)) as graph:
        graph.ingest(root / "data" / "wfformat" / "blast" / f"{A}.json", validate=False)
    return store


def test_a_store_in_order(recup, folder: Path) -> None:
    outcome = recup("--store", str(folder), "doctor")
    assert outcome.code == 0
    assert "NOT OK" not in outcome.out
    found = json.loads(recup("--json", "--store", str(folder), "doctor").out)
    assert [item["what"] for item in found] == [
        "index",
        "bundles that are not indexed",
        "bundles that are damaged",
        "room on the disk",
    ]


def test_a_damaged_bundle_is_found(recup, folder: Path) -> None:
    path = next((folder / "bundles").glob("*.nq.gz"))
    path.write_bytes(path.read_bytes()[:-40])
    outcome = recup("--store", str(folder), "doctor")
    assert outcome.code == 1
    assert f"restore {path.name} from a copy" in outcome.out.replace("\n", " ")


def test_what_a_catalogue_lacks(recup, folder: Path, tmp_path: Path) -> None:
    outcome = recup("--store", str(folder), "doctor", "--fair")
    assert outcome.code == 0
    assert "of 21 things are missing" in outcome.out
    assert "recup doctor --template" in outcome.out
    assert recup("--store", str(folder), "doctor", "--fair", "--strict").code == 1
    file = tmp_path / "said.toml"
    file.write_text(SAID)
    options = ("doctor", "--fair", "--catalog", str(file), "--base", "https://kg.example.org/")
    found = json.loads(recup("--json", "--store", str(folder), *options).out)
    assert found["file"] == str(file)
    assert {item["principle"] for item in found["missing"]} == {"F1", "R1.2"}


def test_the_template_can_be_read(recup) -> None:
    outcome = recup("doctor", "--template")
    assert outcome.code == 0
    assert tomllib.loads(outcome.out) == {}
    assert "# licence = " in outcome.out


def test_a_file_that_is_wrong_is_one_line(recup, folder: Path) -> None:
    (folder / "catalog.toml").write_text("licence = 3")
    outcome = recup("--store", str(folder), "doctor", "--fair")
    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
    assert "catalog.toml: licence: is no text" in outcome.err
    assert recup("--store", str(folder), "serve", "--port", "0").code == 2
