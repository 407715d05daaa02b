"""Every error that a user can meet.

RecupError
├── UsageError            the command or call does not make sense
│   ├── UnknownRun        no run of that name, or several
│   └── UnknownQuery      no query of that name
├── SourceError           an input file can't be used
│   ├── UnknownFormat     no converter recognises it
│   └── MalformedSource   it is of a known format, but broken
├── BundleError           a bundle file is damaged
├── StoreError            a store can't be opened, read or written
│   └── StoreBusy         another process holds the lock
├── QueryError            a SPARQL query is wrong or was refused
├── ShapesError           a shapes graph is wrong
└── MissingExtra          an optional dependency is not installed
"""

from __future__ import annotations

from pathlib import Path


class RecupError(Exception):
    """Base of every error whose message is meant for the user: one line, what is wrong and what to do."""


class UsageError(RecupError):
    """The command or call does not make sense as given."""


class UnknownRun(UsageError):
    """No run is called that, or several are."""


class UnknownQuery(UsageError):
    """No query is called that."""


class SourceError(RecupError):
    """An input file can't be used.

    `where` is the place in the file (a JSON path, a line, a byte offset), or None for the file as a whole.
    """

    def __init__(
        self, source: Path | str, problem: str, *, where: str | None = None, advice: str | None = None
    ) -> None:
        self.source = str(source)
        self.where = where
        self.problem = problem
        self.advice = advice
        super().__init__(_one_line(self.source, where, problem, advice))

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.source, self.problem, self.where, self.advice)


class UnknownFormat(SourceError):
    """No converter recognises the file."""


class MalformedSource(SourceError):
    """The file is of a known format, but broken."""


class BundleError(RecupError):
    """A bundle file is damaged or is not what its name says."""


class StoreError(RecupError):
    """A store can't be opened, read or written."""


class StoreBusy(StoreError):
    """Another process holds the lock of the index."""


class QueryError(RecupError):
    """A SPARQL query is wrong or was refused by the store."""


class ShapesError(RecupError):
    """A shapes graph is wrong."""


class MissingExtra(RecupError):
    """An optional dependency is not installed; the message says how to install it."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed: pip install 'recup-kg[{extra}]'")


def _one_line(source: str, where: str | None, problem: str, advice: str | None) -> str:
    place = f"{source}: {where}" if where else source
    text = f"{place}: {problem}"
    if advice:
        text = f"{text}; {advice}"
    return " ".join(text.split())


def _rebuild(
    kind: type[SourceError], source: str, problem: str, where: str | None, advice: str | None
) -> SourceError:
    return kind(source, problem, where=where, advice=advice)
