"""What a user means by a reference to a run."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from recup_kg.errors import UnknownRun
from recup_kg.store.registry import Entry, Kind

LATEST = "@latest"
_SHOWN = 5
_PREFIX = re.compile(r"[0-9a-f]{4,64}")


def resolve(reference: str, known: Sequence[Entry], kinds: Collection[Kind]) -> Entry:
    """The entry of one of the kinds that is meant by an IRI, `@latest`, a name, the start of an id, or a source file.

    Tried in that order. Raises `UnknownRun` where none or several are meant.
    """
    joined = {graph for entry in known for graph in entry.members}
    possible = [
        entry
        for entry in known
        if entry.kind in kinds and (entry.graph not in joined or entry.graph == reference)
    ]
    if not possible:
        raise UnknownRun(
            f"the store has no {' or '.join(kind for kind in kinds if kind != 'fusion')} yet: recup ingest FILE"
        )
    if reference == LATEST:
        return max(possible, key=lambda entry: entry.position)
    for found in (
        [entry for entry in possible if reference == entry.graph],
        [entry for entry in possible if reference == entry.described],
        [entry for entry in possible if entry.name == reference],
        _by_prefix(reference, possible),
        _by_file(reference, possible, known),
    ):
        if found:
            return _only(reference, found)
    raise UnknownRun(_unknown(reference, possible))


def _by_prefix(reference: str, possible: Sequence[Entry]) -> list[Entry]:
    if not _PREFIX.fullmatch(reference):
        return []
    return [entry for entry in possible if any(_id(i).startswith(reference) for i in _iris(entry))]


def _by_file(reference: str, possible: Sequence[Entry], known: Sequence[Entry]) -> list[Entry]:
    path = Path(reference)
    sources = {entry.graph: entry for entry in known}
    named = [entry for entry in possible if path.name in _sources(entry, sources, "file_name")]
    if not path.is_file():
        return named
    try:
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise UnknownRun(f"{reference}: {error.strerror}; name the run another way") from error
    same = [entry for entry in possible if sha256 in _sources(entry, sources, "source_sha256")]
    if named and not same:
        raise UnknownRun(
            f"{reference} is not the file that was ingested as {_names(named)}: it has changed since; "
            "ingest it again, or use the name"
        )
    return same


def _sources(entry: Entry, known: Mapping[str, Entry], what: str) -> set[str | None]:
    """The names or hashes of the source files of a run."""
    return {getattr(known[graph], what) for graph in entry.graphs if graph in known}


def _only(reference: str, found: Sequence[Entry]) -> Entry:
    if len(found) > 1:
        raise UnknownRun(f"{reference} can mean {_names(found)}: use one of these names")
    return found[0]


def _unknown(reference: str, possible: Sequence[Entry]) -> str:
    if Path(reference).is_file():
        return f"{reference} is not in the store: recup ingest {reference}"
    near = difflib.get_close_matches(reference, [entry.name for entry in possible], n=_SHOWN, cutoff=0.5)
    if near:
        return f"no run {reference!r} in the store; near: {', '.join(near)}"
    return f"no run {reference!r} in the store; it has {_names(possible)}"


def _names(found: Sequence[Entry]) -> str:
    names = [entry.name for entry in found[:_SHOWN]]
    more = len(found) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


def _iris(entry: Entry) -> tuple[str, str]:
    return entry.described, entry.graph


def _id(iri: str) -> str:
    return iri.rsplit("/", 1)[-1]
