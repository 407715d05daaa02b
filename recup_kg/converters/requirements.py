"""A line of pip's requirements, as several formats hold it (requirements files, environment.yml, conda-lock)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from packaging.requirements import InvalidRequirement, Requirement

from recup_kg.converters.packages import ENVIRONMENT, Listing, pypi_purl, safe_text, url_digests
from recup_kg.evidence.environment import Package

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
class Line:
    """A logical line, where it stands, and the comment of pip freeze above it."""

    text: str
    where: str
    note: str = ""


class Misfit(Exception):
    """The line is no requirement."""


def logical(text: str) -> Iterator[Line]:
    """The lines that say something: joined at a backslash, without comments; a comment of pip freeze before as the note."""
    note, joined, first = "", "", 0
    for number, line in enumerate(text.splitlines(), 1):
        first = first or number
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            joined += line[:-1] + " "
            continue
        stripped = _COMMENT.sub("", joined + line).strip()
        if stripped:
            yield Line(stripped, f"line {first}", note)
            note = ""
        elif line.lstrip().startswith("# Editable"):
            note = line.strip()
        joined, first = "", 0
    if joined.strip():
        yield Line(joined.strip(), f"line {first}", note)


def take(line: Line, listing: Listing, settings: list[tuple[str, str]]) -> None:
    """Add the package of a line to the listing, or its option to the settings. Raises `Misfit`."""
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
        raise Misfit("neither a requirement nor an option of pip")
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
        raise Misfit("no requirement as pip spells it")
    name, version = safe_text(match["name"]), safe_text(match["version"])
    return Package(f"{name}@{version}", name, ENVIRONMENT, version, digests=digests)


def _from_url(text: str, line: Line, *, editable: bool) -> Package:
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
        raise Misfit("an option of pip without its value")
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
