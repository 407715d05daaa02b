"""The side tables of a log: traces, heat maps, and the storage targets of Lustre layouts in order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from recup_kg.converters.darshan.log import Log, Operations, Trace
from recup_kg.records import SideTable
from recup_kg.redaction import redact_text

_DXT = (
    "module",
    "host",
    "rank",
    "file",
    "operation",
    "segment",
    "offset",
    "length",
    "start",
    "end",
    "thread",
    "tag",
)
_HEATMAP = ("heatmap", "rank", "bin", "start", "end", "read", "written")
_LUSTRE = ("file", "rank", "component", "position", "target", "pool")
_MOMENTS = (("start", "SEC"), ("end", "SEC"))


def side_tables(log: Log, group: str) -> tuple[SideTable, ...]:
    """The tables that are not empty."""
    made = (
        SideTable(
            "dxt",
            "traced reads and writes",
            "Each read and write that DXT traced; times in seconds since the process group's start.",
            _columns(_DXT, _segments(log)),
            (("offset", "BYTE"), ("length", "BYTE"), *_MOMENTS),
            group,
        ),
        SideTable(
            "heatmap",
            "bytes over time",
            "Bytes that each rank moved in each bin of time; times in seconds since the process group's start.",
            _columns(_HEATMAP, _bins(log)),
            (*_MOMENTS, ("read", "BYTE"), ("written", "BYTE")),
            group,
        ),
        SideTable(
            "lustre",
            "storage targets of Lustre layouts",
            "The object storage targets over which each component of a file's layout is striped, in order.",
            _columns(_LUSTRE, _targets(log)),
            (),
            group,
        ),
    )
    return tuple(table for table in made if next(iter(table.columns.values())))


def _columns(names: Sequence[str], parts: Iterator[Sequence[Sequence[object]]]) -> dict[str, list[object]]:
    """Columns of parts that are columns themselves."""
    columns: dict[str, list[object]] = {name: [] for name in names}
    for part in parts:
        for name, values in zip(names, part, strict=True):
            columns[name].extend(values)
    return columns


def _segments(log: Log) -> Iterator[Sequence[Sequence[object]]]:
    for trace in log.traces:
        for operation, operations in (("write", trace.written), ("read", trace.read)):
            yield _segment(trace, operation, operations)


def _segment(trace: Trace, operation: str, part: Operations) -> Sequence[Sequence[object]]:
    count = len(part.length)
    same = (trace.module, trace.host or None, trace.rank, str(trace.identifier), operation)
    tags = [None if tag is None else redact_text(tag) for tag in part.tag]
    return (
        *([value] * count for value in same),
        range(count),
        part.offset,
        part.length,
        part.start,
        part.end,
        part.thread,
        tags,
    )


def _bins(log: Log) -> Iterator[Sequence[Sequence[object]]]:
    for heatmap in log.heatmaps:
        count = len(heatmap.read)
        yield (
            [log.names.get(heatmap.identifier, str(heatmap.identifier))] * count,
            [heatmap.rank] * count,
            range(count),
            [number * heatmap.width for number in range(count)],
            [(number + 1) * heatmap.width for number in range(count)],
            heatmap.read,
            heatmap.written,
        )


def _targets(log: Log) -> Iterator[Sequence[Sequence[object]]]:
    for record in log.records:
        count = len(record.osts)
        yield (
            [str(record.identifier)] * count,
            [record.rank] * count,
            [record.component] * count,
            range(count),
            record.osts,
            [record.pool] * count,
        )
