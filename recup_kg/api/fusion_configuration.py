"""The configuration facts that the sources of an execution state; see `recup_kg.fuse.fingerprint` for what is among them."""

from __future__ import annotations

import json
from collections.abc import Iterator

from recup_kg.api.fusion_facts import described, first, program_name
from recup_kg.api.fusion_rows import Rows, text
from recup_kg.fuse.hosts import key
from recup_kg.fuse.roles import Role, role
from recup_kg.store.table import Value

_STATED = """
SELECT ?graph ?fact WHERE { GRAPH ?graph {
  ?run a recup:Execution ; recup:configuration/recup:configurationFact ?fact
} }"""
_WORKFLOWS = (
    "SELECT ?graph ?name WHERE { GRAPH ?graph { ?run a recup:Execution ; recup:workflowName ?name } }"
)
_MACHINE = {
    "name": "recup:nodeName",
    "cpu": "recup:cpuModel",
    "system": "recup:operatingSystem",
    "version": "recup:operatingSystemVersion",
    "kernel": "recup:kernelRelease",
    "architecture": "recup:architecture",
}
Pair = tuple[str, str]


def configuration(rows: Rows, run: str) -> tuple[Pair, ...]:
    """Pairs of a fact's name and its value, sorted."""
    found = {
        *_of_execution(rows),
        *_programs(rows),
        *_software(rows),
        *_settings(rows),
        *_hardware(rows, run),
    }
    return tuple(sorted(found))


def _of_execution(rows: Rows) -> Iterator[Pair]:
    for row in rows(_STATED):
        name, _, value = str(row["fact"]).partition("=")
        if name in ("system", "program"):
            yield name, value
    for row in rows(_WORKFLOWS):
        yield "workflow", str(row["name"])


def _programs(rows: Rows) -> Iterator[Pair]:
    found = described(
        rows, "recup:ProcessGroup", {"program": "recup:program", "command": "recup:commandLine"}
    )
    for said in found.values():
        program = text(first(said, "program"))
        if program and role(text(first(said, "command"))) is not Role.LAUNCHER:
            yield "program", program_name(program)


def _software(rows: Rows) -> Iterator[Pair]:
    shared = {"name": "schema:name", "version": "schema:softwareVersion", "build": "recup:build"}
    for fact, kind, separator in (("package", "recup:Package", "=="), ("module", "recup:LoadedModule", "/")):
        for said in described(rows, kind, shared).values():
            name, version = text(first(said, "name")), text(first(said, "version"))
            if name is not None:
                yield fact, name if version is None else f"{name}{separator}{version}"
    images = described(rows, "recup:ContainerImage", {"name": "schema:name", "digest": "recup:digest"})
    for said in images.values():
        value = text(first(said, "digest")) or text(first(said, "name"))
        if value is not None:
            yield "image", value
    for kind in ("recup:Job", "recup:JobScript"):
        for said in described(rows, kind, {"scheduler": "recup:scheduler"}).values():
            yield "scheduler", str(first(said, "scheduler"))


def _settings(rows: Rows) -> Iterator[Pair]:
    found = described(
        rows,
        "recup:Parameter",
        {
            "name": "rdfs:label",
            "path": "recup:parameterPath",
            "value": "mls:hasValue",
            "seed": "recup:seedValue",
            "status": "recup:seedStatus",
        },
    )
    for said in found.values():
        name = text(first(said, "path")) or text(first(said, "name"))
        if name is None:
            continue
        if said.get("status"):
            seed = first(said, "seed")
            status = str(first(said, "status")).rsplit("#", 1)[-1]
            yield "seed", f"{name}={status if seed is None else seed}"
        elif said.get("value"):
            yield "parameter", f"{name}={_text(first(said, 'value'))}"


def _text(value: Value) -> str:
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _hardware(rows: Rows, run: str) -> Iterator[Pair]:
    devices = described(
        rows,
        "recup:Device",
        {"model": "recup:deviceModel", "driver": "recup:driverVersion", "runtime": "recup:runtimeVersion"},
    )
    for said in devices.values():
        if said.get("model"):
            yield "device", str(first(said, "model"))
        for name in ("driver", "runtime"):
            if said.get(name):
                yield "driver", f"{name} {first(said, name)}"
    found = {
        **described(rows, "recup:ComputeNode", _MACHINE),
        **described(rows, "recup:Machine", _MACHINE),
    }
    for said in found.values():
        if said.get("cpu"):
            yield "cpu", str(first(said, "cpu"))
        words = [text(first(said, name)) for name in ("system", "version", "kernel", "architecture")]
        if any(words):
            yield "os", " ".join(word for word in words if word)
    names = {key(str(first(said, "name"))) for iri, said in found.items() if iri.startswith(f"{run}/")}
    if names:
        yield "nodes", str(len(names))
