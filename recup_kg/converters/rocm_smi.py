"""Reads `rocm-smi -a --json`: the AMD accelerators of a machine, their driver, memory and firmware.

https://rocm.docs.amd.com/projects/rocm_smi_lib/en/latest/how-to/use-python.html. Names of members differ between versions in
case and wording. What changes from moment to moment (temperature, use, clocks of now) is left there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from recup_kg.converters.sources import head, read_text, source_of
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import Device, Machine
from recup_kg.evidence.identity import facts_identity
from recup_kg.records import Gap, Subject

NAME = "rocm-smi"
VERSION = "1"

_NAMES = re.compile(
    rb'"(?:GPU ID|Device ID|Device Name|Card [Ss]eries|Card [Mm]odel|Unique ID|VBIOS version|Driver version|VRAM Total)'
)
_CARD = re.compile(r"card(\d{1,6})")
_NOTHING = frozenset(("", "n/a", "none", "unknown", "unsupported"))
_FIRMWARE = re.compile(r"(.+) firmware version")
_SETTINGS = (
    "device id",
    "device rev",
    "card model",
    "card sku",
    "gfx version",
    "performance level",
    "max graphics package power (w)",
    "gpu memory vendor",
    "compute partition",
    "memory partition",
    "(topology) numa node",
)


def sniff(path: Path) -> bool:
    """Whether the file is JSON whose first member is a card or the system, with the names of rocm-smi in it."""
    start = head(path)
    if not re.match(rb'\s*\{\s*"(?:card\d+|system)"\s*:\s*\{', start):
        return False
    return _NAMES.search(start) is not None


def read(path: Path) -> Evidence:
    """The accelerators. Raises `MalformedSource`."""
    value = _json(path)
    gaps: list[Gap] = []
    driver = _first(_lower(path, value, "system"), ("driver version",)) if "system" in value else None
    devices = tuple(_devices(path, value, driver, gaps))
    if not devices:
        raise MalformedSource(path, "no card in it", where="$", advice="run rocm-smi -a --json again")
    records = (Machine(identifier="machine"), *devices)
    return Evidence(
        source=source_of(path, converter=NAME, version=VERSION, format_version="--json", layer="SystemLayer"),
        identity=facts_identity("rocm-smi", records),
        label=f"{len(devices)} AMD {'accelerator' if len(devices) == 1 else 'accelerators'}",
        layer="SystemLayer",
        records=records,
        gaps=tuple(gaps),
    )


def _devices(path: Path, value: Mapping[str, Any], driver: str | None, gaps: list[Gap]) -> Iterator[Device]:
    cards = sorted((int(match[1]), name) for name in value if (match := _CARD.fullmatch(name)))
    for _, name in cards:
        card = _lower(path, value, name)
        yield Device(
            identifier=name,
            model=_first(card, ("card series", "device name", "card model", "market name")),
            kind="GPU",
            machine="machine",
            vendor=_first(card, ("card vendor",)),
            uuid=_first(card, ("unique id", "uuid")),
            bus=_first(card, ("pci bus",)),
            memory_size=_memory(card, name, gaps),
            driver_version=driver,
            firmware_version=_first(card, ("vbios version",)),
            settings=tuple(_settings(card)),
        )


def _settings(card: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is configured, and the version of each part's firmware."""
    for name, value in sorted(card.items()):
        if (name in _SETTINGS or _FIRMWARE.fullmatch(name)) and value.lower() not in _NOTHING:
            yield name, value


def _memory(card: Mapping[str, str], name: str, gaps: list[Gap]) -> int | None:
    written = _first(card, ("vram total memory (b)",))
    if written is None:
        return None
    if written.isascii() and written.isdigit():
        return int(written)
    where, comment = f"$.{name}['VRAM Total Memory (B)']", f"{written!r} is no number of bytes."
    gaps.append(Gap("UnreadableValue", Subject("device", name), where, comment))
    return None


def _first(card: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((card[name] for name in names if card.get(name, "").lower() not in _NOTHING), None)


def _lower(path: Path, value: Mapping[str, Any], name: str) -> dict[str, str]:
    card = value[name]
    if not isinstance(card, dict):
        raise MalformedSource(path, "not an object", where=f"$.{name}", advice="run rocm-smi -a --json again")
    return {
        key.strip().rstrip(":").lower(): str(item).strip()
        for key, item in card.items()
        if not isinstance(item, dict | list)
    }


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise MalformedSource(
            path, f"not JSON: {error}", advice="the file is cut off or damaged: run rocm-smi -a --json again"
        ) from error
    if not isinstance(value, dict):
        raise MalformedSource(path, "not an object", where="$", advice="run rocm-smi -a --json again")
    return value
