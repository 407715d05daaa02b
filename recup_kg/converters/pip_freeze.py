"""Reads pip's requirements: `pip freeze`, `pip list --format freeze`, requirements and constraints files, lists of name==version.

https://pip.pypa.io/en/stable/reference/requirements-file-format/ and
https://packaging.python.org/en/latest/specifications/dependency-specifiers/.
`name==1.0` is a version, anything else a constraint. Whether such a list was installed or asked for can't be seen in it, so neither
is stated. Files that `-r` and `-c` name are other sources. Lists of conda packages are written so too: where a name can't be one of
PyPI, or a comment speaks of conda, no purl is stated.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement

from recup_kg.converters.packages import (
    ENVIRONMENT,
    Listing,
    evidence,
    pypi_purl,
    safe_text,
    snapshot,
    url_digests,
)
from recup_kg.converters.sources import head, read_text
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import Package

NAME = "pip-freeze"
VERSION = "1"

_NAMED = re.compile(
    r"(?:.*[-_.])?(?:requirements|constraints|freeze)(?:[-_.].*)?\.(?:txt|in|out)", re.IGNORECASE
)
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?")
_PINNED = re.compile(r"(?P<name>[A-Za-z0-9_][A-Za-z0-9._-]*)[ \t]*={2,3}[ \t]*(?P<version>[^\s,;#=<>!~*]+)")
_OPTION = re.compile(
    r"(?:-[rcife]|--(?:requirement|constraint|index-url|extra-index-url|no-index|find-links|no-binary|only-binary|prefer-binary"
    r"|require-hashes|pre|trusted-host|use-feature|editable|config-settings|global-option))(?=[\s=]|$|[^-\s])"
)
_URL = re.compile(r"(?:(?:git|hg|svn|bzr)\+)?[A-Za-z][A-Za-z0-9.+-]*://\S+|git@\S+")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$")
_HASH = re.compile(r"--hash[= ](?P<algorithm>[A-Za-z0-9]+):(?P<digest>[0-9a-fA-F]+)")
_VCS_NOTE = re.compile(
    r"# Editable (?:Git|Hg|Svn|Bzr|install).*?\(?(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^\s)]+)\)?"
)


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    where: str
    note: str = ""


class _Misfit(Exception):
    """The line is no requirement."""


def sniff(path: Path) -> bool:
    """Whether all lines are requirements and some has a version (`name==1`, a URL), or the file is named as such."""
    start = head(path)
    if b"\0" in start:
        return False
    whole = len(start) < 65536
    text = start.decode("utf-8-sig", errors="replace")
    lines = list(_logical(text if whole else text.rpartition("\n")[0]))
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
    for line in _logical(text):
        try:
            _take(line, listing, settings)
        except _Misfit as error:
            raise MalformedSource(
                path,
                str(error),
                where=line.where,
                advice="correct the line, or make the list again: pip freeze",
            ) from error
    if not listing.packages and not settings:
        raise MalformedSource(path, "no requirement in it", advice="make the list again: pip freeze")
    about = snapshot("packages as pip's requirements list them", settings=tuple(settings))
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


def _logical(text: str) -> Iterator[_Line]:
    """The lines that say something: joined at a backslash, without comments; a comment of pip freeze before as the note."""
    note, joined, first = "", "", 0
    for number, line in enumerate(text.splitlines(), 1):
        first = first or number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            joined += line[:-1] + " "
            continue
        stripped = _COMMENT.sub("", joined + line).strip()
        if stripped:
            yield _Line(stripped, f"line {first}", note)
            note = ""
        elif line.lstrip().startswith("# Editable"):
            note = line.strip()
        joined, first = "", 0
    if joined.strip():
        yield _Line(joined.strip(), f"line {first}", note)


def _is_strong(text: str) -> bool:
    return bool(
        _PINNED.match(text)
        or re.match(r"-e[ \t]+\S+[#&]egg=|-e[ \t]+(?:git|hg|svn|bzr)\+", text)
        or re.match(r"[A-Za-z0-9_][\w.-]*(?:\[[\w., -]*\])?[ \t]+@[ \t]+[a-z+]+:/", text)
    )


def _is_requirement(text: str) -> bool:
    try:
        _take(_Line(text, ""), Listing(Path()), [])
    except _Misfit:
        return False
    return True


def _take(line: _Line, listing: Listing, settings: list[tuple[str, str]]) -> None:
    text = line.text
    if text.startswith(("-e", "--editable")):
        target = re.sub(r"^(?:-e|--editable)[= \t]*", "", text)
        listing.add(_from_url(target, line, editable=True), line.where)
    elif text.startswith("-"):
        _option(text, listing, settings, line.where)
    elif _URL.fullmatch(text.split()[0]):
        listing.add(_from_url(text, line, editable=False), line.where)
    else:
        listing.add(_requirement(text), line.where)


def _option(text: str, listing: Listing, settings: list[tuple[str, str]], where: str) -> None:
    if not _OPTION.match(text):
        raise _Misfit("neither a requirement nor an option of pip")
    name, _, value = re.sub(r"[= \t]+", " ", text, count=1).partition(" ")
    if not text.startswith("--") and len(name) > 2:
        name, value = name[:2], name[2:]
    settings.append((name, safe_text(value.strip())))
    if name in ("-r", "--requirement", "-c", "--constraint"):
        listing.gap(
            "NotCaptured", where, f"The file that {name} names is another source.", value=value.strip()
        )


def _requirement(text: str) -> Package:
    digests = tuple(
        f"{match['algorithm'].lower()}:{match['digest'].lower()}" for match in _HASH.finditer(text)
    )
    bare = re.split(r"\s--(?:hash|config-settings|global-option|config-setting)\b", text, maxsplit=1)[
        0
    ].strip()
    try:
        said = Requirement(bare)
    except InvalidRequirement:
        return _unusual(bare, digests)
    versions = list(said.specifier)
    pinned = (
        len(versions) == 1
        and versions[0].operator in ("==", "===")
        and not versions[0].version.endswith(".*")
    )
    version = versions[0].version if pinned else None
    constraint = str(said.specifier) if versions and not pinned else None
    url = said.url or ""
    name = safe_text(said.name)
    return Package(
        identifier=f"{name}@{version}" if version else name,
        name=name,
        environment=ENVIRONMENT,
        version=version,
        constraint=constraint,
        # A package of a URL or a local file is not the one that the index has under that name.
        purl=pypi_purl(name, version) if not url else None,
        digests=(*digests, *url_digests(urlsplit(url).fragment)),
        source_url=safe_text(url) or None,
        extras=tuple(sorted(said.extras)),
        marker=safe_text(str(said.marker)) if said.marker else None,
    )


def _unusual(text: str, digests: tuple[str, ...]) -> Package:
    """A pinned package whose name or version is of another ecosystem: `_libgcc_mutex==0.1`, `openssl==1.1.1w`."""
    match = _PINNED.fullmatch(text)
    if match is None:
        raise _Misfit("no requirement as pip spells it")
    name, version = safe_text(match["name"]), safe_text(match["version"])
    return Package(f"{name}@{version}", name, ENVIRONMENT, version, digests=digests)


def _from_url(text: str, line: _Line, *, editable: bool) -> Package:
    """A package of which only the place is told; its name is that of `#egg=`, or of the comment that pip freeze puts above."""
    words = _words(text)
    target = words[0] if words else ""
    fragment = urlsplit(target).fragment if "://" in target else target.partition("#")[2]
    egg = re.search(r"(?:^|&)egg=([^&\[]+)", unquote(fragment))
    wheel = (
        re.search(r"/([^/]+?)-([^/-]+)(?:-[^/]+)?\.whl$", urlsplit(target).path) if "://" in target else None
    )
    note = _VCS_NOTE.match(line.note)
    if not target:
        raise _Misfit("an option of pip without its value")
    name, version = target.partition("#")[0], None
    if egg:
        name = egg[1]
    elif note:
        name, version = note["name"], note["version"]
    elif wheel:
        name, version = unquote(wheel[1]), unquote(wheel[2])
    location = None if "://" in target or target.startswith("git@") else safe_text(target)
    shown = safe_text(name)
    return Package(
        identifier=f"{shown}@{version}" if version else shown,
        name=shown,
        environment=ENVIRONMENT,
        version=version,
        location=location,
        source_url=safe_text(target) if location is None else None,
        digests=url_digests(fragment),
        editable=editable,
    )


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()
