"""Reads conda-lock's unified lock file (`conda-lock.yml`, version 1): packages of conda and pip for each platform.

https://conda.github.io/conda-lock/output/. Each platform is an environment of its own. The form with `@EXPLICIT` is another
converter's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from recup_kg.converters.packages import (
    Listing,
    as_text,
    clean,
    conda_purl,
    evidence,
    mapping,
    optional,
    pypi_purl,
    read_yaml,
    safe_text,
    sequence,
    word,
)
from recup_kg.converters.sources import head
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import EnvironmentSnapshot, Package

NAME = "conda-lock"
VERSION = "1"


def sniff(path: Path) -> bool:
    """Whether the file has the members `version`, `metadata` and `package` of conda-lock."""
    start = head(path)
    if b"\0" in start or start.lstrip()[:1] in (b"{", b"["):
        return False
    return all(
        re.search(pattern, start, re.MULTILINE)
        for pattern in (rb"^version: \d", rb"^metadata:", rb"^ +content_hash:")
    )


def read(path: Path) -> Evidence:
    """The packages. Raises `MalformedSource`."""
    said = mapping(path, read_yaml(path), "the document")
    if said.get("version") != "1":
        raise MalformedSource(
            path, f"version {said.get('version')}, not 1", where="version", advice="only version 1 is known"
        )
    items = [
        mapping(path, item, f"package[{index}]")
        for index, item in enumerate(sequence(path, said.get("package"), "package"))
    ]
    identifiers = {
        _key(item): _identifier(path, item, f"package[{index}]") for index, item in enumerate(items)
    }
    listing = Listing(path)
    for index, item in enumerate(items):
        listing.add(_package(item, identifiers), f"package[{index}]")
    metadata = mapping(path, said.get("metadata"), "metadata")
    snapshots = tuple(
        _snapshot(metadata, platform) for platform in sorted({str(item.get("platform")) for item in items})
    )
    return evidence(
        path,
        (*snapshots, *listing.packages.values()),
        listing.gaps,
        converter=NAME,
        version=VERSION,
        form="conda-lock 1",
        label=f"conda-lock: {len(items)} packages",
    )


def _snapshot(metadata: Mapping[str, Any], platform: str) -> EnvironmentSnapshot:
    hashes = metadata.get("content_hash")
    content = hashes.get(platform) if isinstance(hashes, dict) else None
    channels = metadata.get("channels")
    urls = (
        [item.get("url") if isinstance(item, dict) else item for item in channels]
        if isinstance(channels, list)
        else []
    )
    settings = [("content_hash", as_text(clean(content)))] if content is not None else []
    if urls:
        settings.append(("channels", ", ".join(safe_text(str(url)) for url in urls)))
    return EnvironmentSnapshot(
        identifier=safe_text(platform),
        label=f"packages that are locked for {safe_text(platform)}",
        manager="conda-lock",
        platform=safe_text(platform),
        settings=tuple(settings),
    )


def _key(item: Mapping[str, Any]) -> tuple[str, str]:
    return str(item.get("platform")), str(item.get("name"))


def _identifier(path: Path, item: Mapping[str, Any], where: str) -> str:
    name, version = (word(path, item.get(part), f"{where}.{part}") for part in ("name", "version"))
    platform = word(path, item.get("platform"), f"{where}.platform")
    return safe_text(f"{platform}/{name}@{version}")


def _package(item: Mapping[str, Any], identifiers: Mapping[tuple[str, str], str]) -> Package:
    platform, name = _key(item)
    url = item.get("url") if isinstance(item.get("url"), str) else ""
    of_conda = item.get("manager") != "pip"
    file = re.search(
        r"/(?P<channel>[^/]+)/(?P<subdir>[^/]+)/[^/]+-(?P<build>[^/-]+)\.(?:conda|tar\.bz2)(?:#|$)", url or ""
    )
    build, channel, subdir = (
        (file["build"], file["channel"], file["subdir"]) if file and of_conda else (None, None, None)
    )
    shown, version = safe_text(name), safe_text(str(item["version"]))
    hashes, needs = item.get("hash"), item.get("dependencies")
    group = item.get("category")
    pypi = pypi_purl(shown, version) if "files.pythonhosted.org/" in (url or "") else None
    return Package(
        identifier=safe_text(f"{platform}/{name}@{item['version']}"),
        name=shown,
        environment=safe_text(platform),
        version=version,
        build=build,
        channel=safe_text(channel) if channel else None,
        purl=conda_purl(shown, version, build, channel, subdir) if of_conda else pypi,
        digests=tuple(f"{kind}:{value}" for kind, value in sorted(hashes.items()))
        if isinstance(hashes, dict)
        else (),
        depends_on=_dependencies(needs, platform, identifiers),
        source_url=optional(url),
        installer=optional(item.get("manager")),
        group=optional(group),
    )


def _dependencies(
    needs: object, platform: str, identifiers: Mapping[tuple[str, str], str]
) -> tuple[str, ...]:
    """Those that are in the file; virtual packages (`__glibc`) are not."""
    names = [str(name) for name in needs] if isinstance(needs, dict) else []
    return tuple(sorted(identifiers[platform, name] for name in names if (platform, name) in identifiers))
