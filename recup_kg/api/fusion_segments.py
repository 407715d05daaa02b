"""Traced operations, from the side tables that lie beside the bundles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from recup_kg.api.fusion_rows import Rows
from recup_kg.fuse.facts import Group, Segment
from recup_kg.vocab import part_iri

if TYPE_CHECKING:
    import pyarrow

_NEEDED = ("module", "file", "operation", "length", "start", "end")
_TABLES = """
SELECT ?graph ?group ?hash ?base (GROUP_CONCAT(?column; separator=" ") AS ?columns) WHERE { GRAPH ?graph {
  ?table a recup:SideTable ; recup:contentHash ?hash ; recup:about ?base ; recup:column ?column ; recup:observes ?group .
} } GROUP BY ?graph ?group ?hash ?base"""
_BROKEN = """
SELECT ?graph ?group WHERE { GRAPH ?graph {
  ?gap a recup:Gap ; recup:gapKind recup:UnreadableValue ; recup:where ?where .
  ?group a recup:ProcessGroup .
  FILTER (CONTAINS(UCASE(?where), "DXT"))
} }"""


def segments_of(
    rows: Rows, groups: Iterable[Group], tables: Callable[[str], pyarrow.Table | None]
) -> tuple[dict[str, tuple[Segment, ...]], dict[str, frozenset[str]], frozenset[str]]:
    """The traced operations of each process group, the hosts that they name, and the groups whose trace could not be read."""
    starts = {group.iri: group.start for group in groups}
    unreadable = {str(row["group"]) for row in rows(_BROKEN)}
    found: dict[str, list[Segment]] = defaultdict(list)
    for row in rows(_TABLES):
        group = str(row["group"])
        if not set(_NEEDED) <= set(str(row["columns"]).split()):
            continue
        table, start = tables(str(row["hash"])), starts.get(group)
        if table is None or start is None:
            unreadable.add(group)
            continue
        found[group] += _segments(table, start, str(row["base"]))
    hosts = {
        group: frozenset(item.host for item in segments if item.host) for group, segments in found.items()
    }
    return (
        {group: tuple(sorted(items, key=_key)) for group, items in sorted(found.items())},
        hosts,
        frozenset(unreadable),
    )


def _key(item: Segment) -> tuple[float, float, str, str, int]:
    return item.start, item.end, item.file, item.operation, item.length


def _segments(table: pyarrow.Table, group_start: float, base: str) -> Iterator[Segment]:
    """The rows of a table; a time in it is in seconds since the start of the process group."""
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    count = table.num_rows
    empty = [None] * count
    files = {file: part_iri(base, "file", str(file)) for file in set(columns["file"])}
    for module, file, operation, length, start, end, thread, host in zip(
        columns["module"],
        columns["file"],
        columns["operation"],
        columns["length"],
        columns["start"],
        columns["end"],
        columns.get("thread", empty),
        columns.get("host", empty),
        strict=True,
    ):
        if start is None or end is None:
            continue
        yield Segment(
            module, files[file], operation, length or 0, group_start + start, group_start + end, thread, host
        )
