"""Converters: one module or package of this folder for each format, found by looking into the folder.

A converter has `NAME`, `VERSION`, `sniff(path) -> bool`, `read(path)`, which gives a `Trace` (a task graph) or `Evidence`
(anything else), `members(path)` where a source of its format is several files, `write(trace) -> bytes` where its format can be
written, and `locate(version, kind, identifier, predicate) -> str` where it can say which place in a file a fact came from.
The first line of its docstring says what the format is.
"""

from __future__ import annotations

import importlib
import pkgutil
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Protocol, cast, runtime_checkable

from recup_kg.errors import MalformedSource, UnknownFormat, UsageError
from recup_kg.evidence import Evidence
from recup_kg.records import Trace


@runtime_checkable
class Converter(Protocol):
    """What a module of this folder offers."""

    NAME: str
    VERSION: str

    def sniff(self, path: Path) -> bool:
        """Whether the file looks like one of this format; reads no more than its ends."""
        ...

    def read(self, path: Path) -> Trace | Evidence:
        """The records of the file, or of the source that the file belongs to. Raises `MalformedSource`."""
        ...


@runtime_checkable
class Gatherer(Protocol):
    """What a converter offers whose sources are several files."""

    def members(self, path: Path) -> tuple[Path, ...]:
        """All files that `read(path)` reads, `path` among them."""
        ...


@runtime_checkable
class Exporter(Protocol):
    """What a converter offers whose format can be written."""

    NAME: str

    def write(self, trace: Trace) -> bytes:
        """The trace in this format."""
        ...


@runtime_checkable
class Locator(Protocol):
    """What a converter offers that knows where in a file a fact stands."""

    def locate(self, version: str, kind: str, identifier: str, predicate: str | None) -> str:
        """The place of a property (an IRI; None for the whole thing) of a thing in a file of that version."""
        ...


@cache
def converters() -> dict[str, Converter]:
    """All converters, by the name of their format."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = (importlib.import_module(f"{__name__}.{name}") for name in names)
    found = (cast(Converter, module) for module in modules if isinstance(module, Converter))
    return {converter.NAME: converter for converter in found}


def titles() -> dict[str, str]:
    """What each format is: the first line of its converter's documentation, by name."""
    return {name: _title(converter) for name, converter in converters().items()}


def converter_named(name: str) -> Converter:
    """The converter of a format. Raises `UsageError` where there is none."""
    try:
        return converters()[name]
    except KeyError:
        near = get_close_matches(name, converters(), n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "recup formats lists them"
        raise UsageError(f"no format {name!r}; {hint}") from None


def exporter_named(name: str) -> Exporter:
    """The converter that can write a format. Raises `UsageError` where there is none."""
    found = {name: item for name, item in converters().items() if isinstance(item, Exporter)}
    if name not in found:
        raise UsageError(f"no export format {name!r}; there are: {', '.join(found)}")
    return found[name]


def locator_of(name: str) -> Locator | None:
    """The converter of a format, if it can say where in a file a fact stands."""
    found: object = converters().get(name)
    return found if isinstance(found, Locator) else None


def members(converter: Converter, path: Path) -> tuple[Path, ...]:
    """The files that belong to the source that a file of it names."""
    found: object = converter
    return found.members(path) if isinstance(found, Gatherer) else (path,)


def recognise(path: Path) -> Converter | None:
    """The converter that recognises a file, or None."""
    return next((converter for converter in converters().values() if converter.sniff(path)), None)


def detect(path: Path, forced: str | None = None) -> Converter:
    """The converter for a file, or the one of the `forced` format.

    Raises `MalformedSource` for a missing, empty or unreadable file and for a folder, `UnknownFormat` where no converter
    recognises it.
    """
    _readable(path)
    if forced is not None:
        return converter_named(forced)
    converter = recognise(path)
    if converter is not None:
        return converter
    raise UnknownFormat(
        path, "not a file that RECUP-KG reads", advice="'recup formats' lists what it reads, --from names one"
    )


def _title(converter: Converter) -> str:
    return " ".join((converter.__doc__ or "").strip().split("\n\n")[0].split())


def _readable(path: Path) -> None:
    if path.is_dir():
        raise MalformedSource(path, "a folder, not a file", advice="name the files in it")
    if not path.exists():
        raise MalformedSource(path, "no such file", advice="check the path")
    try:
        with path.open("rb") as stream:
            start = stream.read(1)
    except OSError as error:
        raise MalformedSource(
            path, f"can't be read: {error.strerror}", advice="check its permissions"
        ) from error
    if not start:
        raise MalformedSource(path, "the file is empty", advice="export the trace again")
