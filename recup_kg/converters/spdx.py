"""Reads SPDX documents of versions 2.2 and 2.3, JSON and tag-value: packages with purl, hashes, licences, dependencies.

https://spdx.github.io/spdx-spec/v2.3/. NOASSERTION is what was not captured; NONE says that there is none, and is stated of
a licence. The declared licence is taken, the concluded one where none is declared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from recup_kg.converters.packages import (
    ENVIRONMENT,
    Listing,
    evidence,
    mapping,
    optional,
    read_json,
    safe_text,
    sequence,
    snapshot,
    stated_purl,
    word,
)
from recup_kg.converters.sources import head, read_text
from recup_kg.converters.times import timestamp
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import EnvironmentSnapshot, Package

NAME = "spdx"
VERSION = "1"

_JSON = re.compile(rb'"spdxVersion"\s*:\s*"SPDX-2\.')
_TAGS = re.compile(rb"(?:[ \t]*(?:#[^\n]*)?\r?\n)*SPDXVersion:[ \t]*SPDX-2\.")
_LINE = re.compile(r"(?P<tag>[A-Za-z]+):[ \t]*(?P<value>.*)")
# Relationships that say that one package needs another: True where the first needs the second.
_NEEDS = {
    "DEPENDS_ON": True,
    "DEPENDENCY_OF": False,
    "BUILD_DEPENDENCY_OF": False,
    "RUNTIME_DEPENDENCY_OF": False,
    "PROVIDED_DEPENDENCY_OF": False,
    "HAS_PREREQUISITE": True,
    "PREREQUISITE_FOR": False,
    "DYNAMIC_LINK": True,
    "STATIC_LINK": True,
}
_TAG_FIELDS = {
    "SPDXID": "SPDXID",
    "PackageVersion": "versionInfo",
    "PackageDownloadLocation": "downloadLocation",
    "PackageLicenseDeclared": "licenseDeclared",
    "PackageLicenseConcluded": "licenseConcluded",
    "PackageFileName": "packageFileName",
    "PackageSupplier": "supplier",
}


def sniff(path: Path) -> bool:
    """Whether the file begins as one of the two forms does."""
    start = head(path)
    plain = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    return bool(
        _JSON.search(start) if plain[:1] == b"{" else _TAGS.match(start.removeprefix(b"\xef\xbb\xbf"))
    )


def read(path: Path) -> Evidence:
    """The packages. Raises `MalformedSource`."""
    plain = head(path, 1024).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
    document = mapping(path, read_json(path), "$") if plain else _tags(path)
    listing = Listing(path)
    listed = (
        sequence(path, document["packages"], "$.packages") if document.get("packages") is not None else []
    )
    items = [mapping(path, item, f"$.packages[{index}]") for index, item in enumerate(listed)]
    identifiers = {
        word(path, item.get("SPDXID"), f"$.packages[{index}].SPDXID"): str(item["SPDXID"])
        for index, item in enumerate(items)
    }
    needs = _needs(path, document, identifiers, listing)
    for index, item in enumerate(items):
        where = f"$.packages[{index}]" if plain else safe_text(str(item["SPDXID"]))
        listing.add(_package(path, item, where, needs, listing), where)
    listing.unmapped(
        {
            name: f"$.{name}"
            for name in ("files", "snippets", "hasExtractedLicensingInfos")
            if document.get(name)
        }
    )
    about = _snapshot(path, document)
    return evidence(
        path,
        (about, *listing.packages.values()),
        listing.gaps,
        converter=NAME,
        version=VERSION,
        form=f"{safe_text(str(document.get('spdxVersion')))} {'JSON' if plain else 'tag-value'}",
        label=f"bill of materials: {len(items)} packages",
        created=about.captured,
    )


def _snapshot(path: Path, document: Mapping[str, Any]) -> EnvironmentSnapshot:
    """What the document says of itself."""
    creation = mapping(path, document.get("creationInfo") or {}, "$.creationInfo")
    created = creation.get("created")
    stamp = timestamp(safe_text(created)) if isinstance(created, str) else None
    name = optional(document.get("name"))
    creators = creation.get("creators")
    tools = (
        [text for text in creators if isinstance(text, str) and text.startswith("Tool:")]
        if isinstance(creators, list)
        else []
    )
    space = optional(document.get("documentNamespace"))
    return snapshot(
        f"bill of materials of {name}" if name else "bill of materials",
        "spdx",
        captured=stamp,
        name=name,
        settings=(
            *((("documentNamespace", space),) if space else ()),
            *(("tool", safe_text(text.removeprefix("Tool:").strip())) for text in tools),
        ),
    )


def _needs(
    path: Path, document: Mapping[str, Any], identifiers: Mapping[str, str], listing: Listing
) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    said = document.get("relationships")
    for index, item in enumerate(sequence(path, said, "$.relationships") if said is not None else []):
        where = f"$.relationships[{index}]"
        entry = mapping(path, item, where)
        forward = _NEEDS.get(str(entry.get("relationshipType")))
        if forward is None:
            continue
        ends = [str(entry.get("spdxElementId")), str(entry.get("relatedSpdxElement"))]
        if not all(end in identifiers for end in ends):
            if not set(ends) & {"NONE", "NOASSERTION"}:
                listing.gap(
                    "OneSidedDependency", where, "One of its ends is no package of the document.", value=ends
                )
            continue
        owner, target = ends if forward else reversed(ends)
        found.setdefault(owner, set()).add(safe_text(target))
    return found


def _package(
    path: Path, item: Mapping[str, Any], where: str, needs: Mapping[str, Iterable[str]], listing: Listing
) -> Package:
    identifier = safe_text(item["SPDXID"])
    purls = list(_purls(item))
    known = [purl for purl in map(stated_purl, purls) if purl]
    if len(known) != len(purls):
        listing.gap("UnreadableValue", f"{where}.externalRefs", "A purl can't be read.", identifier, purls)
    if len(known) > 1:
        listing.gap(
            "ConflictingValue",
            f"{where}.externalRefs",
            "It has several purls; the first is kept.",
            identifier,
            known,
        )
    licence = _asserted(item.get("licenseDeclared")) or _asserted(item.get("licenseConcluded"))
    location = _asserted(item.get("downloadLocation"))
    return Package(
        identifier=identifier,
        name=safe_text(word(path, item.get("name"), f"{where}.name")),
        environment=ENVIRONMENT,
        version=optional(item.get("versionInfo")),
        purl=known[0] if known else None,
        licence=licence,
        digests=tuple(_digests(item)),
        depends_on=tuple(sorted(needs.get(item["SPDXID"], ()))),
        source_url=location if location != "NONE" else None,
    )


def _asserted(value: object) -> str | None:
    return None if value == "NOASSERTION" else optional(value)


def _entries(item: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    entries = item.get(name)
    yield from (entry for entry in (entries if isinstance(entries, list) else []) if isinstance(entry, dict))


def _purls(item: Mapping[str, Any]) -> Iterator[str]:
    for entry in _entries(item, "externalRefs"):
        if entry.get("referenceType") == "purl" and isinstance(entry.get("referenceLocator"), str):
            yield entry["referenceLocator"]


def _digests(item: Mapping[str, Any]) -> Iterator[str]:
    for entry in _entries(item, "checksums"):
        algorithm, value = optional(entry.get("algorithm")), optional(entry.get("checksumValue"))
        if algorithm and value:
            yield f"{algorithm.lower()}:{value.lower()}"


def _tags(path: Path) -> dict[str, Any]:
    """The document as the JSON form has it."""
    document: dict[str, Any] = {"packages": [], "relationships": [], "creationInfo": {"creators": []}}
    package: dict[str, Any] | None = None
    section = "document"
    for where, tag, value in _pairs(path):
        if tag == "PackageName":
            section, package = "package", {"name": value, "checksums": [], "externalRefs": []}
            document["packages"].append(package)
        elif tag in ("FileName", "SnippetSPDXID", "LicenseID"):
            section = tag
            document.setdefault(
                {"FileName": "files", "LicenseID": "hasExtractedLicensingInfos"}.get(tag, "snippets"), []
            ).append(value)
        elif tag == "Relationship":
            document["relationships"].append(_relationship(path, where, value))
        elif section == "package" and package is not None:
            _package_tag(tag, value, package)
        elif section == "document":
            _document_tag(tag, value, document)
    return document


def _pairs(path: Path) -> Iterator[tuple[str, str, str]]:
    """Tags with their values; a value in <text> may go over lines."""
    lines = iter(enumerate(read_text(path).splitlines(), 1))
    for number, line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise MalformedSource(
                path, "no tag with a value", where=f"line {number}", advice="export it again"
            )
        value = match["value"].strip()
        if value.startswith("<text>"):
            while "</text>" not in value:
                _, following = next(lines, (0, None))
                if following is None:
                    raise MalformedSource(
                        path,
                        "<text> without </text>",
                        where=f"line {number}",
                        advice="the file is cut off: export it again",
                    )
                value += "\n" + following
            value = value.removeprefix("<text>").partition("</text>")[0]
        yield f"line {number}", match["tag"], value


def _relationship(path: Path, where: str, value: str) -> dict[str, str]:
    words = value.split()
    if len(words) != 3:
        raise MalformedSource(
            path, "not a relationship of two elements", where=where, advice="export it again"
        )
    return {"spdxElementId": words[0], "relationshipType": words[1], "relatedSpdxElement": words[2]}


def _package_tag(tag: str, value: str, package: dict[str, Any]) -> None:
    if tag == "PackageChecksum":
        algorithm, _, digits = value.partition(":")
        package["checksums"].append({"algorithm": algorithm.strip(), "checksumValue": digits.strip()})
    elif tag == "ExternalRef":
        words = value.split(None, 2)
        if len(words) == 3:
            package["externalRefs"].append({"referenceType": words[1], "referenceLocator": words[2]})
    elif tag in _TAG_FIELDS:
        package[_TAG_FIELDS[tag]] = value


def _document_tag(tag: str, value: str, document: dict[str, Any]) -> None:
    names = {"SPDXVersion": "spdxVersion", "DocumentName": "name", "DocumentNamespace": "documentNamespace"}
    if tag in names:
        document[names[tag]] = value
    elif tag == "Creator":
        document["creationInfo"]["creators"].append(value)
    elif tag == "Created":
        document["creationInfo"]["created"] = value
