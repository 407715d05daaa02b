"""Reads `module list` of Lmod and of Environment Modules, also terse (`-t`) and long (`-l`): modules in the order of loading.

https://lmod.readthedocs.io/en/latest/010_user.html and https://modules.readthedocs.io/en/latest/module.html. What stands in
brackets beside a module (`(D)`, `(default)`, `<aL>`) are its properties. The version of `a/b/1.0` is `1.0`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from recup_kg.converters.packages import ENVIRONMENT, Listing, evidence, safe_text, snapshot
from recup_kg.converters.sources import head, read_text
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import LoadedModule

NAME = "module-list"
VERSION = "1"

_LMOD = re.compile(r"Currently Loaded Modules:?(?: in collection.*)?\s*")
_MODULES = re.compile(r"Currently Loaded Modulefiles:?\s*|Currently Loaded Modulefiles \(.*\):?\s*")
_NONE = re.compile(r"No [Mm]odule(?:s|files) (?:[Cc]urrently )?[Ll]oaded\.?\s*")
_NUMBERED = re.compile(
    r"(?<!\S)(?P<position>\d{1,6})\)[ \t]+(?P<name>[^\s()<>]+)(?P<properties>(?:[ \t]*(?:\([^)\s]*\)|<[^>\s]*>))*)"
)
_NAMED = re.compile(
    r"(?P<name>[A-Za-z0-9_.+][^\s()<>]*)(?P<properties>(?:[ \t]*(?:\([^)\s]*\)|<[^>\s]*>))*)[ \t]*(?:\d{4}/\d\d/\d\d.*)?"
)
_PROPERTY = re.compile(r"[(<]([^)>]*)[)>]")
_END = re.compile(r"[ \t]*(?:Where|Key|Inactive Modules|Currently (?:Saved|Loaded).*)[ \t]*:?[ \t]*")
_INACTIVE = re.compile(r"[ \t]*Inactive Modules:?[ \t]*")
_RULE = re.compile(r"- Package -+.*")


def sniff(path: Path) -> bool:
    """Whether the first line that says something is the heading of the list."""
    text = head(path, 4096).decode("utf-8-sig", errors="replace")
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return any(pattern.fullmatch(first) for pattern in (_LMOD, _MODULES, _NONE))


def read(path: Path) -> Evidence:
    """The modules. Raises `MalformedSource`."""
    lines = read_text(path).splitlines()
    start = next((index for index, line in enumerate(lines) if line.strip()), 0)
    heading = lines[start].strip() if lines else ""
    listing = Listing(path)
    manager = (
        "lmod" if _LMOD.fullmatch(heading) else "environment-modules" if _MODULES.fullmatch(heading) else None
    )
    if manager is None and not _NONE.fullmatch(heading):
        raise MalformedSource(
            path, "no heading of module list", where="line 1", advice="run module list again, with 2>&1"
        )
    modules = tuple(_modules(path, lines, start + 1, listing)) if manager else ()
    if manager and not modules:
        raise MalformedSource(path, "no module below the heading", advice="run module list again, with 2>&1")
    return evidence(
        path,
        (snapshot("modules that are loaded", manager), *modules),
        listing.gaps,
        converter=NAME,
        version=VERSION,
        form="module list",
        label=f"module list: {len(modules)} modules",
    )


def _modules(path: Path, lines: list[str], start: int, listing: Listing) -> Iterator[LoadedModule]:
    names: set[str] = set()
    position = 0
    for number, line in enumerate(lines[start:], start + 1):
        if _END.fullmatch(line):
            _rest(lines, number, listing)
            return
        if not line.strip() or _RULE.match(line.strip()):
            continue
        for where, match in _cells(path, line, number):
            position = int(match.groupdict().get("position") or position + 1)
            name = safe_text(match["name"])
            if name in names:
                listing.gap("DuplicateEntry", where, f"The module {name} is listed again; the first is kept.")
                continue
            names.add(name)
            yield _module(name, position, match["properties"])


def _cells(path: Path, line: str, number: int) -> Iterator[tuple[str, re.Match[str]]]:
    where = f"line {number}"
    numbered = list(_NUMBERED.finditer(line))
    if numbered and not _NUMBERED.sub("", line).strip():
        yield from ((where, match) for match in numbered)
        return
    match = _NAMED.fullmatch(line.strip())
    if match is None:
        raise MalformedSource(path, "no module", where=where, advice="save the output of module list alone")
    yield where, match


def _module(name: str, position: int, properties: str) -> LoadedModule:
    base, slash, version = name.rpartition("/")
    letters = [part.strip() for found in _PROPERTY.findall(properties) for part in re.split(r"[,:]", found)]
    return LoadedModule(
        identifier=name,
        name=base if slash else name,
        environment=ENVIRONMENT,
        version=version if slash and version else None,
        position=position,
        properties=tuple(sorted({letter for letter in letters if letter})),
    )


def _rest(lines: list[str], number: int, listing: Listing) -> None:
    """What follows explains letters; modules that are inactive are not loaded."""
    for offset, line in enumerate(lines[number - 1 :], number):
        if _INACTIVE.fullmatch(line):
            listing.gap(
                "UnmappedField",
                f"line {offset}",
                "The inactive modules are not loaded, so they are left out.",
            )
