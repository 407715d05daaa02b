"""`spack.yaml`: the specs that an environment asks for (https://spack.readthedocs.io/en/latest/environments.html#spack-yaml)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recup_kg.converters.packages import (
    ENVIRONMENT,
    Listing,
    as_text,
    clean_value,
    evidence,
    mapping,
    read_yaml,
    safe_text,
    sequence,
    snapshot,
)
from recup_kg.converters.spack.parts import NAME, VERSION, Misfit, parse
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import Package

_LIMIT = 100_000
"""Specs of a matrix: more than any environment has."""


@dataclass(frozen=True, slots=True)
class _Manifest:
    path: Path
    listing: Listing
    definitions: Mapping[str, list[Any]]


def read(path: Path) -> Evidence:
    """The specs asked for. Raises `MalformedSource`."""
    document = mapping(path, read_yaml(path), "the document")
    root = "spack" if "spack" in document else "env"
    said = mapping(path, document.get(root), root)
    listing = Listing(path)
    manifest = _Manifest(path, listing, _definitions(path, said, root, listing))
    items = sequence(path, said["specs"], f"{root}.specs") if said.get("specs") is not None else []
    for index, item in enumerate(items):
        where = f"{root}.specs[{index}]"
        for text in _expanded(manifest, item, where, ()):
            _add(path, text, where, listing)
    settings: list[tuple[str, str]] = []
    for name, value in said.items():
        if name not in ("specs", "definitions"):
            settings += _flat(name, value)
    if said.get("include") is not None:
        listing.gap(
            "NotCaptured",
            f"{root}.include",
            "The files that it includes are other sources.",
            value=said["include"],
        )
    about = snapshot("specs that a spack environment asks for", "spack", settings=tuple(settings))
    return evidence(
        path,
        (about, *listing.packages.values()),
        listing.gaps,
        converter=NAME,
        version=VERSION,
        form="spack.yaml",
        label=f"spack environment: {len(items)} specs",
    )


def _definitions(path: Path, said: Mapping[str, Any], root: str, listing: Listing) -> dict[str, list[Any]]:
    """The named lists; one under a condition is not known to hold."""
    found: dict[str, list[Any]] = {}
    entries = (
        sequence(path, said["definitions"], f"{root}.definitions")
        if said.get("definitions") is not None
        else []
    )
    for index, entry in enumerate(entries):
        where = f"{root}.definitions[{index}]"
        parts = mapping(path, entry, where)
        if "when" in parts:
            listing.gap(
                "UnmappedField",
                where,
                "Whether its condition holds can't be told from the file.",
                value=parts,
            )
            continue
        for name, specs in parts.items():
            found.setdefault(name, []).extend(sequence(path, specs, f"{where}.{name}"))
    return found


def _expanded(manifest: _Manifest, item: object, where: str, inside: tuple[str, ...]) -> Iterator[str]:
    """The specs that an entry stands for: itself, a named list, or a matrix."""
    if isinstance(item, dict):
        yield from _matrix(manifest, item, where, inside)
        return
    if not isinstance(item, str):
        raise MalformedSource(manifest.path, "no spec", where=where, advice="write it as spack spec takes it")
    if not item.startswith("$"):
        yield item
        return
    name = item.lstrip("$").lstrip("^%").strip("{}")
    sigil = item[1:2] if item[1:2] in ("^", "%") else ""
    if name not in manifest.definitions or name in inside:
        manifest.listing.gap(
            "NotCaptured", where, f"No definition of {safe_text(name)} that holds is in the file.", value=item
        )
        return
    for entry in manifest.definitions[name]:
        yield from (sigil + text for text in _expanded(manifest, entry, where, (*inside, name)))


def _matrix(manifest: _Manifest, item: dict[Any, Any], where: str, inside: tuple[str, ...]) -> Iterator[str]:
    rows = [
        [
            text
            for entry in sequence(manifest.path, row, f"{where}.matrix[{index}]")
            for text in _expanded(manifest, entry, where, inside)
        ]
        for index, row in enumerate(sequence(manifest.path, item.get("matrix"), f"{where}.matrix"))
    ]
    excluded = item.get("exclude") or []
    if excluded:
        manifest.listing.gap(
            "UnmappedField",
            f"{where}.exclude",
            "Specs of the matrix that it excludes are listed too.",
            value=excluded,
        )
    size = 1
    for row in rows:
        size *= len(row)
    if size > _LIMIT:
        raise MalformedSource(manifest.path, f"a matrix of {size} specs", where=where, advice="split it")
    yield from (" ".join(parts) for parts in itertools.product(*rows))


def _add(path: Path, text: str, where: str, listing: Listing) -> None:
    """The package of a spec, and one for each dependency (`^`) that it asks for."""
    main, *others = (part.strip() for part in text.split("^"))
    try:
        needs = tuple(_package(other, ()) for other in others if other)
        package = _package(main, tuple(sorted({need.identifier for need in needs})))
    except Misfit as error:
        raise MalformedSource(
            path, str(error), where=where, advice="write it as spack spec takes it"
        ) from error
    listing.add(package, where)
    for need in needs:
        if listing.packages.get(need.identifier) != need:
            listing.add(need, where)


def _package(text: str, needs: tuple[str, ...]) -> Package:
    spec = parse(text)
    exact = spec.version is not None and spec.version.startswith("=") and "," not in spec.version
    return Package(
        identifier=safe_text(text),
        name=spec.name,
        environment=ENVIRONMENT,
        version=safe_text(spec.version[1:]) if exact and spec.version else None,
        constraint=safe_text(f"@{spec.version}") if spec.version and not exact else None,
        requested=True,
        depends_on=needs,
        compiler=spec.compiler,
        variants=spec.options,
        architecture=spec.architecture,
        namespace=spec.namespace,
        build_hash=spec.hash,
    )


def _flat(name: str, value: object) -> Iterator[tuple[str, str]]:
    """Each scalar of a section by its path."""
    shown, hidden = clean_value(name.rpartition(".")[2], value)
    if hidden and not isinstance(value, dict | list):
        yield safe_text(name), as_text(shown)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(f"{name}.{key}", item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _flat(f"{name}[{index}]", item)
    elif value is not None:
        yield safe_text(name), as_text(shown)
