"""What the queries on publishing say of crates that state a licence, a creator, an identifier, and of ones that don't."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import recup_kg as recup

CRATE = "validator-valid-process-run-crate"
STATED = {
    "licence": {"license": "https://spdx.org/licenses/CC-BY-4.0"},
    "creator's ORCID iD": {"author": {"@id": "https://orcid.org/0000-0002-1825-0097"}},
    "persistent identifier": {"identifier": "https://doi.org/10.5281/zenodo.1234"},
}


def crate(source: Path, folder: Path, root: dict[str, object]) -> Path:
    """A crate whose root states what is given, and none of the three beside it."""
    said = json.loads((source / "ro-crate-metadata.json").read_text())
    people = [{"@id": "https://orcid.org/0000-0002-1825-0097", "@type": "Person", "name": "Ada"}]
    for item in said["@graph"]:
        if item["@id"] == "./":
            for key in ("license", "author", "creator", "identifier"):
                item.pop(key, None)
            item.update(root)
    said["@graph"] += people
    folder.mkdir()
    (folder / "ro-crate-metadata.json").write_text(json.dumps(said))
    return folder


@pytest.mark.parametrize("stated", [(), *((name,) for name in STATED), tuple(STATED)])
def test_what_a_crate_states_is_not_missing(
    shared_data: Path, tmp_path: Path, stated: tuple[str, ...]
) -> None:
    root = {key: value for name in stated for key, value in STATED[name].items()}
    with recup.open(":memory:") as graph:
        graph.ingest(
            crate(shared_data / "fair" / "ro-crate" / CRATE, tmp_path / "crate", root), validate=False
        )
        found = {str(row[0]) for row in graph.query("unpublished-runs").rows}
    assert found == set(STATED) - set(stated)


def test_inputs_with_an_address_are_told_from_others(root: Path) -> None:
    source = root / "data" / "wfformat" / "bwa" / "bwa-chameleon-small-001.json"
    with recup.open(":memory:") as graph:
        run = graph.ingest(source, validate=False).name
        found = {str(row[0]): (row[1], row[2]) for row in graph.query("rerun-blockers", run=run).rows}
    said = json.loads(source.read_text())
    tasks = said["workflow"]["specification"]["tasks"]
    written = {name for task in tasks for name in task["outputFiles"]}
    inputs = {name for task in tasks for name in task["inputFiles"]} - written
    assert found["input without a checksum"] == (len(inputs), len(inputs))
    assert found["input without an address"] == (len(inputs), len(inputs))
    assert found["environment that is not pinned"] == (1, 1)


def test_evidence_that_is_joined_to_a_run_counts(shared_data: Path) -> None:
    with recup.open(":memory:") as graph:
        graph.ingest(shared_data / "fair" / "ro-crate" / "validator-valid-wrroc-paper", validate=False)
        assert not graph.query("unpublished-runs").rows


@pytest.mark.parametrize(
    ("identifier", "persistent"),
    [
        ("https://dx.doi.org/10.5281/ZENODO.1", True),
        ("doi:10.5281/zenodo.1", True),
        ("ark:/57799/b91w9r", True),
        ("minid:b91w9r", True),
        ("swh:1:rev:0c6e9e3a0fcf3ea0b9d9d56e0d4b7bd8a3e0b2c1", True),
        ("https://notdoi.org/x", False),
        ("https://bookmark:8080/x", False),
        ("https://identifiers.org/", False),
        ("run 7", False),
    ],
)
def test_what_is_a_persistent_identifier(
    shared_data: Path, tmp_path: Path, identifier: str, persistent: bool
) -> None:
    source = shared_data / "fair" / "ro-crate" / CRATE
    with recup.open(":memory:") as graph:
        graph.ingest(crate(source, tmp_path / "crate", {"identifier": identifier}), validate=False)
        found = {str(row[0]) for row in graph.query("unpublished-runs").rows}
    assert ("persistent identifier" not in found) is persistent


def test_a_part_of_a_crate_does_not_speak_for_the_run(shared_data: Path, tmp_path: Path) -> None:
    folder = crate(shared_data / "fair" / "ro-crate" / CRATE, tmp_path / "crate", {})
    said = json.loads((folder / "ro-crate-metadata.json").read_text())
    said["@graph"].append(
        {
            "@id": "part/",
            "@type": "Dataset",
            "identifier": "https://doi.org/10.5281/zenodo.2",
            **STATED["licence"],
        }
    )
    (folder / "ro-crate-metadata.json").write_text(json.dumps(said))
    with recup.open(":memory:") as graph:
        graph.ingest(folder, validate=False)
        assert {str(row[0]) for row in graph.query("unpublished-runs").rows} == set(STATED)
