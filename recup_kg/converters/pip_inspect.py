"""Reads `pip inspect`: JSON of all that is installed, with what was asked for, where it came from and what it needs.

https://pip.pypa.io/en/stable/reference/inspect-report/ (version "1"). A dependency is stated where a requirement without
an extra and true in the report's own environment names a package of the report.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from recup_kg.converters.packages import (
    ENVIRONMENT,
    Listing,
    clean_pairs,
    evidence,
    mapping,
    one_of,
    optional,
    pypi_purl,
    read_json,
    safe_text,
    sequence,
    snapshot,
    word,
)
from recup_kg.converters.sources import head
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import Package

NAME = "pip-inspect"
VERSION = "1"


def sniff(path: Path) -> bool:
    """Whether the file begins as the report does."""
    start = head(path, 4096)
    return start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and one_of(
        ("version", "pip_version", "installed"), start
    )


def read(path: Path) -> Evidence:
    """The packages. Raises `MalformedSource`."""
    report = mapping(path, read_json(path), "$")
    if report.get("version") != "1":
        raise MalformedSource(
            path,
            f"version {report.get('version')!r}, not '1'",
            where="$.version",
            advice="only version 1 is known",
        )
    settings = report.get("environment")
    markers = mapping(path, settings, "$.environment") if settings is not None else {}
    listing = Listing(path)
    items = [
        mapping(path, item, f"$.installed[{index}]")
        for index, item in enumerate(sequence(path, report.get("installed"), "$.installed"))
    ]
    identifiers = _identifiers(path, items)
    for index, item in enumerate(items):
        where = f"$.installed[{index}]"
        listing.add(_package(path, item, where, identifiers, markers, listing), where)
    about = snapshot(
        "packages that pip inspects",
        "pip",
        manager_version=report.get("pip_version") if isinstance(report.get("pip_version"), str) else None,
        platform=_platform(markers),
        settings=clean_pairs(sorted(markers.items())),
    )
    return evidence(
        path,
        (about, *listing.packages.values()),
        listing.gaps,
        converter=NAME,
        version=VERSION,
        form="pip inspect 1",
        label=f"pip inspect: {len(items)} packages",
    )


def _identifiers(path: Path, items: list[dict[str, Any]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for index, item in enumerate(items):
        name, version = _named(path, item, f"$.installed[{index}]")
        found.setdefault(canonicalize_name(name), f"{safe_text(name)}@{safe_text(version)}")
    return found


def _named(path: Path, item: Mapping[str, Any], where: str) -> tuple[str, str]:
    facts = mapping(path, item.get("metadata"), f"{where}.metadata")
    name = word(path, facts.get("name"), f"{where}.metadata.name")
    return name, word(path, facts.get("version"), f"{where}.metadata.version")


def _package(
    path: Path,
    item: Mapping[str, Any],
    where: str,
    identifiers: Mapping[str, str],
    markers: Mapping[str, Any],
    listing: Listing,
) -> Package:
    metadata = item["metadata"]
    name, version = _named(path, item, where)
    identifier = f"{safe_text(name)}@{safe_text(version)}"
    direct = item.get("direct_url")
    origin = mapping(path, direct, f"{where}.direct_url") if direct is not None else {}
    requested = item.get("requested")
    return Package(
        identifier=identifier,
        name=safe_text(name),
        environment=ENVIRONMENT,
        version=safe_text(version),
        purl=pypi_purl(safe_text(name), safe_text(version)) if not origin else None,
        location=optional(item.get("metadata_location")),
        requested=requested if isinstance(requested, bool) else None,
        licence=optional(metadata.get("license_expression")) or optional(metadata.get("license")),
        digests=_digests(origin),
        depends_on=_dependencies(metadata, where, identifier, identifiers, markers, listing),
        source_url=_origin(origin),
        editable=_part(origin, "dir_info").get("editable") is True,
        installer=optional(item.get("installer")),
    )


def _part(origin: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = origin.get(name)
    return part if isinstance(part, dict) else {}


def _origin(origin: Mapping[str, Any]) -> str | None:
    """The URL as pip freeze would print it: with the version control system and the commit."""
    url = origin.get("url")
    if not isinstance(url, str):
        return None
    vcs, commit = _part(origin, "vcs_info").get("vcs"), _part(origin, "vcs_info").get("commit_id")
    full = f"{vcs}+{url}@{commit}" if isinstance(vcs, str) and isinstance(commit, str) else url
    return safe_text(full)


def _digests(origin: Mapping[str, Any]) -> tuple[str, ...]:
    archive = _part(origin, "archive_info")
    hashes = _part(archive, "hashes")
    found = [f"{name}:{value}" for name, value in sorted(hashes.items()) if isinstance(value, str)]
    single = archive.get("hash")
    if not found and isinstance(single, str) and "=" in single:
        found.append(single.replace("=", ":", 1))
    return tuple(found)


def _dependencies(
    metadata: Mapping[str, Any],
    where: str,
    identifier: str,
    identifiers: Mapping[str, str],
    markers: Mapping[str, Any],
    listing: Listing,
) -> tuple[str, ...]:
    found: dict[str, None] = {}
    texts = metadata.get("requires_dist") or []
    for index, text in enumerate(texts if isinstance(texts, list) else []):
        place = f"{where}.metadata.requires_dist[{index}]"
        try:
            needed = Requirement(str(text))
            holds = _holds(needed, markers)
        except (InvalidRequirement, UndefinedEnvironmentName, UndefinedComparison):
            listing.gap("UnreadableValue", place, "The requirement can't be read.", identifier, text)
            continue
        target = identifiers.get(canonicalize_name(needed.name))
        if holds and target is not None:
            found[target] = None
    return tuple(sorted(found))


def _holds(needed: Requirement, markers: Mapping[str, Any]) -> bool:
    """Whether the requirement is one in the environment of the report; what is only asked for with an extra isn't."""
    if needed.marker is None:
        return True
    if "extra" in str(needed.marker) or not markers:
        return False
    return needed.marker.evaluate({name: str(value) for name, value in markers.items()})


def _platform(markers: Mapping[str, Any]) -> str | None:
    system, machine = markers.get("sys_platform"), markers.get("platform_machine")
    return f"{system}-{machine}" if isinstance(system, str) and isinstance(machine, str) else None
