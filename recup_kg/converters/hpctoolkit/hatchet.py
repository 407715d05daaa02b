"""CSV that `GraphFrame.dataframe.to_csv()` of Hatchet (https://github.com/hatchet/hatchet) writes: a row for each node and rank.

The call graph is not in it: contexts have no place in a tree. Sums over ranks are made here, for the file has none.
"""

from __future__ import annotations

import ast
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import isfinite
from pathlib import Path

from recup_kg.converters.hpctoolkit.metrics import summed, summed_metric, unique, unit_of
from recup_kg.converters.hpctoolkit.model import (
    RANK,
    THREAD,
    Context,
    Identification,
    Measurement,
    Metric,
    Procedure,
    Profile,
    Values,
    no_values,
    sorted_values,
    whole_gap,
)
from recup_kg.converters.sources import head, read_text
from recup_kg.errors import MalformedSource
from recup_kg.records import Gap

_KNOWN = ("node", "rank", "thread", "nid", "name", "type", "file", "line", "module")
_KINDS = {
    "PF": "procedure",
    "PR": "procedure",
    "Pr": "procedure",
    "C": "call site",
    "L": "loop",
    "S": "line",
    "function": "procedure",
    "loop": "loop",
    "statement": "line",
    "line": "line",
    "entry": "entry",
    "instruction": "instruction",
}
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_SPECIAL = re.compile(r"(?i)[+-]?(?:nan|inf(?:inity)?)")
_ADVICE = "write the graph frame again with dataframe.to_csv()"
_LARGEST = 2**31


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: dict[str, str]

    def whole(self, name: str) -> int | None:
        """A whole number, also where pandas wrote it as `3.0`."""
        match = re.fullmatch(r"(\d{1,10})(?:\.0*)?", self.cells.get(name, "").strip(), re.ASCII)
        return int(match[1]) if match else None


def is_export(path: Path) -> bool:
    """Whether the file begins as such an export does."""
    start = head(path, 8192).decode("utf-8-sig", errors="replace")
    if not start.startswith("node,"):
        return False
    try:
        header, first = islice(csv.reader(io.StringIO(start, newline="")), 2)
    except (csv.Error, ValueError):
        return False
    return "name" in header and first[:1] != [] and first[0].startswith("{") and len(header) > 2


def read_export(path: Path) -> tuple[str, Measurement]:
    """The kind of export (the format has no version), and what it says. Raises `MalformedSource`."""
    rows = _rows(path)
    others = [name for name in rows[0].cells if name not in _KNOWN]
    numeric = [name for name in others if all(_is_number(row.cells[name]) for row in rows)]
    metrics = unique(_metric(place, name) for place, name in enumerate(numeric))
    places = list(_places(path, rows))
    contexts: dict[int, Context] = {}
    procedures: dict[tuple[str, str | None], Procedure] = {}
    for row, context in zip(rows, places, strict=True):
        if context not in contexts:
            contexts[context] = _context(row, context, procedures)
    threads = {(row.whole("rank"), row.whole("thread")): 0 for row in rows}
    threads = {key: place for place, key in enumerate(threads, start=1)}
    values, specials = _values(rows, places, threads, numeric)
    keys = list(procedures)
    return "graphframe", Measurement(
        title="",
        description=None,
        metrics=metrics,
        summary_metrics=unique(_together(metric) for metric in metrics),
        procedures={place: procedures[key] for place, key in enumerate(keys)},
        contexts=tuple(contexts.values()),
        profiles=tuple(_profile(place, *key) for key, place in threads.items()),
        summary=summed(values),
        values=values,
        root=0,
        gaps=tuple(_gaps(path, [name for name in others if name not in numeric], specials)),
    )


def _rows(path: Path) -> list[_Row]:
    reader = csv.reader(io.StringIO(read_text(path), newline=""), strict=True)
    found = []
    try:
        header = next(reader)
        if len(set(header)) != len(header):
            raise _bad(path, 1, "two columns have one name")
        for cells in reader:
            if len(cells) != len(header):
                raise _bad(path, reader.line_num, f"{len(cells)} cells where the header has {len(header)}")
            found.append(_Row(reader.line_num, dict(zip(header, cells, strict=True))))
    except csv.Error as error:
        raise _bad(path, reader.line_num, f"not CSV: {error}") from error
    if not found:
        raise _bad(path, 1, "a header and no rows")
    return found


