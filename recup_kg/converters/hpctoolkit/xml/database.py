"""`experiment.xml` and what is beside it as one measurement."""

from __future__ import annotations

import gzip
import re
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import starmap
from pathlib import Path

from recup_kg.converters.hpctoolkit.metrics import unique, unit_of
from recup_kg.converters.hpctoolkit.model import (
    NODE,
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
from recup_kg.converters.hpctoolkit.times import nanoseconds
from recup_kg.converters.hpctoolkit.xml.metricdb import read_rows, thread_name
from recup_kg.converters.hpctoolkit.xml.parse import (
    ROOT,
    Attributes,
    Experiment,
    RawContext,
    RawMetric,
    parse,
)
from recup_kg.converters.sources import head
from recup_kg.errors import MalformedSource
from recup_kg.records import Gap, Timestamp

_GZIP = b"\x1f\x8b"
_CHUNK = 2**20
_PLENTY = 2**28
"""Bytes from which on the text of a compressed file is suspicious, if it is a thousand times what the file has."""
_KINDS = {
    "PF": "procedure",
    "Pr": "procedure",
    "P": "procedure",
    "A": "procedure",
    "C": "call site",
    "L": "loop",
    "S": "line",
    "LM": "load module",
    "F": "file",
}
_FRAMES = frozenset({"PF", "P"})
_NAME = re.compile(r"(.*?)(?::(Sum|Mean|StdDev|CfVar|Min|Max)(:[\w-]+)?)?(?: \(([IE])\))?", re.DOTALL)
_SCOPES = {"inclusive": "with callees", "exclusive": "without callees", "nil": "raw"}


def is_experiment(path: Path) -> bool:
    """Whether the file is an `experiment.xml`, or a compressed one, by its beginning."""
    start = head(path, 4096)
    if start.startswith(_GZIP):
        try:
            start = zlib.decompressobj(31).decompress(start, 4096)
        except zlib.error:
            return False
    return re.search(rb"<!DOCTYPE\s+HPCToolkitExperiment\b|<HPCToolkitExperiment\b", start) is not None


def files_of(path: Path) -> tuple[Path, ...]:
    """The file, and the files of values beside it."""
    if path.name not in ("experiment.xml", "experiment.xml.gz"):
        return (path,)
    return (path, *sorted(path.parent.glob("*.metric-db")))


def read_experiment(path: Path) -> tuple[str, Measurement]:
    """The version of the format, and what the database says. Raises `MalformedSource`."""
    experiment = parse(path, _chunks(path))
    summary_metrics = unique(_metric(metric) for metric in experiment.metrics)
    profile_metrics = unique(starmap(_profile_metric, enumerate(_columns(experiment.profile_metrics))))
    procedures, contexts = _contexts(experiment)
    profiles, values = _profiles(path, profile_metrics, [ROOT, *(context.identifier for context in contexts)])
    summary = sorted_values(
        experiment.value_contexts,
        array("I", bytes(4 * len(experiment.values))),
        experiment.value_metrics,
        experiment.values,
    )
    return experiment.version, Measurement(
        title=experiment.title,
        description=None,
        metrics=profile_metrics,
        summary_metrics=summary_metrics,
        procedures=procedures,
        contexts=contexts,
        profiles=profiles,
        summary=summary,
        values=values,
        root=ROOT,
        started=_trace_time(experiment, "db-min-time"),
        ended=_trace_time(experiment, "db-max-time"),
        gaps=tuple(_gaps(path, experiment, profiles)),
    )


def _trace_time(experiment: Experiment, name: str) -> Timestamp | None:
    """When the traces begin or end; older files don't say in which unit."""
    said = experiment.traces[0] if len(experiment.traces) == 1 else {}
    unit, text = said.get("u", ""), said.get(name, "")
    if unit not in ("1000", "1000000", "1000000000") or not re.fullmatch(r"\d{1,20}", text, re.ASCII):
        return None
    return nanoseconds(int(text), int(unit))


def _chunks(path: Path) -> Iterator[bytes]:
    compressed = head(path, 2) == _GZIP
    size = 0
    try:
        with gzip.open(path) if compressed else path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                size += len(chunk)
                if compressed and size > max(_PLENTY, 1000 * path.stat().st_size):
                    raise MalformedSource(
                        path, f"it unpacks to more than {size} bytes", advice="unpack it yourself"
                    )
                yield chunk
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise MalformedSource(
            path, f"the compressed file is damaged: {error}", advice="copy it again"
        ) from error
    except OSError as error:
        raise MalformedSource(
            path, f"can't be read: {error.strerror}", advice="check its permissions"
        ) from error


def _metric(metric: RawMetric) -> Metric:
    said = metric.attributes
    name = said["n"]
    statistic, detail = _parts(name)
    kind = said.get("t", "nil")
    plain = statistic in (None, "Sum") and not detail
    additive = plain and said.get("v", "raw") != "derived"
    return Metric(
        identifier=int(said["i"]),
        name=name,
        counter=name,
        definition=_definition(metric, kind),
        scope=kind,
        statistic=statistic,
        unit=None if detail or statistic == "CfVar" else unit_of(name),
        inclusive=kind == "inclusive",
        exclusive=kind == "exclusive",
        additive=additive,
        primary=additive and kind == "inclusive" and said.get("show-percent", "1") != "0",
    )


def _definition(metric: RawMetric, kind: str) -> str:
    said = metric.attributes
    parts = [f"{said.get('md') or said['n']}, {_SCOPES.get(kind, kind)}"]
    parts += [f"{step}: {text}" for step, text in metric.formulas.items()]
    if metric.units and unit_of(said["n"]) is None:
        parts.append(f"the source calls its unit {metric.units!r}")
    return "; ".join(parts) + "."


def _parts(name: str) -> tuple[str | None, str | None]:
    match = _NAME.fullmatch(name)
    return (None, None) if match is None else (match[2], match[3])


def _columns(described: Sequence[Attributes]) -> list[Attributes]:
    """The metrics in the order of their columns in the files of values."""
    numbers = [said.get("db-id", "") for said in described]
    if sorted(numbers) != sorted(map(str, range(len(described)))):
        return list(described)
    return sorted(described, key=lambda said: int(said["db-id"]))


def _profile_metric(place: int, said: Attributes) -> Metric:
    name, kind = said.get("n", ""), said.get("t", "nil")
    return Metric(
        identifier=place,
        name=name,
        counter=name,
        definition=f"{name}, {_SCOPES.get(kind, kind)}, of one thread.",
        scope=kind,
        unit=unit_of(name),
        inclusive=kind == "inclusive",
        exclusive=kind == "exclusive",
    )


def _contexts(experiment: Experiment) -> tuple[dict[int, Procedure], tuple[Context, ...]]:
    keys: dict[tuple[str | None, ...], int] = {}
    procedures: dict[int, Procedure] = {}
    contexts: list[Context] = []
    path: list[tuple[int, int | None, dict[int | None, int]]] = []
    for raw in experiment.contexts:
        kind = _KINDS[raw.tag]
        procedure = _procedure(experiment, raw, keys, procedures) if kind == "procedure" else None
        while path and path[-1][0] != raw.parent:
            _, left, around = path.pop()
            around[left] -= 1
        # The procedures of a frame: that which was called, and those inlined into it.
        around = {} if raw.tag in _FRAMES or not path else path[-1][2]
        boundary = procedure is not None and not around.get(procedure)
        contexts.append(_context(experiment, raw, kind, procedure, boundary))
        around[procedure] = around.get(procedure, 0) + 1
        path.append((raw.identifier, procedure, around))
    return procedures, tuple(contexts)


def _procedure(
    experiment: Experiment,
    raw: RawContext,
    keys: dict[tuple[str | None, ...], int],
    procedures: dict[int, Procedure],
) -> int:
    said = raw.attributes
    key = (said.get("n"), said.get("lm"), said.get("f"))
    if key not in keys:
        place = keys[key] = len(keys)
        procedures[place] = Procedure(
            "-".join(part or "" for part in key),
            _named(experiment.procedures, said.get("n")) or "<unknown procedure>",
            _named(experiment.modules, said.get("lm")),
            _named(experiment.files, said.get("f")),
            _line(said),
        )
    return keys[key]


def _context(
    experiment: Experiment, raw: RawContext, kind: str, procedure: int | None, boundary: bool
) -> Context:
    said = raw.attributes
    module = _named(experiment.modules, said.get("n" if raw.tag == "LM" else "lm"))
    file = _named(experiment.files, said.get("n" if raw.tag == "F" else "f"))
    name = _named(experiment.procedures, said.get("n")) if kind == "procedure" else None
    return Context(
        identifier=raw.identifier,
        parent=raw.parent,
        kind=kind,
        label=_label(kind, name, module, file, said.get("l")),
        relation=_relation(raw),
        procedure=procedure,
        load_module=module,
        file_name=file,
        line=_line(said),
        offset=_address(said.get("v")),
        boundary=boundary,
    )


def _relation(raw: RawContext) -> str | None:
    if raw.parent is None:
        return None
    if raw.tag == "PF":
        return "call"
    return "inlined call" if raw.tag == "A" or raw.attributes.get("a") == "1" else "lexical"


def _label(kind: str, name: str | None, module: str | None, file: str | None, lines: str | None) -> str:
    if kind == "procedure":
        return name or "<unknown procedure>"
    if kind in ("load module", "file"):
        return module or file or kind
    place = file.rpartition("/")[2] + ":" if file else ""
    return f"{kind} {place}{lines}" if lines else kind


def _named(table: Mapping[str, str], key: str | None) -> str | None:
    """The name behind a number; older files have the name itself."""
    return None if key is None else table.get(key, key)


def _line(said: Attributes) -> int | None:
    """The first line of a range, or the line."""
    match = re.match(r"\d{1,9}(?!\d)", said.get("l", ""), re.ASCII)
    return int(match[0]) if match else None


def _address(text: str | None) -> int | None:
    match = re.fullmatch(r"0x([0-9a-fA-F]{1,16})", text or "")
    return int(match[1], 16) if match else None


def _profiles(
    path: Path, metrics: Sequence[Metric], nodes: Iterable[int]
) -> tuple[tuple[Profile, ...], Values]:
    """Each file of values is a profile; row 0 of it is the node 1, and so on."""
    profiles: list[Profile] = []
    values = no_values()
    known = set(nodes)
    order = [metric.identifier for metric in sorted(metrics, key=lambda metric: metric.identifier)]
    for place, file in enumerate(files_of(path)[1:], start=1):
        rows, numbers = read_rows(file, len(order))
        if rows > max(known):
            raise MalformedSource(
                file,
                f"{rows} rows where experiment.xml has contexts up to {max(known)}",
                advice="take all files from one database",
            )
        profiles.append(_profile(place, file))
        for row in range(rows):
            values.contexts.extend(array("I", [row + 1]) * len(order))
            values.metrics.extend(order)
        values.profiles.extend(array("I", [place]) * len(numbers))
        values.values.extend(numbers)
    return tuple(profiles), values


def _profile(place: int, file: Path) -> Profile:
    named = thread_name(file)
    if named is None:
        return Profile(place, label=file.name)
    parts = (
        Identification(NODE, None, named.host),
        Identification(RANK, named.rank),
        Identification(THREAD, named.thread),
    )
    return Profile(place, parts, process_id=named.process)


def _gaps(path: Path, experiment: Experiment, profiles: Sequence[Profile]) -> Iterator[Gap]:
    if experiment.profile_metrics and not profiles:
        globs = sorted({said.get("db-glob", "") for said in experiment.profile_metrics})
        comment = f"values of single threads are in files {', '.join(globs)}, and none is beside it"
        yield whole_gap("NotCaptured", path.name, comment)
    if experiment.metrics and not experiment.values:
        yield whole_gap("NotCaptured", path.name, "metrics are described and no context has a value of one")
    if experiment.contexts and not experiment.metrics:
        yield whole_gap(
            "NotCaptured", path.name, "there are contexts and no metric that was measured in them"
        )
    if experiment.specials:
        comment = f"{experiment.specials} values are not finite numbers; they are left out"
        yield whole_gap("UnreadableValue", f"{path.name}, {experiment.first_special}", comment)
    if experiment.traces:
        yield whole_gap("UnmappedField", path.name, "traces (*.hpctrace) are not read")
    for tag, count in sorted(experiment.unknown_tags.items()):
        yield whole_gap("UnmappedField", path.name, f"{count} <{tag}>, which the document type does not have")
