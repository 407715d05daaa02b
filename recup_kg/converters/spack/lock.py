"""`spack.lock`: concrete specs with their hashes and dependencies, lock file versions 1 to 6.

https://spack.readthedocs.io/en/latest/environments.html#spack-lock. Up to version 2 a node stands under its own name and its
dependencies in a mapping; up to 5 it has a `compiler`, from 6 on the dependency that provides `c`, `cxx` or `fortran` is it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from recup_kg.converters.packages import (
    ENVIRONMENT,
    Listing,
    as_text,
    clean_pairs,
    clean_value,
    evidence,
    mapping,
    optional,
    read_json,
    safe_text,
    sequence,
    snapshot,
    word,
)
from recup_kg.converters.spack.parts import NAME, VERSION
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import Package

_HASHES = ("hash", "build_hash", "full_hash", "runtime_hash")
_LANGUAGES = ("c", "cxx", "fortran")
_KNOWN = frozenset(
    (
        "name",
        "version",
        "versions",
        "arch",
        "namespace",
        "parameters",
        "dependencies",
        "compiler",
        "external",
        "annotations",
        "concrete",
    )
) | frozenset(_HASHES)


def read(path: Path) -> Evidence:
    """The concrete packages. Raises `MalformedSource`."""
    document = mapping(path, read_json(path), "$")
    meta = mapping(path, document.get("_meta", {}), "$._meta")
    number = str(meta.get("lockfile-version", "1"))
    if not number.isdigit() or not 1 <= int(number) <= 9:
        raise MalformedSource(
            path, f"lock file version {number}", where="$._meta.lockfile-version", advice="1 to 6 are known"
        )
    specs = mapping(path, document.get("concrete_specs"), "$.concrete_specs")
    nodes = {key: _node(path, value, f"$.concrete_specs.{key}") for key, value in specs.items()}
    roots = list(_roots(path, document))
    listing = Listing(path)
    identifiers = {key: _identifier(path, key, node) for key, node in nodes.items()}
    asked = {key for key, _ in roots}
    for key, node in nodes.items():
        where = f"$.concrete_specs.{key}"
        listing.add(_package(path, key, node, nodes, identifiers, key in asked, where, listing), where)
    for key, text in roots:
        if key not in nodes:
            listing.gap(
                "OneSidedDependency",
                "$.roots",
                f"The root {safe_text(text)} is not among the concrete specs.",
            )
    _leftovers(nodes, listing)
    if document.get("include_concrete"):
        listing.gap(
            "NotCaptured", "$.include_concrete", "The environments that it includes are other sources."
        )
    about = snapshot(
        "concrete specs of a spack environment",
        "spack",
        manager_version=_spack(document, "version"),
        settings=_settings(document, roots),
    )
    return evidence(
        path,
        (about, *listing.packages.values()),
        listing.gaps,
        converter=NAME,
        version=VERSION,
        form=f"spack.lock {number}",
        label=f"spack lock file: {len(nodes)} packages",
    )


def _node(path: Path, value: object, where: str) -> dict[str, Any]:
    node = mapping(path, value, where)
    if "name" in node or len(node) != 1:
        return node
    name, inner = next(iter(node.items()))
    return {"name": name, **mapping(path, inner, f"{where}.{name}")}


def _identifier(path: Path, key: str, node: Mapping[str, Any]) -> str:
    name = word(path, node.get("name"), f"$.concrete_specs.{key}.name")
    return safe_text(f"{name}@{_version(node) or ''}/{key}")


def _version(node: Mapping[str, Any]) -> str | None:
    version = node.get("version")
    return version if isinstance(version, str) and version else None


def _roots(path: Path, document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for index, item in enumerate(sequence(path, document.get("roots"), "$.roots")):
        root = mapping(path, item, f"$.roots[{index}]")
        yield word(path, root.get("hash"), f"$.roots[{index}].hash"), str(root.get("spec", ""))


def _spack(document: Mapping[str, Any], name: str) -> str | None:
    said = document.get("spack")
    return optional(said.get(name)) if isinstance(said, dict) else None


def _settings(document: Mapping[str, Any], roots: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    commit = _spack(document, "commit")
    asked = tuple(("root", safe_text(text)) for text in dict.fromkeys(text for _, text in roots if text))
    return (*((("spack commit", commit),) if commit else ()), *asked)


def _leftovers(nodes: Mapping[str, Mapping[str, Any]], listing: Listing) -> None:
    """One gap for each member that no record holds, where it is met first."""
    met: dict[str, str] = {}
    for key, node in nodes.items():
        for name in node:
            if name not in _KNOWN:
                met.setdefault(name, f"$.concrete_specs.{key}.{name}")
    listing.unmapped(met)


def _package(
    path: Path,
    key: str,
    node: Mapping[str, Any],
    nodes: Mapping[str, Mapping[str, Any]],
    identifiers: Mapping[str, str],
    asked: bool,
    where: str,
    listing: Listing,
) -> Package:
    version = _version(node)
    external = node.get("external")
    needs = list(_dependencies(path, node, where))
    for _, target, _ in needs:
        if target not in nodes:
            comment = f"It depends on {safe_text(str(target))}, which is not among the concrete specs."
            listing.gap("OneSidedDependency", f"{where}.dependencies", comment, identifiers[key])
    return Package(
        identifier=identifiers[key],
        name=safe_text(str(node["name"])),
        environment=ENVIRONMENT,
        version=safe_text(version) if version else None,
        location=optional(external.get("path")) if isinstance(external, dict) else None,
        requested=asked,
        depends_on=tuple(sorted({identifiers[target] for _, target, _ in needs if target in identifiers})),
        compiler=_compiler(node, nodes, needs),
        variants=tuple(_variants(node)),
        architecture=_architecture(node.get("arch")),
        namespace=optional(node.get("namespace")),
        build_hash=key,
    )


def _dependencies(
    path: Path, node: Mapping[str, Any], where: str
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Each dependency: name, hash, and which virtual packages it provides."""
    said = node.get("dependencies") or []
    if isinstance(said, dict):
        entries = [
            {"name": name, **mapping(path, item, f"{where}.dependencies.{name}")}
            for name, item in said.items()
        ]
    else:
        listed = sequence(path, said, f"{where}.dependencies")
        entries = [mapping(path, item, f"{where}.dependencies[{index}]") for index, item in enumerate(listed)]
    for entry in entries:
        target = next((entry[name] for name in _HASHES if isinstance(entry.get(name), str)), None)
        parameters = entry.get("parameters")
        virtuals = parameters.get("virtuals") if isinstance(parameters, dict) else None
        names = tuple(map(str, virtuals)) if isinstance(virtuals, list) else ()
        yield str(entry.get("name")), target or str(entry.get("name")), names


