"""What joins the sources of one run: a graph of its own, so that each source can be read again alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from recup_kg.api.access import Access
from recup_kg.api.convert import Converted
from recup_kg.api.fusion import RunName, fuse
from recup_kg.api.plan import Work, run_name
from recup_kg.api.scratch import Scratch
from recup_kg.api.values import Refused
from recup_kg.errors import UnknownRun
from recup_kg.fuse.fingerprint import DEFAULT
from recup_kg.rdf.graph import Graph
from recup_kg.store import Entry
from recup_kg.tables import content_hash, to_arrow

if TYPE_CHECKING:
    import pyarrow

Check = Callable[[Path, Sequence[Graph]], None]


@dataclass(frozen=True, slots=True)
class Joined:
    """The graph that joins the sources of a run, the one that it takes the place of, and sources that only that one joined."""

    graph: Graph
    replaces: str | None = None
    obsolete: tuple[str, ...] = ()


def join(
    access: Access,
    work: Work,
    converted: Sequence[Converted],
    refused: Sequence[Refused],
    check: Check | None,
    configuration: Collection[str] = DEFAULT,
) -> Joined:
    """Join sources with each other and, where the user names a run that is there, with those that it has.

    `configuration` names the facts of the fingerprint (`recup_kg.fuse.fingerprint.FACTS`).
    """
    name = work.name or run_name(work.origin)
    own = {item.graph.name for item in converted}
    before = _before(access, work, name, own, {item.described for item in converted})
    kept = [graph for graph in _members(before) if work.extends and graph not in own]
    tables = {content_hash(table): table for item in converted for table in item.tables}

    def table(content: str) -> pyarrow.Table | None:
        if content in tables:
            return to_arrow(tables[content])
        return access.reading().table(content) if access.exists else None

    with Scratch() as scratch:
        for item in converted:
            scratch.load("".join(item.graph.lines).encode())
        for graph in kept:
            scratch.load_graph(graph, access.reading().ntriples(graph))
        joining = fuse(
            scratch.select,
            (*own, *kept),
            RunName(name, before.described if before else None),
            table,
            [(Path(item.source), item.error) for item in refused],
            work.unrecognised,
            configuration,
        )
    if check is not None:
        check(work.origin, (joining,))
    gone = tuple(member for member in _members(before) if member not in own and member not in kept)
    replaces = before.graph if before and before.kind == "fusion" else None
    return Joined(joining, replaces, gone)


def _before(access: Access, work: Work, name: str, graphs: set[str], described: set[str]) -> Entry | None:
    """The run that is there already: the one of that name, if it is meant to grow or tells of the same."""
    if not access.exists:
        return None
    try:
        entry = access.reading().resolve(name)
    except UnknownRun:
        return None
    if entry.name != name:
        return None
    same = bool(graphs & set(entry.graphs)) or entry.described in described
    return entry if work.extends or (same and entry.kind == "fusion") else None


def _members(entry: Entry | None) -> tuple[str, ...]:
    if entry is None:
        return ()
    return entry.members if entry.kind == "fusion" else (entry.graph,)
