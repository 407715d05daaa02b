"""Reads `conda list` (also of mamba and micromamba): the table, `--json` and `--export`.

https://docs.conda.io/projects/conda/en/stable/commands/list.html. Packages that pip installed have
the channel `pypi`. The list does not tell what was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from recup_kg.converters.packages import (
    ENVIRONMENT,
    Listing,
    channel_name,
    conda_purl,
    evidence,
    mapping,
    optional,
    pypi_purl,
    read_json,
    safe_text,
    sequence,
    snapshot,
    url_digests,
    word,
)
from recup_kg.converters.sources import head, read_text
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import Package

NAME = "conda-list"
VERSION = "1"

_PREFIX = re.compile(
    r"#? ?(?:packages in environment at|List of packages in environment:) ?\"?(?P<prefix>[^\n\"]+?)\"?:?[ \t]*\r?"
)
_TITLES = re.compile(r"#?[ \t]*Name[ \t]+Version[ \t]+Build(?:[ \t]+Channel)?(?:[ \t]+.*)?")
_EXPORT = re.compile(
    r"#[^\n]*(?:may be used to create an environment using|conda create --name <env> --file)"
)
_SPEC = re.compile(r"(?P<name>[A-Za-z0-9_.-]+)=(?P<version>[^=\s]+)(?:=(?P<build>[^=\s]+))?")
_MEMBERS = ("base_url", "build_number", "build_string", "channel", "dist_name", "platform")


def sniff(path: Path) -> bool:
    """Whether the file begins as one of the three forms does."""
    start = head(path)
    text = start.decode("utf-8-sig", errors="replace")
    if text.lstrip()[:1] == "[":
        return (
            all(f'"{member}"' in text for member in (*_MEMBERS, "name", "version"))
            and '"pip_version"' not in text
        )
    lines = [line for line in text.splitlines()[:12] if line.strip()]
    if any(_EXPORT.match(line) for line in lines):
        return "@EXPLICIT" not in text
    return bool(lines) and bool(
        _PREFIX.fullmatch(lines[0]) or (_TITLES.fullmatch(lines[0].lstrip()) and lines[0][:1] in "# ")
    )


def read(path: Path) -> Evidence:
    """The packages. Raises `MalformedSource`."""
    listing = Listing(path)
    text = read_text(path)
    facts: dict[str, str | None] = {}
    if text.lstrip()[:1] == "[":
        form = "conda list --json"
        _json(path, listing)
    elif any(_EXPORT.match(line) for line in text.splitlines()[:12]):
        form = "conda list --export"
        facts = _export(path, text, listing)
    else:
        form = "conda list"
        facts = _table(path, text, listing)
    about = snapshot("packages that conda lists", "conda", **facts)
    return evidence(
        path,
        (about, *listing.packages.values()),
        listing.gaps,
        converter=NAME,
        version=VERSION,
        form=form,
        label=f"{form}: {len(listing.packages)} packages",
    )


def _package(
    name: str, version: str, build: str | None, channel: str | None, subdir: str | None = None, **facts: Any
) -> Package:
    name, version = safe_text(name), safe_text(version)
    shown = safe_text(channel) if channel else None
    of_pip = (
        (build is not None and build.startswith(("pypi_", "pypi")))
        or channel in ("pypi", "<pip>")
        or build == "<pip>"
    )
    link = pypi_purl(name, version) if of_pip else conda_purl(name, version, build, shown, subdir)
    return Package(
        identifier=f"{name}@{version}" + (f"={build}" if build else ""),
        name=name,
        environment=ENVIRONMENT,
        version=version,
        build=build,
        channel=shown,
        purl=link,
        **facts,
    )


def _table(path: Path, text: str, listing: Listing) -> dict[str, str | None]:
    prefix = None
    for number, line in enumerate(text.splitlines(), 1):
        match = _PREFIX.fullmatch(line)
        if match:
            prefix = match["prefix"].strip()
        elif line.strip() and line[:1] != "#" and not _is_rule(line):
            cells = line.split()
            if not 2 <= len(cells) <= 5:
                raise MalformedSource(
                    path,
                    "no row of the table",
                    where=f"line {number}",
                    advice="make the list again: conda list --json",
                )
            build, channel = (cells[2] if len(cells) > 2 else None), (cells[3] if len(cells) > 3 else None)
            listing.add(_package(cells[0], cells[1], build, channel), f"line {number}")
    if not prefix:
        return {}
    # The values are those of fields of different types, which a dictionary can't say.
    return {"name": _environment_name(prefix), "settings": (("prefix", safe_text(prefix)),)}  # type: ignore[dict-item]


def _is_rule(line: str) -> bool:
    return bool(re.fullmatch(r"\s*[─—-]{4,}\s*", line) or _TITLES.fullmatch(line.strip()))


def _environment_name(prefix: str | None) -> str | None:
    """The name of an environment, where its prefix lies where conda puts those that have one."""
    match = re.search(r"[/\\]envs[/\\]([^/\\]+)$", prefix or "")
    return safe_text(match[1]) if match else None


def _export(path: Path, text: str, listing: Listing) -> dict[str, str | None]:
    platform = None
    for number, line in enumerate(text.splitlines(), 1):
        said = re.fullmatch(r"# platform: (\S+)\s*", line)
        platform = said[1] if said else platform
        if not line.strip() or line[:1] == "#":
            continue
        match = _SPEC.fullmatch(line.strip())
        if match is None:
            raise MalformedSource(
                path,
                "not name=version=build",
                where=f"line {number}",
                advice="make the list again: conda list --export",
            )
        listing.add(_package(match["name"], match["version"], match["build"], None), f"line {number}")
    return {"platform": platform}


def _json(path: Path, listing: Listing) -> None:
    for where, item in _items(path):
        texts = {name: item[name] for name in item if isinstance(item[name], str)}
        channel = texts.get("channel")
        build = texts.get("build_string") or texts.get("build")
        subdir = texts.get("platform")
        base = texts.get("base_url")
        url = texts.get("url")
        shown = channel_name(channel) if channel and "://" in channel else channel
        package = _package(
            word(path, item.get("name"), f"{where}.name"),
            word(path, item.get("version"), f"{where}.version"),
            optional(build),
            shown,
            subdir if subdir != "pypi" else None,
            architecture=optional(subdir) if subdir != "pypi" else None,
            source_url=optional(url) or optional(base),
            digests=tuple(
                digest for name in ("md5", "sha256") for digest in url_digests(texts.get(name, ""))
            ),
        )
        listing.add(package, where)


def _items(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for index, item in enumerate(sequence(path, read_json(path), "$")):
        yield f"$[{index}]", mapping(path, item, f"$[{index}]")
