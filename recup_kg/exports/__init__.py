"""What can be written of a bundle: one module or package of this folder for each format, found by looking into the folder.

A format has `NAME`, `MEDIA_TYPE`, `SUFFIX` (of a file name, with its dot), `KINDS` (of bundles that it can write), and
`write(store, entry, options) -> bytes`. The first line of its docstring says what the format is. `CONFORMS_TO` is the IRI of
the specification, where there is one; `EXTRA` the extra of this package that it needs, where it needs one.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import Protocol, cast, runtime_checkable

from recup_kg.errors import UsageError
from recup_kg.store import Entry, Store
from recup_kg.store.registry import Kind


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """How to write: `zipped`, a crate as an archive; `profile` of a crate, else the best that the data fulfil."""

    zipped: bool = False
    profile: str | None = None


PLAIN = ExportOptions()


@runtime_checkable
class ExportFormat(Protocol):
    """What a module of this folder offers."""

    NAME: str
    MEDIA_TYPE: str
    SUFFIX: str
    KINDS: frozenset[Kind]

    def write(self, store: Store, entry: Entry, options: ExportOptions) -> bytes:
        """What the store holds of a bundle in this format. Raises `UsageError` where that can't be."""
        ...


@cache
def formats() -> dict[str, ExportFormat]:
    """All formats, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_")
    modules = (importlib.import_module(f"{__name__}.{name}") for name in names)
    found = (cast(ExportFormat, module) for module in modules if isinstance(module, ExportFormat))
    return {item.NAME: item for item in found}


def format_named(name: str) -> ExportFormat:
    """The format of a name. Raises `UsageError` where there is none."""
    found = formats().get(name)
    if found is None:
        raise UsageError(f"no export format {name!r}; there are: {', '.join(formats())}")
    return found


def write(store: Store, entry: Entry, name: str, options: ExportOptions = PLAIN) -> bytes:
    """What the store holds of a bundle, in a format. Raises `UsageError` where the format can't write it."""
    chosen = format_named(name)
    if entry.kind not in chosen.KINDS:
        fitting = ", ".join(item.NAME for item in formats().values() if entry.kind in item.KINDS)
        raise UsageError(f"{entry.name} is a {entry.kind}, which {name} can't hold; there are: {fitting}")
    return chosen.write(store, entry, options)
