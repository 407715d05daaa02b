"""Reads `recup-snapshot.json`, what `recup snapshot` found that has no file format of its own (docs/snapshot.md).

Settings become parameters, readings of a moment become counters: a load that differs between two runs is no changed setting.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import msgspec

from recup_kg.converters.sources import head, read_bytes, source_of
from recup_kg.converters.times import timestamp
from recup_kg.errors import MalformedSource
from recup_kg.evidence import CounterRecord, CounterTerm, Evidence
from recup_kg.evidence.environment import (
    ContainerImage,
    EnvironmentSnapshot,
    Machine,
    Package,
    ParameterSetting,
)
from recup_kg.evidence.identity import facts_identity
from recup_kg.evidence.jobs import Job
from recup_kg.evidence.processes import Mount
from recup_kg.records import Gap, Number, Subject
from recup_kg.redaction import MARKER, redact_value

NAME = "recup-snapshot"
VERSION = "1"

_KNOWN = 1
_START = re.compile(rb'\s*\{\s*"format"\s*:\s*"recup-snapshot"')
_SNAPSHOT = "snapshot"
_TOOL = "snapshot"
_READING = "reading."
_TERMS = {
    "load_1m": (
        "load, 1 minute",
        "Mean number of runnable and waiting tasks of the machine over the last minute.",
        None,
    ),
    "load_5m": (
        "load, 5 minutes",
        "Mean number of runnable and waiting tasks of the machine over the last 5 minutes.",
        None,
    ),
    "load_15m": (
        "load, 15 minutes",
        "Mean number of runnable and waiting tasks of the machine over the last 15 minutes.",
        None,
    ),
    "memory_available": (
        "memory available",
        "Memory that programs could still get without swapping.",
        "BYTE",
    ),
    "throttled_devices": (
        "throttled devices",
        "Number of cooling devices that were slowing something down.",
        "NUM",
    ),
}
_MACHINE = {
    "system.kernel_release": "kernel_release",
    "system.architecture": "architecture",
    "system.name": "operating_system",
    "cpu.count": "cpu_count",
    "memory.total": "memory_size",
    "numa.nodes": "numa_node_count",
}
_JOB = {
    "job.scheduler": "scheduler",
    "job.job_id": "job_id",
    "job.name": "name",
    "job.user": "user",
    "job.account": "account",
    "job.partition": "partition",
    "job.queue": "partition",
    "job.node_count": "node_count",
    "job.task_count": "task_count",
    "job.working_directory": "working_directory",
}
_WHOLE = frozenset(("cpu_count", "memory_size", "numa_node_count", "node_count", "task_count"))

Facts: TypeAlias = dict[str, object]


class _Probe(msgspec.Struct, frozen=True):
    name: str
    status: str
    why: str | None = None


class _Document(msgspec.Struct, frozen=True):
    format: str
    version: int
    host: str
    captured: str
    probes: tuple[_Probe, ...]
    facts: Facts


def sniff(path: Path) -> bool:
    """Whether the file begins as a summary of `recup snapshot` does."""
    return _START.match(head(path, 4096)) is not None


def read(path: Path) -> Evidence:
    """What the snapshot tells of its machine. Raises `MalformedSource`."""
    said = _document(path)
    taken = dict(said.facts)
    records: list[object] = [
        EnvironmentSnapshot(
            identifier=_SNAPSHOT,
            label=f"snapshot of {said.host}",
            host=said.host or None,
            captured=timestamp(said.captured),
            platform=_text(taken, "python.platform"),
        ),
        _machine(said.host, taken),
        *_software(taken),
        *_job(taken),
        *_image(taken),
        *_mounts(taken),
        *_readings(said.host, taken),
    ]
    gaps = list(_probe_gaps(said))
    records += _settings(taken, gaps)
    return Evidence(
        source=source_of(
            path,
            converter=NAME,
            version=VERSION,
            format_version=str(said.version),
            layer="SystemLayer",
            created=timestamp(said.captured),
        ),
        identity=facts_identity(NAME, records),
        label=f"snapshot of {said.host}",
        layer="SystemLayer",
        records=tuple(records),
        gaps=tuple(gaps),
        terms=tuple(CounterTerm(_TOOL, name, *_TERMS[name], module="reading") for name in _TERMS),
    )


def _document(path: Path) -> _Document:
    try:
        said = msgspec.json.decode(read_bytes(path), type=_Document)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        problem, _, where = str(error).partition(" - at ")
        raise MalformedSource(
            path, problem, where=where.strip("`") or None, advice="take the snapshot again: recup snapshot"
        ) from error
    if said.format != NAME or said.version != _KNOWN:
        raise MalformedSource(
            path,
            f"version {said.version} of {said.format}, not version {_KNOWN} of {NAME}",
            where="$.version",
            advice="read it with the release of recup that wrote it",
        )
    return said


def _machine(host: str, facts: Facts) -> Machine:
    found = _members(facts, _MACHINE)
    return Machine(identifier=host or "machine", name=host or None, **found)  # type: ignore[arg-type]


def _job(facts: Facts) -> Iterator[Job]:
    if not (_text(facts, "job.job_id", keep=True) and _text(facts, "job.scheduler", keep=True)):
        return
    found = _members(facts, _JOB)
    nodes: tuple[str, ...] = ()
    if found["scheduler"] == "pbs":
        nodes = tuple((_text(facts, "job.nodes") or "").split())
    yield Job(identifier=str(found["job_id"]), nodes=nodes, **found)  # type: ignore[arg-type]


def _members(facts: Facts, names: dict[str, str]) -> dict[str, object]:
    """The facts that are fields of a record, taken out of `facts`; what is not of the field's type stays there."""
    found: dict[str, object] = {}
    for name, field in names.items():
        value = facts.get(name)
        fits = type(value) is int if field in _WHOLE else isinstance(value, str) and value != ""
        if fits:
            found[field] = redact_value(field, value)[0] if isinstance(value, str) else value
            del facts[name]
    return found


