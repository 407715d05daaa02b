"""recup-snapshot.json: what becomes of each fact, and of a file that is not as it should be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from recup_kg.converters import recognise, snapshot
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import (
    ContainerImage,
    EnvironmentSnapshot,
    Machine,
    Package,
    ParameterSetting,
)
from recup_kg.evidence.jobs import Job
from recup_kg.evidence.processes import Mount
from recup_kg.records import Gap, Subject, Timestamp
from tests.converters.golden import assert_golden

FACTS: dict[str, Any] = {
    "container.engine": "apptainer",
    "container.image": "/images/torch.sif",
    "cpu.affinity": "0-1",
    "cpu.count": 2,
    "cpu.turbo": "off",
    "git.dirty": True,
    "job.job_id": "77",
    "job.node_count": 2,
    "job.nodes": "nid[001-002]",
    "job.scheduler": "slurm",
    "libc.name": "glibc",
    "libc.version": "2.36",
    "memory.total": 25276514304,
    "mounts": [
        {"device": "a", "mount_point": "/tmp", "file_system": "ext4"},
        {"device": "tmpfs", "mount_point": "/tmp", "file_system": "tmpfs"},
    ],
    "numa.nodes": 1,
    "python.implementation": "CPython",
    "python.platform": "linux-x86_64",
    "python.version": "3.11.7",
    "reading.load_1m": 0.5,
    "reading.memory_available": 24747470848,
    "system.architecture": "x86_64",
    "system.aslr": 2,
    "system.kernel_release": "6.1.0",
    "system.name": "Linux",
}
DOCUMENT: dict[str, Any] = {
    "format": "recup-snapshot",
    "version": 1,
    "host": "nid001",
    "captured": "2026-11-23T03:45:00-06:00",
    "probes": [
        {"name": "load", "status": "captured", "why": None, "seconds": 0.001, "files": []},
        {
            "name": "nvidia-smi",
            "status": "not captured",
            "why": "nvidia-smi is not installed",
            "seconds": 0.0,
            "files": [],
        },
        {
            "name": "conda",
            "status": "captured",
            "why": "1 of 3 records name no URL",
            "seconds": 0.1,
            "files": ["c"],
        },
    ],
    "facts": FACTS,
}


def read(folder: Path, **changed: Any) -> Evidence:
    path = folder / "recup-snapshot.json"
    path.write_text(json.dumps(DOCUMENT | changed, indent=1))
    return snapshot.read(path)


def of(evidence: Evidence, kind: type) -> list[Any]:
    return [record for record in evidence.records if type(record) is kind]


def test_the_graph(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    evidence = read(tmp_path)
    assert_golden("recup-snapshot", evidence, update=request.config.getoption("--update-golden"))


def test_known_facts_become_records(tmp_path: Path) -> None:
    evidence = read(tmp_path)
    taken = Timestamp("2026-11-23T03:45:00-06:00", "2026-11-23T03:45:00-06:00")
    assert evidence.source.created == taken
    assert of(evidence, EnvironmentSnapshot) == [
        EnvironmentSnapshot(
            "snapshot", "snapshot of nid001", host="nid001", captured=taken, platform="linux-x86_64"
        )
    ]
    assert of(evidence, Machine) == [
        Machine(
            "nid001",
            "nid001",
            operating_system="Linux",
            kernel_release="6.1.0",
            architecture="x86_64",
            cpu_count=2,
            memory_size=25276514304,
            numa_node_count=1,
        )
    ]
    assert of(evidence, Job) == [Job("77", "77", "slurm", node_count=2)]
    assert of(evidence, Mount) == [Mount("/tmp", "/tmp", "tmpfs")]
    assert of(evidence, ContainerImage) == [
        ContainerImage("/images/torch.sif", "/images/torch.sif", engine="apptainer")
    ]
    assert [(item.name, item.version) for item in of(evidence, Package)] == [
        ("CPython", "3.11.7"),
        ("glibc", "2.36"),
    ]


def test_every_other_fact_is_a_setting_with_its_type(tmp_path: Path) -> None:
    settings = {item.name: item.value for item in of(read(tmp_path), ParameterSetting)}
    assert settings == {
        "container.engine": "apptainer",
        "cpu.affinity": "0-1",
        "cpu.turbo": "off",
        "git.dirty": True,
        "job.nodes": "nid[001-002]",
        "system.aslr": 2,
    }


def test_readings_of_a_moment_are_counters_and_no_settings(tmp_path: Path) -> None:
    evidence = read(tmp_path)
    (record,) = [item for item in evidence.records if hasattr(item, "counters")]
    assert record.counters == (("load_1m", 0.5), ("memory_available", 24747470848))  # type: ignore[attr-defined]
    assert {term.name for term in evidence.terms} >= {"load_1m", "memory_available"}


def test_what_was_not_captured_is_a_gap(tmp_path: Path) -> None:
    assert read(tmp_path).gaps == (
        Gap("NotCaptured", Subject("evidence"), "$.probes[1]", "nvidia-smi: nvidia-smi is not installed"),
        Gap("NotCaptured", Subject("evidence"), "$.probes[2]", "conda: 1 of 3 records name no URL"),
    )


@pytest.mark.parametrize(
    ("facts", "where", "value"),
    [
        ({"a.b": None}, "$.facts['a.b']", "null"),
        ({"a.b": {"c": 1}}, "$.facts['a.b']", '{"c": 1}'),
        ({"mounts": [{"mount_point": 1}]}, "$.facts['mounts']", '[{"mount_point": 1}]'),
    ],
)
def test_a_fact_of_an_odd_type_is_a_gap(
    tmp_path: Path, facts: dict[str, Any], where: str, value: str
) -> None:
    evidence = read(tmp_path, facts=facts, probes=[])
    assert evidence.gaps == (
        Gap("UnreadableValue", Subject("evidence"), where, "neither text nor number", value),
    )
    assert of(evidence, Mount) == []


def test_a_machine_fact_of_another_type_is_kept_as_it_is(tmp_path: Path) -> None:
    evidence = read(tmp_path, facts={"cpu.count": "many", "memory.total": 1.5})
    assert of(evidence, Machine) == [Machine("nid001", "nid001")]
    assert {item.name: item.value for item in of(evidence, ParameterSetting)} == {
        "cpu.count": "many",
        "memory.total": 1.5,
    }


def test_credentials_of_an_older_snapshot_are_replaced(tmp_path: Path) -> None:
    evidence = read(tmp_path, facts={"x.password": "Xq7Sentinel", "git.remote": "https://ada:Xq7Sentinel@x/"})
    assert "Xq7Sentinel" not in repr(evidence)
    assert [item.redacted for item in of(evidence, ParameterSetting)] == [True, True]


def test_a_machine_without_a_name(tmp_path: Path) -> None:
    evidence = read(tmp_path, host="", facts={})
    assert of(evidence, Machine) == [Machine("machine")]
    assert of(evidence, EnvironmentSnapshot)[0].host is None


def test_the_identity_is_of_what_it_says(tmp_path: Path) -> None:
    first = read(tmp_path)
    (tmp_path / "again").mkdir()
    path = tmp_path / "again" / "recup-snapshot.json"
    path.write_text(json.dumps(DOCUMENT))
    assert snapshot.read(path).identity == first.identity
    assert snapshot.read(path).source.sha256 != first.source.sha256
    assert read(tmp_path, host="nid002").identity != first.identity


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Input data was truncated; take the snapshot again: recup snapshot"),
        ('{"format": "recup-snapshot", "version"', "Input data was truncated"),
        (
            json.dumps(DOCUMENT | {"version": 2}),
            r"\$.version: version 2 of recup-snapshot, not version 1 of recup-snapshot",
        ),
        (json.dumps(DOCUMENT | {"host": 3}), r"\$.host: Expected `str`, got `int`; take the snapshot again"),
        (
            json.dumps(DOCUMENT | {"probes": [{"name": "x"}]}),
            r"\$.probes\[0\]: Object missing required field `status`",
        ),
        (
            json.dumps({key: DOCUMENT[key] for key in ("format", "version")}),
            "Object missing required field `host`",
        ),
        ("[]", "Expected `object`, got `array`"),
    ],
)
def test_what_is_no_snapshot_is_refused_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "recup-snapshot.json"
    path.write_text(text)
    with pytest.raises(MalformedSource, match=says) as caught:
        snapshot.read(path)
    assert "\n" not in str(caught.value)


def test_only_a_snapshot_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(DOCUMENT))
    assert recognise(path) is snapshot
    for text in (
        '{"format": "other", "version": 1}',
        '{"x": {"format": "recup-snapshot"}}',
        "",
        "recup-snapshot",
    ):
        path.write_text(text)
        assert not snapshot.sniff(path)
    assert not snapshot.sniff(tmp_path)
