"""Reads `environment.yml`: what a conda environment was asked to hold, also as `conda env export` writes it.

https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html#creating-an-environment-file-manually,
specs by https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html. Only `==1.2` and `=1.2=build` are
versions, `=1.2` is a constraint. An export (it has a prefix, or builds throughout) lists all that is installed, so nothing
is said to have been asked for.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from recup_kg.converters.packages import (
    ENVIRONMENT,
    Listing,
    channel_name,
    clean_value,
    conda_purl,
    evidence,
    mapping,
    read_yaml,
    safe_text,
    sequence,
    snapshot,
    variable,
)
from recup_kg.converters.requirements import Line, Misfit, logical, take
from recup_kg.converters.sources import head
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import EnvironmentVariable, Package

NAME = "conda-environment"
VERSION = "1"

_LINE = re.compile(r"^(\w[\w-]*):", re.MULTILINE)
_PYTHON = re.compile(r"^[ \t]*-[ \t]+[\"']?(?:python|pip)(?:[ \t=<>:\"'].*)?\r?$", re.MULTILINE)
_SPEC = re.compile(
    r"(?:(?P<channel>[^\s\[]+?)::)?(?P<name>[A-Za-z0-9_.-]+)(?P<rest>(?:[ \t=<>!~][^\[]*)?)(?P<bracket>\[.*\])?"
)
_EXACT = re.compile(r"(?P<operator>==?)(?P<version>[^=\s,|<>!*~]+)(?:[=\s]+(?P<build>[^=\s*|^$()]+))?")
_BRACKET = re.compile(r"(?P<name>\w+)[ \t]*=[ \t]*(?P<value>'[^']*'|\"[^\"]*\"|[^,\]\s]+)")
_KNOWN = ("name", "channels", "dependencies", "prefix", "variables", "platforms")


def sniff(path: Path) -> bool:
    """Whether the file has the members `dependencies` and `channels`, `name` or `prefix` as conda's do, no others."""
    start = head(path)
    if b"\0" in start or start.lstrip()[:1] in (b"{", b"["):
        return False
    text = start.decode("utf-8-sig", errors="replace")
    names = set(_LINE.findall(text))
    if "dependencies" not in names or not names <= {*_KNOWN, "category", "platform"}:
        return False
    named = path.name.lower() in ("environment.yml", "environment.yaml")
    return "channels" in names or named or _PYTHON.search(text) is not None


def read(path: Path) -> Evidence:
    """The packages asked for. Raises `MalformedSource`."""
    said = mapping(path, read_yaml(path), "the document")
    items = sequence(path, said.get("dependencies"), "dependencies")
    listing = Listing(path)
    settings: list[tuple[str, str]] = []
    requested = None if _is_export(said, items) else True
    for index, item in enumerate(items):
        where = f"dependencies[{index}]"
        if isinstance(item, dict):
            _nested(path, item, where, listing, settings)
        else:
            listing.add(_conda(path, item, where, requested), where)
    channels = [
        channel_name(_text(path, item, f"channels[{index}]"))
        for index, item in enumerate(_list(path, said, "channels"))
    ]
    if channels:
        settings.append(("channels", ", ".join(channels)))
    settings += [
        (name, safe_text(said[name])) for name in ("prefix", "platform") if isinstance(said.get(name), str)
    ]
    settings += [("platforms", safe_text(str(name))) for name in _list(path, said, "platforms")]
    listing.unmapped({name: name for name in said if name not in (*_KNOWN, "platform")})
    name = said.get("name")
    shown_name = safe_text(name) if isinstance(name, str) else None
    about = snapshot(
        "an environment as its environment.yml describes it",
        "conda",
        name=shown_name,
        settings=tuple(settings),
    )
    return evidence(
        path,
        (about, *listing.packages.values(), *_variables(path, said)),
        listing.gaps,
        converter=NAME,
        version=VERSION,
        form="environment.yml",
        label=f"environment {shown_name}" if shown_name else "environment.yml",
    )


def _list(path: Path, said: dict[str, Any], name: str) -> list[Any]:
    return sequence(path, said[name], name) if said.get(name) is not None else []


def _text(path: Path, value: object, where: str) -> str:
    if not isinstance(value, str):
        raise MalformedSource(path, "not a text", where=where, advice="write it as environment.yml has it")
    return value


def _is_export(said: dict[str, Any], items: list[Any]) -> bool:
    specs = [item for item in items if isinstance(item, str)]
    return "prefix" in said or (
        bool(specs) and all(re.fullmatch(r"[^=\s]+=[^=*\s]+=[^=*\s]+", item) for item in specs)
    )


def _variables(path: Path, said: dict[str, Any]) -> list[EnvironmentVariable]:
    found = mapping(path, said["variables"], "variables") if said.get("variables") is not None else {}
    return [
        variable(f"{name}={clean_value(name, value)[0]}", ENVIRONMENT)
        for name, value in sorted(found.items())
        if value is not None
    ]


def _nested(
    path: Path, item: dict[Any, Any], where: str, listing: Listing, settings: list[tuple[str, str]]
) -> None:
    for name, lines in item.items():
        place = f"{where}.{name}"
        if name != "pip":
            listing.gap("UnmappedField", place, f"{safe_text(str(name))} is no installer that is known.")
            continue
        for index, text in enumerate(sequence(path, lines, place)):
            at = f"{place}[{index}]"
            for line in logical(_text(path, text, at)):
                _pip(path, Line(line.text, at), listing, settings)


def _pip(path: Path, line: Line, listing: Listing, settings: list[tuple[str, str]]) -> None:
    try:
        take(line, listing, settings)
    except Misfit as error:
        raise MalformedSource(path, str(error), where=line.where, advice="correct the line") from error


def _conda(path: Path, item: object, where: str, requested: bool | None) -> Package:
    match = _SPEC.fullmatch(_text(path, item, where).strip())
    if match is None:
        raise MalformedSource(
            path, "no spec of a conda package", where=where, advice="write name, or name>=version"
        )
    inner = {
        found["name"]: found["value"].strip("'\"") for found in _BRACKET.finditer(match["bracket"] or "")
    }
    rest = match["rest"].strip() or inner.get("version", "")
    build = inner.get("build")
    version, constraint = None, rest or None
    exact = _EXACT.fullmatch(rest)
    if exact and (exact["operator"] == "==" or exact["build"]) and "*" not in rest:
        version, constraint, build = exact["version"], None, exact["build"] or build
    named = (match["channel"] or "").rstrip(":") or inner.get("channel")
    channel = channel_name(named) if named else None
    name = safe_text(match["name"])
    return Package(
        identifier=f"{name}@{version}" if version else name,
        name=name,
        environment=ENVIRONMENT,
        version=version,
        constraint=safe_text(constraint) if constraint else None,
        build=build if version or inner.get("build") else None,
        channel=channel,
        purl=conda_purl(name, version, build if version else None, channel, inner.get("subdir")),
        requested=requested,
        digests=tuple(f"{kind}:{inner[kind]}" for kind in ("md5", "sha256") if kind in inner),
    )