def _software(facts: Facts) -> Iterator[Package]:
    version = _text(facts, "python.version")
    if version:
        yield Package(
            "python",
            _text(facts, "python.implementation") or "python",
            _SNAPSHOT,
            version=version,
            location=_text(facts, "python.executable"),
        )
    libc = _text(facts, "libc.name")
    if libc:
        yield Package("libc", libc, _SNAPSHOT, version=_text(facts, "libc.version"))


def _image(facts: Facts) -> Iterator[ContainerImage]:
    name = _text(facts, "container.image")
    if name:
        yield ContainerImage(
            name,
            name,
            image_id=_text(facts, "container.image_id"),
            engine=_text(facts, "container.engine", keep=True),
        )


def _mounts(facts: Facts) -> Iterator[Mount]:
    """What is mounted last at a place hides what was mounted there before."""
    listed = facts.get("mounts")
    if not isinstance(listed, list):
        return
    seen: dict[str, str] = {}
    for entry in listed:
        place, kind = (
            (entry.get("mount_point"), entry.get("file_system")) if isinstance(entry, dict) else (None, None)
        )
        if not (isinstance(place, str) and isinstance(kind, str) and place and kind):
            return
        seen[place] = kind
    del facts["mounts"]
    yield from (Mount(place, place, seen[place]) for place in sorted(seen))


def _readings(host: str, facts: Facts) -> Iterator[CounterRecord]:
    found: list[tuple[str, Number]] = []
    for name in _TERMS:
        value = facts.get(_READING + name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            found.append((name, value))
            del facts[_READING + name]
    if found:
        yield CounterRecord("reading", _TOOL, "reading", tuple(found), host=host or None)


def _settings(facts: Facts, gaps: list[Gap]) -> Iterator[ParameterSetting]:
    for name in sorted(facts):
        value = facts[name]
        if not isinstance(value, str | int | float):
            stated = json.dumps(value)
            gaps.append(
                Gap(
                    "UnreadableValue",
                    Subject("evidence"),
                    f"$.facts[{name!r}]",
                    "neither text nor number",
                    stated,
                )
            )
            continue
        shown, redacted = redact_value(name, value) if isinstance(value, str) else (value, False)
        group = name.partition(".")[0] if "." in name else None
        yield ParameterSetting(name, name, shown, group=group, redacted=redacted or MARKER in str(shown))


def _probe_gaps(said: _Document) -> Iterator[Gap]:
    for index, probe in enumerate(said.probes):
        if probe.status != "captured" or probe.why:
            comment = f"{probe.name}: {probe.why or probe.status}"
            yield Gap("NotCaptured", Subject("evidence"), f"$.probes[{index}]", comment)


def _text(facts: Facts, name: str, *, keep: bool = False) -> str | None:
    """A fact that is a text which is not empty, without credentials; taken out of `facts` unless it is kept there."""
    value = facts.get(name)
    if not isinstance(value, str) or not value:
        return None
    if not keep:
        del facts[name]
    return redact_value(name.rpartition(".")[2], value)[0]
