"""JSON: `lscpu -J`, and `docker info --format '{{json .}}'`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from recup_kg.converters.machine.listings import cpu_facts
from recup_kg.converters.machine.parts import Facts, Misfit
from recup_kg.converters.times import timestamp
from recup_kg.evidence.environment import EnvironmentSnapshot


def lscpu(text: str) -> Facts:
    """The same names and values as the text, nested as `children` since util-linux 2.37."""
    value = _json(text)
    entries = value.get("lscpu")
    if not isinstance(entries, list):
        raise Misfit("not an array", "$.lscpu")
    return cpu_facts(list(_entries(entries, "$.lscpu", 0)))


def docker_info(text: str) -> Facts:
    """https://docs.docker.com/reference/api/engine/version/v1.47/#tag/System/operation/SystemInfo"""
    value = _json(text)
    facts = Facts()
    for name, target in _TEXTS.items():
        found = value.get(name)
        if found is not None and not isinstance(found, str):
            raise Misfit("not a text", f"$.{name}")
        facts.take(target, found)
    for name, target in (("NCPU", "cpu_count"), ("MemTotal", "memory_size")):
        count = value.get(name)
        if isinstance(count, bool) or not isinstance(count, int | None):
            raise Misfit("not a whole number", f"$.{name}")
        # 0 is what the engine gives where it can't tell.
        facts.take(target, count or None)
    time = value.get("SystemTime")
    if isinstance(time, str) and time:
        facts.created = timestamp(time)
    version = value.get("ServerVersion")
    facts.others = (
        EnvironmentSnapshot(
            identifier="docker",
            label="Docker Engine",
            manager="docker",
            manager_version=version if isinstance(version, str) and version else None,
            host=facts.machine.get("name"),
            captured=facts.created,
        ),
    )
    return facts


_TEXTS = {
    "Name": "name",
    "OperatingSystem": "operating_system",
    "OSVersion": "operating_system_version",
    "KernelVersion": "kernel_release",
    "Architecture": "architecture",
}


def _entries(entries: list[Any], where: str, depth: int) -> Iterator[tuple[str, str]]:
    for index, entry in enumerate(entries):
        place = f"{where}[{index}]"
        if not isinstance(entry, dict) or not isinstance(entry.get("field"), str) or depth > 20:
            raise Misfit("not a field with its data", place)
        if isinstance(entry.get("data"), str):
            yield entry["field"].strip().removesuffix(":"), entry["data"]
        children = entry.get("children", [])
        if not isinstance(children, list):
            raise Misfit("not an array", f"{place}.children")
        yield from _entries(children, f"{place}.children", depth + 1)


def _json(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Misfit(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Misfit("not an object", "$")
    return value
