"""Reads the `print_info` block of the RECUP project: System_Info, Platform_Info, Hyperparameters, the seed; also inside a log.

The block is lines of `name : value` below headings, without indentation. A name without a value opens a nesting:
`layer_info :` holds the entries after it that are called `layer1_num`, `layer2_activation`, .... Names repeat, and are kept
as they are written. What stands around a block is left alone. A block with hyper-parameters and without a seed is a
training whose seed is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from recup_kg.converters.packages import Listing, clean_value, evidence, safe_text
from recup_kg.converters.sources import head, read_text
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import (
    Device,
    EnvironmentSnapshot,
    Machine,
    Package,
    ParameterSetting,
    Seed,
)
from recup_kg.records import Number

NAME = "print-info"
VERSION = "1"

SYSTEM, PLATFORM, HYPER = "System_Info", "Platform_Info", "Hyperparameters"

_HEADING = re.compile(rf"[ \t]*(?P<name>{SYSTEM}|{PLATFORM}|{HYPER})[ \t]*:[ \t]*")
_ENTRY = re.compile(
    r"[ \t]*(?P<name>[^\s:][^:\n]*?)(?P<space>[ \t]*):(?:[ \t]+(?P<value>.*?)|(?P<none>))[ \t]*"
)
_SEED = re.compile(r"(?:random|rng|global|numpy|torch|tf)?[_ ]?seed", re.IGNORECASE)
_SEED_LINE = re.compile(r"[ \t]*(?P<name>random[_ ]seed)[ \t]*:[ \t]*(?P<value>.*?)[ \t]*", re.IGNORECASE)
_VERSION = re.compile(r"v?\d+(?:\.\d+)+[\w.+-]*")
_QUANTITY = re.compile(
    r"mem|ram\b|cores?\b|thread|cpu|gpu|disk|size|(?:^|[_ ])num(?:$|[_ ])|number|count|freq|clock|speed|rank|nodes?\b|time",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"[+-]?(?:0|[1-9]\d*)")
_REAL = re.compile(r"[+-]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?")
_NO_VALUE = ("none", "null", "unset", "not set")
_PROSE = (".md", ".rst", ".py", ".ipynb", ".tex", ".html", ".json", ".csv")
_SPACK = re.compile(r"^-- \S+ / \S.* -+[ \t]*$", re.MULTILINE)


@dataclass(slots=True)
class _Entry:
    name: str
    value: str
    path: str
    where: str


@dataclass(frozen=True, slots=True)
class _Nesting:
    """What is open: the name of an entry without a value, and how far it is indented."""

    name: str = ""
    indent: int = 0

    def holds(self, name: str, indent: int) -> bool:
        """Whether an entry is of it: numbered after it (`layer1_num` of `layer_info`), or indented further."""
        stem = re.sub(r"(?:_?(?:info|infos|list|config|params))$|s$", "", self.name)
        return bool(self.name) and (
            indent > self.indent or re.match(rf"{re.escape(stem)}_?\d", name) is not None
        )


@dataclass(slots=True)
class _Block:
    """One block: its sections with their entries, and the seed's value with where it stands."""

    sections: dict[str, list[_Entry]] = field(default_factory=dict)
    seed: tuple[str, str, str] | None = None
    spaced: bool | None = None


def sniff(path: Path) -> bool:
    """Whether a heading of the block, with an entry below it, is near the start or the end; texts about it are not claimed."""
    if path.suffix.lower() in _PROSE:
        return False
    start = head(path)
    if b"\0" in start or start.lstrip()[:1] in (b"{", b"[", b"<"):
        return False
    text = start.decode("utf-8-sig", errors="replace")
    if len(start) == 65536:
        text += "\n" + _tail(path).decode(errors="replace")
    return not _SPACK.search(text) and any(block.sections for block in _blocks(text.splitlines()))


