"""One module for each format of output data, found by looking into this folder.

A format has `NAME`, `SUFFIXES` (of files that should be of it), `sniff(head, path)` over the first bytes, and `read(path)`,
a context
in which its parts can be read.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cache
from pathlib import Path
from typing import Protocol, cast

from recup_kg.results.blocks import Part

TEXT = "text"
"""The format that other formats are written in."""
HEAD = 4096
"""How many bytes `sniff` gets."""


class Format(Protocol):
    """A module of this package."""

    NAME: str
    SUFFIXES: tuple[str, ...]

    def sniff(self, head: bytes, path: Path) -> bool:
        """Whether a file is of the format, by its first bytes."""

    def read(self, path: Path) -> AbstractContextManager[tuple[Part, ...]]:
        """The parts of a file. Raises `MalformedSource`, `MissingExtra`."""


@cache
def formats() -> Mapping[str, Format]:
    """The formats by their names."""
    found = [
        cast(Format, importlib.import_module(f"{__name__}.{module.name}"))
        for module in pkgutil.iter_modules(__path__)
    ]
    return {found_format.NAME: found_format for found_format in sorted(found, key=lambda it: it.NAME)}


def format_of(path: Path) -> Format | None:
    """The format of a file; None where no module knows it. What its name promises and its bytes don't keep is for `read` to
    refuse."""
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    known = formats()
    by_bytes = [found for found in known.values() if found.sniff(head, path)]
    by_name = [found for found in known.values() if path.suffix.lower() in found.SUFFIXES]
    # Tables and documents are text as well: there the name says more than the bytes.
    magic = [found for found in by_bytes if found.NAME != TEXT]
    return next(iter([*magic, *by_name, *by_bytes]), None)