def _compiler(
    node: Mapping[str, Any],
    nodes: Mapping[str, Mapping[str, Any]],
    needs: list[tuple[str, str, tuple[str, ...]]],
) -> str | None:
    said = node.get("compiler")
    if isinstance(said, dict) and isinstance(said.get("name"), str):
        return safe_text(f"{said['name']}@{said['version']}" if said.get("version") else said["name"])
    found = {
        f"{name}@{version}" if (version := _version(nodes.get(target, {}))) else name
        for name, target, virtuals in needs
        if any(language in virtuals for language in _LANGUAGES)
    }
    return safe_text(", ".join(sorted(found))) or None


def _variants(node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The options that are set; a list of flags that is empty says nothing."""
    parameters = node.get("parameters")
    for name, value in sorted(parameters.items()) if isinstance(parameters, dict) else ():
        if value not in ([], "", None):
            shown = clean_value(name, ",".join(map(str, value)) if isinstance(value, list) else value)[0]
            yield from clean_pairs(((name, as_text(shown)),))


def _architecture(arch: object) -> str | None:
    """As spack prints it: platform, operating system and target."""
    if not isinstance(arch, dict):
        return optional(arch)
    target = arch.get("target")
    name = target.get("name") if isinstance(target, dict) else target
    parts = [arch.get("platform"), arch.get("platform_os"), name]
    return safe_text("-".join(str(part) for part in parts if part)) or None
