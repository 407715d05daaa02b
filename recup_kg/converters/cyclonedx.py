"""Reads CycloneDX bills of materials, JSON and XML, versions 1.0 to 1.7: components with purl, hashes, licences, dependencies.

https://cyclonedx.org/docs/1.6/json/. The component that the whole is about is a package too. The format does not say what was
asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

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
from recup_kg.converters.sources import head, read_bytes
from recup_kg.converters.times import timestamp
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import Package

NAME = "cyclonedx"
VERSION = "1"

_JSON = re.compile(rb'"bomFormat"\s*:\s*"CycloneDX"')
_XML = re.compile(rb"<(?:[\w-]+:)?bom\b[^>]*http://cyclonedx\.org/schema/bom/")
_NAMESPACE = re.compile(r"\{http://cyclonedx\.org/schema/bom/([^}]*)\}bom")
_UNMAPPED = (
    "services",
    "vulnerabilities",
    "compositions",
    "annotations",
    "formulation",
    "declarations",
    "definitions",
)


def sniff(path: Path) -> bool:
    """Whether the file begins as one of the two forms does."""
    start = head(path)
    return bool(
        _JSON.search(start) if start.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" else _XML.search(start[:8192])
    )


def read(path: Path) -> Evidence:
    """The packages. Raises `MalformedSource`."""
    plain = head(path, 1024).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
    document = mapping(path, read_json(path), "$") if plain else _xml(path)
    number = document.get("specVersion")
    metadata = mapping(path, document.get("metadata") or {}, "$.metadata")
    listing = Listing(path)
    main = metadata.get("component")
    found = list(_components(path, [main] if main else [], "$.metadata.component"))
    found += list(_components(path, _listed(path, document, "components", "$"), "$.components"))
    references = _references(found)
    needs = _dependencies(path, document, references, listing)
    for (where, component), identifier in zip(found, references.values(), strict=True):
        listing.add(_package(path, component, where, identifier, needs.get(identifier, ()), listing), where)
    listing.unmapped({name: f"$.{name}" for name in _UNMAPPED if document.get(name)})
    created = metadata.get("timestamp")
    stamp = timestamp(safe_text(created)) if isinstance(created, str) else None
    label = optional(main.get("name")) if isinstance(main, dict) else None
    about = snapshot(
        f"bill of materials of {label}" if label else "bill of materials",
        "cyclonedx",
        captured=stamp,
        name=label,
        settings=tuple(_settings(document, metadata)),
    )
    return evidence(
        path,
        (about, *listing.packages.values()),
        listing.gaps,
        converter=NAME,
        version=VERSION,
        form=f"CycloneDX {safe_text(str(number))} {'JSON' if plain else 'XML'}" if number else "CycloneDX",
        label=f"bill of materials: {len(found)} components",
        created=stamp,
    )


def _listed(path: Path, value: Mapping[str, Any], name: str, where: str) -> list[Any]:
    return sequence(path, value[name], f"{where}.{name}") if value.get(name) is not None else []


def _components(path: Path, items: list[Any], where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The components, those inside others too."""
    for index, item in enumerate(items):
        place = f"{where}[{index}]" if where.endswith("components") else where
        component = mapping(path, item, place)
        yield place, component
        yield from _components(path, _listed(path, component, "components", place), f"{place}.components")


def _references(found: list[tuple[str, dict[str, Any]]]) -> dict[str, str]:
    """The identifier of each component, by its reference, or by its place where it has none or one that is taken."""
    references: dict[str, str] = {}
    taken: set[str] = set()
    for where, component in found:
        own = component.get("bom-ref")
        key = own if isinstance(own, str) and own and own not in references else f"\0{where}"
        named = "@".join(str(component[part]) for part in ("name", "version") if component.get(part))
        base = safe_text(
            own if isinstance(own, str) and own else str(component.get("purl") or named or where)
        )
        identifier, number = base, 1
        while identifier in taken:
            number += 1
            identifier = f"{base}#{number}"
        taken.add(identifier)
        references[key] = identifier
    return references


def _dependencies(
    path: Path, document: Mapping[str, Any], references: Mapping[str, str], listing: Listing
) -> dict[str, tuple[str, ...]]:
    needs: dict[str, tuple[str, ...]] = {}
    for index, item in enumerate(_listed(path, document, "dependencies", "$")):
        where = f"$.dependencies[{index}]"
        entry = mapping(path, item, where)
        owner = word(path, entry.get("ref"), f"{where}.ref")
        targets = [str(target) for target in _listed(path, entry, "dependsOn", where)]
        missing = sorted(safe_text(name) for name in {owner, *targets} if name not in references)
        if missing:
            listing.gap(
                "OneSidedDependency",
                where,
                f"No component has the reference {', '.join(missing[:3])}.",
                value=missing,
            )
        if owner in references:
            known = {references[target] for target in targets if target in references}
            needs[references[owner]] = tuple(sorted({*needs.get(references[owner], ()), *known}))
    return needs