def _places(path: Path, rows: Iterable[_Row]) -> Iterator[int]:
    """The number of each row's context: `nid`, or else a count of the runs of rows that are about one node."""
    numbered = None
    count, node, seen = 0, "", set[tuple[str, str]]()
    pairs: set[tuple[int, str, str]] = set()
    for row in rows:
        number, key = row.whole("nid"), (row.cells.get("rank", ""), row.cells.get("thread", ""))
        numbered = number is not None if numbered is None else numbered
        if numbered != (number is not None) or (number is not None and not 0 < number < _LARGEST):
            raise _bad(path, row.line, f"nid {row.cells.get('nid', '')[:40]!r} is no number of a node")
        if number is None:
            if row.cells["node"] != node or key in seen:
                count, node, seen = count + 1, row.cells["node"], set()
            seen.add(key)
        elif (number, *key) in pairs:
            raise _bad(path, row.line, f"node {number} is there twice for one rank and thread")
        else:
            pairs.add((number, *key))
        yield count if number is None else number


def _values(
    rows: Sequence[_Row],
    places: Sequence[int],
    threads: Mapping[tuple[int | None, int | None], int],
    numeric: Sequence[str],
) -> tuple[Values, list[int]]:
    """The values, and the lines with some that are not finite. An empty cell is no value."""
    found, specials = no_values(), []
    for row, context in zip(rows, places, strict=True):
        profile = threads[row.whole("rank"), row.whole("thread")]
        for metric, name in enumerate(numeric):
            text = row.cells[name].strip()
            if not text or text.lower() == "nan":
                continue
            if not isfinite(float(text)):
                specials.append(row.line)
                continue
            found.contexts.append(context)
            found.profiles.append(profile)
            found.metrics.append(metric)
            found.values.append(float(text))
    return sorted_values(found.contexts, found.profiles, found.metrics, found.values), specials


def _context(row: _Row, number: int, procedures: dict[tuple[str, str | None], Procedure]) -> Context:
    said = row.cells
    name, file, module = (said.get(key, "").strip() or None for key in ("name", "file", "module"))
    kind = _KINDS.get(said.get("type", ""), said.get("type") or "unknown")
    procedure = None
    if kind == "procedure" and name is not None:
        key = (name, module)
        if key not in procedures:
            procedures[key] = Procedure(str(len(procedures)), name, module, file, row.whole("line"))
        procedure = int(procedures[key].identifier)
    return Context(
        identifier=number,
        parent=None,
        kind=kind,
        label=name or _frame_name(said["node"]),
        procedure=procedure,
        load_module=module,
        file_name=file,
        line=row.whole("line"),
        boundary=procedure is not None,
    )


def _frame_name(text: str) -> str:
    try:
        frame = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text
    return str(frame.get("name", text)) if isinstance(frame, dict) else text


def _metric(place: int, name: str) -> Metric:
    inclusive = name.endswith(("(inc)", " (I)"))
    what = "with all below it" if inclusive else "of the node alone"
    return Metric(
        identifier=place,
        name=name,
        counter=name,
        definition=f"{name}, {what}, of one rank or thread.",
        scope="inclusive" if inclusive else None,
        unit=unit_of(name),
        inclusive=inclusive,
    )


def _together(metric: Metric) -> Metric:
    """Without a tree it can't be said which inclusive costs are in others: own costs choose the contexts."""
    return replace(summed_metric(metric), primary=not metric.inclusive)


def _profile(place: int, rank: int | None, thread: int | None) -> Profile:
    parts = ((RANK, rank), (THREAD, thread))
    return Profile(place, tuple(Identification(kind, number) for kind, number in parts if number is not None))


def _is_number(text: str) -> bool:
    text = text.strip()
    return not text or _NUMBER.fullmatch(text) is not None or _SPECIAL.fullmatch(text) is not None


def _gaps(path: Path, strange: Iterable[str], specials: Sequence[int]) -> Iterator[Gap]:
    yield whole_gap(
        "NotCaptured", path.name, "the export has no edges: what a context was called from is not said"
    )
    for name in strange:
        yield whole_gap(
            "UnmappedField", path.name, f"the column {name!r} is no metric: not all of its cells are numbers"
        )
    if specials:
        comment = f"{len(specials)} values are not finite numbers; they are left out"
        yield whole_gap("UnreadableValue", f"{path.name}, line {specials[0]}", comment)


def _bad(path: Path, line: int, problem: str) -> MalformedSource:
    return MalformedSource(path, problem, where=f"line {line}", advice=_ADVICE)
