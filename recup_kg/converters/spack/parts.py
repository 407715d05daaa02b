"""Specs of spack, as people and spack write them (https://spack.readthedocs.io/en/latest/spec_syntax.html)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from recup_kg.converters.packages import clean_pairs, safe_text

NAME = "spack"
VERSION = "1"

_VALUE = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^\s\"'^%/]+"
_VERSION = r"=?[A-Za-z0-9_.][\w.,:=-]*|:[\w.]*(?:[,:=][\w.:=-]*)*"
_TOKEN = re.compile(
    rf"\s*(?:@(?P<version>{_VERSION})"
    rf"|(?P<key>[A-Za-z_][\w-]*)(?P<equals>:?==?)(?P<value>{_VALUE})"
    rf"|%%?(?P<compiler>\[[^\]]*\]\s*[\w.-]+|(?:[\w,]+=)?[\w.-]+)(?:@(?P<compiler_version>{_VERSION}))?"
    r"|(?P<sign>\+\+?|~~?|(?<=\s)--?)(?P<flag>[A-Za-z0-9_][\w-]*)"
    r"|/(?P<hash>[a-z0-9]+)"
    r"|(?P<name>[A-Za-z0-9_][\w-]*(?:\.[A-Za-z0-9_][\w-]*)*))"
)
_ARCHITECTURE = ("arch", "architecture", "platform", "os", "operating_system", "target")


class Misfit(Exception):
    """The text is no spec."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A spec in its parts; `version` as it stands after `@`, `options` with `true` and `false` for `+` and `~`."""

    name: str
    namespace: str | None
    version: str | None
    compiler: str | None
    options: tuple[tuple[str, str], ...]
    architecture: str | None
    hash: str | None


def parse(text: str) -> Spec:
    """The parts of a spec without its dependencies. Raises `Misfit`."""
    found: dict[str, str] = {}
    options: list[tuple[str, str]] = []
    compilers: list[str] = []
    architecture: list[tuple[str, str]] = []
    at, stripped = 0, text.strip()
    while at < len(stripped):
        match = _TOKEN.match(stripped, at)
        if match is None or (match["name"] and at > 0):
            raise Misfit(f"no spec of spack from character {at + 1} on")
        at = match.end()
        if match["key"]:
            value = match["value"].strip("\"'")
            (architecture if match["key"] in _ARCHITECTURE else options).append((match["key"], value))
        elif match["flag"]:
            options.append((match["flag"], "true" if match["sign"][0] == "+" else "false"))
        elif match["compiler"]:
            version = f"@{match['compiler_version']}" if match["compiler_version"] else ""
            compilers.append(match["compiler"] + version)
        else:
            for part in ("name", "version", "hash"):
                if match[part]:
                    found[part] = match[part]
    full = found.get("name")
    if full is None:
        raise Misfit("a spec without the name of a package")
    namespace, _, name = full.rpartition(".")
    return Spec(
        name=safe_text(name),
        namespace=namespace or None,
        version=found.get("version"),
        compiler=safe_text(" ".join(compilers)) or None,
        options=clean_pairs(options),
        architecture=_joined(architecture),
        hash=found.get("hash"),
    )


def _joined(parts: list[tuple[str, str]]) -> str | None:
    if len(parts) == 1 and parts[0][0] in ("arch", "architecture"):
        return parts[0][1]
    return " ".join(f"{name}={value}" for name, value in parts) or None