def read(path: Path) -> Evidence:
    """The settings, packages and seeds. Raises `MalformedSource`."""
    lines = read_text(path).splitlines()
    blocks = [block for block in _blocks(lines) if block.sections]
    if not blocks:
        raise MalformedSource(
            path, "no block of print_info in it", advice="it begins with System_Info: or Hyperparameters:"
        )
    listing = Listing(path)
    records: list[object] = []
    for number, block in enumerate(blocks):
        records += _records(block, "" if number == 0 else f"block-{number + 1}/", listing)
    return evidence(
        path,
        records,
        listing.gaps,
        converter=NAME,
        version=VERSION,
        form="print_info",
        label=f"print_info: {len(blocks)} blocks" if len(blocks) > 1 else "print_info",
    )


def _tail(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            stream.seek(-65536, 2)
            return stream.read()
    except OSError:
        return b""


def _blocks(lines: list[str]) -> Iterator[_Block]:
    """The blocks of a text. A heading that a block already has begins the next one."""
    block: _Block | None = None
    section: str | None = None
    nesting = _Nesting()
    for number, line in enumerate(lines, 1):
        if heading := _HEADING.fullmatch(line):
            if block is None or heading["name"] in block.sections or block.seed is not None:
                if block is not None:
                    yield _filled(block)
                block = _Block()
            section, nesting = heading["name"], _Nesting()
            block.sections[section] = []
        elif block is not None and (seed := _closing_seed(block, section, line)):
            block.seed = (seed["name"], seed["value"], f"line {number}")
            section = None
        elif block is not None and section is not None:
            entry = _ENTRY.fullmatch(line)
            if entry is None or not _in_style(block, entry):
                section = None
                continue
            nesting = _add(block.sections[section], entry, nesting, number)
    if block is not None:
        yield _filled(block)


def _closing_seed(block: _Block, section: str | None, line: str) -> re.Match[str] | None:
    """The line of the seed that ends a block; one that is spelled as a hyper-parameter, among them, is an entry."""
    seed = _SEED_LINE.fullmatch(line)
    if seed is None or block.seed is not None:
        return None
    entry = _ENTRY.fullmatch(line)
    among = (
        section == HYPER
        and entry is not None
        and bool(entry["space"]) == block.spaced
        and "_" in seed["name"]
    )
    return None if among else seed


def _filled(block: _Block) -> _Block:
    block.sections = {name: entries for name, entries in block.sections.items() if entries}
    return block


def _in_style(block: _Block, entry: re.Match[str]) -> bool:
    """Whether the entry is written as the first one is: lines of a log (`Epoch 1: loss 0.3`) have no space before the colon."""
    spaced = bool(entry["space"])
    if block.spaced is None:
        block.spaced = spaced
    return spaced == block.spaced


def _add(entries: list[_Entry], entry: re.Match[str], nesting: _Nesting, number: int) -> _Nesting:
    """Keep an entry below what is open, and give what is open after it."""
    name, value = entry["name"], entry["value"] or ""
    indent = len(entry[0]) - len(entry[0].lstrip())
    inside = nesting.holds(name, indent)
    if not value and not inside:
        nesting = _Nesting(name, indent)
        entries.append(_Entry(name, "", name, f"line {number}"))
        return nesting
    path = f"{nesting.name}/{name}" if inside else name
    entries.append(_Entry(name, value, path, f"line {number}"))
    return nesting if inside else _Nesting()


def _records(block: _Block, prefix: str, listing: Listing) -> list[object]:
    environment = f"{prefix}environment"
    found: list[object] = []
    system, platform = block.sections.get(SYSTEM, []), block.sections.get(PLATFORM, [])
    for entry in system:
        found.append(_system(entry, prefix, environment))
    found += [_parameter(entry, PLATFORM, prefix) for entry in platform]
    found += _platform(platform, prefix, environment)
    seed = block.seed
    for entry in block.sections.get(HYPER, []):
        if _SEED.fullmatch(entry.name):
            seed = seed or (entry.name, entry.value, entry.where)
        elif entry.value:
            found.append(_parameter(entry, HYPER, prefix))
        elif not any(other.path.startswith(f"{entry.path}/") for other in block.sections[HYPER]):
            listing.gap(
                "NotCaptured",
                entry.where,
                f"{safe_text(entry.name)} has no value, and nothing is nested in it.",
            )
    if HYPER in block.sections or seed is not None:
        found.append(_seed(seed, prefix))
    about = EnvironmentSnapshot(environment, "environment that print_info tells", "print_info")
    software = [record for record in found if isinstance(record, Package)]
    return _distinct([about, *found] if software else found, listing)


def _distinct(records: list[object], listing: Listing) -> list[object]:
    """The records, those that are there again with an identifier of their own."""
    seen: dict[tuple[type, str], int] = {}
    kept = []
    for record in records:
        key = (type(record), record.identifier)  # type: ignore[attr-defined]
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > 1:
            listing.gap("DuplicateEntry", key[1], f"{key[1]} is there {seen[key]} times; all are kept.")
            facts = {name: getattr(record, name) for name in record.__slots__}  # type: ignore[attr-defined]
            record = type(record)(**(facts | {"identifier": f"{key[1]}#{seen[key]}"}))
        kept.append(record)
    return kept


def _system(entry: _Entry, prefix: str, environment: str) -> object:
    """What a line of System_Info is: the machine's operating system, its GPU, a package, or just a setting."""
    value = clean_value(entry.name, entry.value)[0]
    if entry.name == "OS" and value:
        return Machine(f"{prefix}machine", operating_system=value)
    if entry.name == "GPU" and value:
        return Device(f"{prefix}GPU", model=value, kind="GPU")
    if _VERSION.fullmatch(entry.value) and not _QUANTITY.search(entry.name):
        name = safe_text(entry.name)
        return Package(f"{prefix}{name}@{value}", name, environment, version=value)
    return _parameter(entry, SYSTEM, prefix)


def _platform(entries: list[_Entry], prefix: str, environment: str) -> list[Package]:
    """The platform as a package: a name (however the block spells its key) and a version are all that it tells."""
    versions = [entry for entry in entries if entry.name.lower() == "version"]
    names = [entry for entry in entries if entry not in versions]
    if len(versions) != 1 or len(names) != 1 or not names[0].value:
        return []
    name, version = safe_text(names[0].value), safe_text(versions[0].value)
    return [Package(f"{prefix}{name}@{version}", name, environment, version=version or None)]


def _parameter(entry: _Entry, section: str, prefix: str) -> ParameterSetting:
    shown, hidden = clean_value(entry.name, entry.value)
    return ParameterSetting(
        identifier=safe_text(f"{prefix}{section}/{entry.path}"),
        name=safe_text(entry.name),
        value=shown if hidden or section != HYPER else _typed(entry.value),
        path=safe_text(entry.path) if "/" in entry.path else None,
        group=section,
        hyper=section == HYPER,
        redacted=hidden,
    )


def _typed(value: str) -> str | Number | bool | None:
    if value in ("True", "False"):
        return value == "True"
    if _WHOLE.fullmatch(value):
        return int(value) if len(value) < 4000 else value
    if _REAL.fullmatch(value):
        number = float(value)
        return number if abs(number) != float("inf") else value
    return value or None


def _seed(said: tuple[str, str, str] | None, prefix: str) -> Seed:
    identifier = f"{prefix}seed"
    if said is None:
        return Seed(identifier, "random seed", "SeedUnknown")
    name, value, _ = said
    label = safe_text(name)
    if not value:
        return Seed(identifier, label, "SeedUnknown")
    if value.lower() in _NO_VALUE:
        return Seed(identifier, label, "SeedUnset", value_as_written=value)
    whole = int(value) if re.fullmatch(r"[+-]?\d{1,4000}", value) else None
    return Seed(identifier, label, "SeedRecorded", whole, None if str(whole) == value else safe_text(value))
