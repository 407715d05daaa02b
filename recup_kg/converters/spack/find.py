"""`spack find`, plain or with -l, -L, -v, -f, -N, -p, -d; of a job's output that holds it the rest is left alone.

https://spack.readthedocs.io/en/latest/basic_usage.html#spack-find. A package of an environment was asked for where it is a
root spec.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from recup_kg.converters.packages import ENVIRONMENT, Listing, evidence, safe_text, snapshot
from recup_kg.converters.sources import read_text
from recup_kg.converters.spack.parts import NAME, VERSION, Misfit, Spec, parse
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import Package

_GROUP = re.compile(r"-- (?P<architecture>[^\s/]+) / (?P<compiler>\S.*?) -+[ \t]*")
_HEADING = re.compile(r"==> (?P<text>.*?)[ \t]*")
_ROOTS = re.compile(r"(?:\d+ )?[Rr]oot specs?")
_COUNT = re.compile(r"(?P<count>\d+) (?:installed|loaded) packages?(?: .*)?")
_ENTRY = re.compile(
    # A name can have seven letters too: a hash stands before a name.
    r"(?:\[[^\]]\][ \t]+|-[ \t]+)?(?:(?P<hash>[a-z0-9]{7}|[a-z0-9]{32}|-{7}|-{32})[ \t]+(?=\w[\w.-]*(?:[@~+%/\s]|$)))?"
    r"(?P<spec>\S.*?)(?:[ \t]{2,}(?P<path>/\S.*))?[ \t]*"
)
# Whether it is installed, which spack prints before a spec.
_STATUS = re.compile(r"(?<!\S)(?:\[[^\]]\]|-)[ \t]+")
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(slots=True)
class _Found:
    roots: list[Spec] = field(default_factory=list)
    root_texts: list[str] = field(default_factory=list)
    packages: list[tuple[str, Package]] = field(default_factory=list)
    environment: str | None = None
    counts: list[int] = field(default_factory=list)
    used: int = 0


def has_block(text: str) -> bool:
    """Whether a list of `spack find` is in the text: the heading of a group, and a package below it."""
    lines = _ANSI.sub("", text).splitlines()
    return any(
        _GROUP.fullmatch(line) and next(_packages(after, None, None, None), None) is not None
        for line, after in itertools.pairwise(lines)
    )


def read(path: Path) -> Evidence:
    """The packages. Raises `MalformedSource`."""
    lines = _ANSI.sub("", read_text(path)).splitlines()
    found = _Found()
    _walk(lines, found)
    if not found.packages:
        raise MalformedSource(path, "no package of spack find in it", advice="run spack find again")
    listing = Listing(path)
    for where, package in found.packages:
        listing.add(replace(package, requested=_requested(package, found)), where)
    if found.counts and sum(found.counts) != len(found.packages):
        comment = f"It says that it lists {sum(found.counts)} packages, and lists {len(found.packages)}."
        listing.gap("ConflictingValue", "the heading", comment)
    rest = sum(1 for line in lines if line.strip()) - found.used
    if rest > 0:
        listing.gap("UnmappedField", "around the list", f"{rest} lines are no part of what spack find lists.")
    about = snapshot(
        "packages that spack finds",
        "spack",
        name=found.environment,
        settings=tuple(("root", text) for text in found.root_texts),
    )
    return evidence(
        path,
        (about, *listing.packages.values()),
        listing.gaps,
        converter=NAME,
        version=VERSION,
        form="spack find",
        label=f"spack find: {len(found.packages)} packages",
        layer="SystemLayer",
    )


def _walk(lines: Sequence[str], found: _Found) -> None:
    group: tuple[str, str | None] | None = None
    roots = False
    for number, line in enumerate(lines, 1):
        if heading := _HEADING.fullmatch(line):
            group, roots = None, False
            roots = _heading(heading["text"], found)
        elif match := _GROUP.fullmatch(line):
            group, roots = (match["architecture"], _compiler(match["compiler"])), False
            found.used += 1
        elif not line.strip():
            roots = roots and not found.roots
        elif roots:
            roots = _root(line, found)
        elif group is not None:
            packages = list(_packages(line, *group, _parent(found)))
            found.packages += [(f"line {number}", package) for package in packages]
            found.used += bool(packages) or line.lstrip().startswith("^")
            group = group if packages or line.lstrip().startswith("^") else None


def _parent(found: _Found) -> Package | None:
    return found.packages[-1][1] if found.packages else None


def _heading(text: str, found: _Found) -> bool:
    """Keep what a heading says; whether root specs follow."""
    environment = re.fullmatch(r"In environment (\S+)", text)
    count = _COUNT.fullmatch(text)
    known = _ROOTS.fullmatch(text) or text in ("Installed packages", "No root specs")
    if environment:
        found.environment = safe_text(environment[1])
    elif count:
        found.counts.append(int(count["count"]))
    found.used += bool(environment or count or known)
    return bool(_ROOTS.fullmatch(text))


def _compiler(text: str) -> str | None:
    if text == "no compilers":
        return None
    return safe_text(re.sub(r"(?:^|(?<=\s))%?(?:[\w,]+=)?(?=[\w-]+@)", "", text))


def _root(line: str, found: _Found) -> bool:
    """Add the root specs of a line; False where it has none."""
    for cell in re.split(r"[ \t]{2,}", _STATUS.sub("", line).strip()):
        match = _ENTRY.fullmatch(cell)
        try:
            if match is None:
                return False
            found.roots.append(parse(match["spec"].partition("^")[0]))
        except Misfit:
            return False
        found.root_texts.append(safe_text(match["spec"]))
    found.used += 1
    return True


def _packages(
    line: str, architecture: str | None, compiler: str | None, parent: Package | None
) -> Iterator[Package]:
    """The packages of a line, one or several in columns; none where it is something else."""
    text = _STATUS.sub("", line).strip()
    if text.startswith("^") or not text:
        return
    whole = _package(text, architecture, compiler)
    cells = (
        [whole]
        if whole
        else [_package(cell, architecture, compiler) for cell in re.split(r"[ \t]{2,}", text)]
    )
    if all(cells):
        yield from (cell for cell in cells if cell is not None)


def _package(text: str, architecture: str | None, compiler: str | None) -> Package | None:
    """A concrete package: it has a version."""
    match = _ENTRY.fullmatch(text)
    if match is None:
        return None
    try:
        spec = parse(match["spec"])
    except Misfit:
        return None
    if spec.version is None:
        return None
    digits = match["hash"] if match["hash"] and not match["hash"].startswith("-") else spec.hash
    version = safe_text(spec.version.removeprefix("="))
    return Package(
        identifier=safe_text(f"{spec.name}@{version}" + (f"/{digits}" if digits else "")),
        name=spec.name,
        environment=ENVIRONMENT,
        version=version,
        location=safe_text(match["path"]) if match["path"] else None,
        compiler=_full(spec.compiler, compiler),
        variants=spec.options,
        architecture=spec.architecture or architecture,
        namespace=spec.namespace,
        build_hash=digits,
    )


def _full(own: str | None, group: str | None) -> str | None:
    """The compiler of a package, with the version that its group tells where itself has none."""
    return group if own is None or (group or "").startswith(f"{own}@") else own


def _requested(package: Package, found: _Found) -> bool | None:
    """Whether a package is a root spec; None where there are none, or where several packages could be the one."""
    if not found.roots:
        return None
    roots = [root for root in found.roots if root.name == package.name]
    if not roots:
        return False
    alike = {(other.version, other.build_hash) for _, other in found.packages if other.name == package.name}
    if any(root.version is not None and root.version.removeprefix("=") == package.version for root in roots):
        return True
    return True if len(alike) == 1 else None
