"""Reads `pip list`, as a table of columns or as JSON.

https://pip.pypa.io/en/stable/cli/pip_list/. Columns: Package, Version, and where they are asked for Editable project location,
Location, Installer, Latest, Type, Build. What could be installed instead (`--outdated`) is no fact of the environment.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from recup_kg.converters.packages import (
    ENVIRONMENT,
    Listing,
    evidence,
    mapping,
    optional,
    pypi_purl,
    read_json,
    safe_text,
    sequence,
    snapshot,
    word,
)
from recup_kg.converters.sources import head, read_text
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import Package

NAME = "pip-list"
VERSION = "1"

_HEAD = re.compile(r"Package[ \t]+Version[^\n]*\r?\n-{2,}[ \t]+-{2,}[- \t]*(?:\r?\n|\Z)")
_JSON = re.compile(rb'\s*\[\s*\{\s*"name"\s*:\s*"[^"]*"\s*,\s*"version"\s*:\s*"[^"]*"\s*[,}]')
_MEMBERS = frozenset(
    (
        "name",
        "version",
        "location",
        "installer",
        "editable_project_location",
        "latest_version",
        "latest_filetype",
        "build",
    )
)
_NOTES = (
    "WARNING:",
    "DEPRECATION:",
    "[notice]",
    "You are using pip version",
    "You should consider upgrading",
)


def sniff(path: Path) -> bool:
    """Whether the file begins with the head of the table, or as the JSON of pip list does."""
    start = head(path)
    if _JSON.match(start):
        names = re.findall(rb'"([a-z_]+)"\s*:', start)
        return {name.decode() for name in names} <= _MEMBERS
    text = start.removeprefix(b"\xef\xbb\xbf").decode(errors="replace")
    return _table_start(text) is not None


def read(path: Path) -> Evidence:
    """The packages. Raises `MalformedSource`."""
    listing = Listing(path)
    start = head(path).lstrip(b"\xef\xbb\xbf \t\r\n")
    form = "json" if start[:1] == b"[" else "columns"
    for where, facts in _json(path) if form == "json" else _columns(path):
        _add(facts, where, listing)
    return evidence(
        path,
        (snapshot("packages that pip lists", "pip"), *listing.packages.values()),
        listing.gaps,
        converter=NAME,
        version=VERSION,
        form=f"pip list --format {form}",
        label=f"pip list: {len(listing.packages)} packages",
    )


def _add(facts: Mapping[str, str | None], where: str, listing: Listing) -> None:
    name, version = safe_text(facts["name"] or ""), optional(facts.get("version"))
    project = optional(facts.get("editable_project_location"))
    package = Package(
        identifier=f"{name}@{version}" if version else name,
        name=name,
        environment=ENVIRONMENT,
        version=version,
        purl=None if project else pypi_purl(name, version),
        location=project or optional(facts.get("location")),
        editable=project is not None,
        installer=optional(facts.get("installer")),
    )
    listing.add(package, where)


def _json(path: Path) -> Iterator[tuple[str, dict[str, str | None]]]:
    for index, item in enumerate(sequence(path, read_json(path), "$")):
        where = f"$[{index}]"
        facts = mapping(path, item, where)
        word(path, facts.get("name"), f"{where}.name")
        word(path, facts.get("version"), f"{where}.version")
        yield where, {name: _text(value) for name, value in facts.items()}


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _columns(path: Path) -> Iterator[tuple[str, dict[str, str | None]]]:
    lines = read_text(path).splitlines()
    first = next(
        (index for index in range(len(lines) - 1) if _HEAD.fullmatch("\n".join(lines[index : index + 2]))),
        None,
    )
    if first is None:
        raise MalformedSource(
            path, "no table of pip list", where="line 1", advice="make the list again: pip list --format json"
        )
    spans = [match.span() for match in re.finditer("-+", lines[first + 1])]
    titles = [lines[first][start:end].strip().lower().replace(" ", "_") for start, end in spans]
    titles[0] = "name"
    for number, line in enumerate(lines[first + 2 :], first + 3):
        if not line.strip() or line.startswith(_NOTES):
            continue
        yield f"line {number}", _row(path, line, number, spans, titles)


def _row(
    path: Path, line: str, number: int, spans: list[tuple[int, int]], titles: list[str]
) -> dict[str, str | None]:
    # The last column has no end; a cell never goes over the start of the next.
    starts = [start for start, _ in spans]
    cells = [line[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)]
    if not cells[0] or not cells[1] or " " in cells[0] or " " in cells[1]:
        raise MalformedSource(
            path,
            "no row of the table",
            where=f"line {number}",
            advice="make the list again: pip list --format json",
        )
    return {title: cell or None for title, cell in zip(titles, cells, strict=True)}


def _table_start(text: str) -> str | None:
    rest = text
    while rest.startswith(_NOTES):
        rest = rest.partition("\n")[2]
    match = _HEAD.match(rest)
    return match[0] if match else None
