"""Reads what spack tells of its packages: `spack.yaml`, `spack.lock`, and `spack find`, also in the output of a job.

https://spack.readthedocs.io/en/latest/environments.html. `spack.yaml` has specs that were asked for, so their versions are
constraints; the lock file (versions 1 to 6) and `spack find` have concrete ones. There is no type of purl for spack, so
none is stated.
"""

from __future__ import annotations

import re
from pathlib import Path

from recup_kg.converters.sources import head
from recup_kg.converters.spack import find, lock, manifest
from recup_kg.converters.spack.parts import NAME, VERSION
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence

__all__ = ["NAME", "VERSION", "read", "sniff"]

_LOCK = re.compile(rb'"file-type"\s*:\s*"spack-lockfile"')
_MANIFEST = re.compile(rb"(?:[ \t]*(?:#[^\n]*)?\r?\n)*(?:spack|env):[ \t]*(?:#[^\n]*)?\r?\n[ \t]+\S")


def sniff(path: Path) -> bool:
    """Whether the file is of one of the three forms."""
    return _form(path) is not None


def read(path: Path) -> Evidence:
    """The packages. Raises `MalformedSource`."""
    form = _form(path)
    if form == "manifest":
        return manifest.read(path)
    if form == "lock":
        return lock.read(path)
    if form == "find":
        return find.read(path)
    raise MalformedSource(
        path, "nothing that spack lists", advice="name spack.yaml, spack.lock or the output of spack find"
    )


def _form(path: Path) -> str | None:
    start = head(path)
    if b"\0" in start:
        return None
    plain = start.removeprefix(b"\xef\xbb\xbf")
    if plain.lstrip()[:1] == b"{":
        return (
            "lock"
            if _LOCK.search(plain[:4096]) or (b'"concrete_specs"' in plain and b'"roots"' in plain)
            else None
        )
    if _MANIFEST.match(plain):
        return "manifest"
    return "find" if find.has_block(plain.decode(errors="replace")) else None
