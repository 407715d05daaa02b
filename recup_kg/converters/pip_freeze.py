"""Reads pip's requirements: `pip freeze`, `pip list --format freeze`, requirements and constraints files, lists of name==version.

https://pip.pypa.io/en/stable/reference/requirements-file-format/ and
https://packaging.python.org/en/latest/specifications/dependency-specifiers/. `name==1.0` is a version, anything else a
constraint. Whether such a list was installed or asked for can't be seen in it, so neither is stated. Files that `-r` and
`-c` name are other sources. Lists of conda packages are written so too: where a name can't be one of PyPI, or a comment
speaks of conda, no purl is stated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from recup_kg.converters.packages import Listing, evidence, snapshot
from recup_kg.converters.requirements import Line, Misfit, logical, take
from recup_kg.converters.sources import head, read_text
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import Package

NAME = "pip-freeze"
VERSION = "1"

_NAMED = re.compile(
    r"(?:.*[-_.])?(?:requirements|constraints|freeze)(?:[-_.].*)?\.(?:txt|in|out)", re.IGNORECASE
)
_PINNED = re.compile(r"(?P<name>[A-Za-z0-9_][A-Za-z0-9._-]*)[ \t]*={2,3}[ \t]*(?P<version>[^\s,;#=<>!~*]+)")


def sniff(path: Path) -> bool:
    """Whether all lines are requirements and some has a version (`name==1`, a URL), or the file is named as such."""
    start = head(path)
    if b"\0" in start:
        return False
    whole = len(start) < 65536
    text = start.decode("utf-8-sig", errors="replace")
    lines = list(logical(text if whole else text.rpartition("\n")[0]))
    if not lines:
        return False
    strong = sum(1 for line in lines if _is_strong(line.text))
    if strong == 0 and not _NAMED.fullmatch(path.name):
        return False
    return all(_is_requirement(line.text) for line in lines)


def read(path: Path) -> Evidence:
    """The packages. Raises `MalformedSource`."""
    listing = Listing(path)
    settings: list[tuple[str, str]] = []
    text = read_text(path)
    for line in logical(text):
        try:
            take(line, listing, settings)
        except Misfit as error:
            raise MalformedSource(
                path,
                str(error),
                where=line.where,
                advice="correct the line, or make the list again: pip freeze",
            ) from error
    if not listing.packages and not settings:
        raise MalformedSource(path, "no requirement in it", advice="make the list again: pip freeze")
    about = snapshot("packages as a list of requirements has them", settings=tuple(settings))
    packages = tuple(listing.packages.values())
    if _is_foreign(text, packages):
        packages = tuple(replace(package, purl=None) for package in packages)
    return evidence(
        path,
        (about, *packages),
        listing.gaps,
        converter=NAME,
        version=VERSION,
        form="requirements",
        label=f"requirements: {len(listing.packages)} packages",
    )


def _is_foreign(text: str, packages: Iterable[Package]) -> bool:
    """Whether the list is not of PyPI, by its comments or by a name that can't be one of PyPI."""
    return any(package.name[:1] == "_" for package in packages) or bool(
        re.search(r"^#.*\b(?:conda|mamba)", text, re.MULTILINE | re.IGNORECASE)
    )


def _is_strong(text: str) -> bool:
    return bool(
        _PINNED.match(text)
        or re.match(r"-e[ \t]+\S+[#&]egg=|-e[ \t]+(?:git|hg|svn|bzr)\+", text)
        or re.match(r"[A-Za-z0-9_][\w.-]*(?:\[[\w., -]*\])?[ \t]+@[ \t]+[a-z+]+:/", text)
    )


def _is_requirement(text: str) -> bool:
    try:
        take(Line(text, ""), Listing(Path()), [])
    except Misfit:
        return False
    return True