def _package(
    path: Path,
    component: Mapping[str, Any],
    where: str,
    identifier: str,
    needs: tuple[str, ...],
    listing: Listing,
) -> Package:
    said = optional(component.get("purl"))
    purl = stated_purl(said) if said else None
    if said and purl is None:
        listing.gap("UnreadableValue", f"{where}.purl", "The purl can't be read.", identifier, said)
    return Package(
        identifier=identifier,
        name=safe_text(word(path, component.get("name"), f"{where}.name")),
        environment=ENVIRONMENT,
        version=optional(component.get("version")),
        purl=purl,
        licence=tuple(_licences(path, component, where)) or None,
        digests=tuple(_digests(path, component, where)),
        depends_on=needs,
        namespace=optional(component.get("group")),
        group=optional(component.get("scope")),
    )


def _licences(path: Path, component: Mapping[str, Any], where: str) -> Iterator[str]:
    for index, item in enumerate(_listed(path, component, "licenses", where)):
        entry = mapping(path, item, f"{where}.licenses[{index}]")
        licence = entry.get("license")
        inner = licence if isinstance(licence, dict) else {}
        said = optional(inner.get("id")) or optional(inner.get("name")) or optional(entry.get("expression"))
        if said:
            yield said


def _digests(path: Path, component: Mapping[str, Any], where: str) -> Iterator[str]:
    for index, item in enumerate(_listed(path, component, "hashes", where)):
        entry = mapping(path, item, f"{where}.hashes[{index}]")
        algorithm, content = optional(entry.get("alg")), optional(entry.get("content"))
        if algorithm and content:
            yield f"{_algorithm(algorithm)}:{content.lower()}"


def _algorithm(name: str) -> str:
    """SHA-256 as all formats here spell it; SHA3-256 is another."""
    return re.sub(r"^sha-", "sha", name.lower())


def _settings(document: Mapping[str, Any], metadata: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    serial = optional(document.get("serialNumber"))
    if serial:
        yield "serialNumber", serial
    tools = metadata.get("tools")
    listed = tools.get("components") if isinstance(tools, dict) else tools
    for tool in listed if isinstance(listed, list) else []:
        if isinstance(tool, dict) and isinstance(tool.get("name"), str):
            parts = (tool.get("vendor") or tool.get("group"), tool["name"], tool.get("version"))
            yield "tool", safe_text(" ".join(str(part) for part in parts if part))


def _xml(path: Path) -> dict[str, Any]:
    """The document as the JSON form has it."""
    data = read_bytes(path)
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise MalformedSource(path, "a document type in a bill of materials", advice="remove its <!DOCTYPE>")
    try:
        root = ElementTree.fromstring(data)  # noqa: S314
    except ElementTree.ParseError as error:
        raise MalformedSource(
            path, f"not XML: {error}", advice="the file is cut off or damaged: export it again"
        ) from error
    match = _NAMESPACE.fullmatch(root.tag)
    if match is None:
        raise MalformedSource(path, "no bom element of CycloneDX", where="the root", advice="export it again")
    space = root.tag.removesuffix("bom")
    metadata = root.find(f"{space}metadata")
    document = {
        "specVersion": match[1],
        "serialNumber": root.get("serialNumber"),
        "metadata": {} if metadata is None else _xml_metadata(metadata, space),
        "components": _xml_components(root, space),
        "dependencies": [
            {"ref": item.get("ref"), "dependsOn": [child.get("ref") for child in item]}
            for item in root.iterfind(f"{space}dependencies/{space}dependency")
        ],
    }
    return document | {name: True for name in _UNMAPPED if root.find(space + name) is not None}


def _xml_metadata(metadata: ElementTree.Element, space: str) -> dict[str, Any]:
    main = metadata.find(f"{space}component")
    tools = [
        *metadata.iterfind(f"{space}tools/{space}tool"),
        *metadata.iterfind(f"{space}tools/{space}components/{space}component"),
    ]
    return {
        "timestamp": _child(metadata, "timestamp", space),
        "component": None if main is None else _xml_component(main, space),
        "tools": [
            {name: _child(tool, name, space) for name in ("vendor", "group", "name", "version")}
            for tool in tools
        ],
    }


def _xml_components(parent: ElementTree.Element, space: str) -> list[dict[str, Any]]:
    return [_xml_component(item, space) for item in parent.iterfind(f"{space}components/{space}component")]


def _xml_component(item: ElementTree.Element, space: str) -> dict[str, Any]:
    facts: dict[str, Any] = {
        name: _child(item, name, space) for name in ("group", "name", "version", "scope", "purl")
    }
    facts["bom-ref"] = item.get("bom-ref")
    facts["hashes"] = [
        {"alg": entry.get("alg"), "content": (entry.text or "").strip()}
        for entry in item.iterfind(f"{space}hashes/{space}hash")
    ]
    facts["licenses"] = [
        {"expression": (entry.text or "").strip()}
        if entry.tag == f"{space}expression"
        else {"license": {name: _child(entry, name, space) for name in ("id", "name")}}
        for entry in item.iterfind(f"{space}licenses/*")
    ]
    facts["components"] = _xml_components(item, space)
    return facts


def _child(parent: ElementTree.Element, name: str, space: str) -> str | None:
    text = parent.findtext(space + name)
    return text.strip() if text else None
