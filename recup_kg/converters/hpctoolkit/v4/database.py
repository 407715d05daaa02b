"""The files of a v4 database as one measurement."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from recup_kg.converters.hpctoolkit.columns import as_table
from recup_kg.converters.hpctoolkit.metrics import unique, unit_of
from recup_kg.converters.hpctoolkit.model import (
    Context,
    Identification,
    Measurement,
    Metric,
    Procedure,
    Profile,
    Values,
    whole_gap,
)
from recup_kg.converters.hpctoolkit.times import nanoseconds
from recup_kg.converters.hpctoolkit.v4.meta import (
    COMBINE,
    EXECUTION,
    POINT,
    TRANSITIVE,
    Function,
    Meta,
    Scope,
    Summary,
    read_meta,
)
from recup_kg.converters.hpctoolkit.v4.reader import FOOTERS, MAGIC
from recup_kg.converters.hpctoolkit.v4.taxonomy import descriptions
from recup_kg.converters.hpctoolkit.v4.trace import Traces, read_traces
from recup_kg.converters.hpctoolkit.v4.tree import ENTRY, Node
from recup_kg.converters.hpctoolkit.v4.values import (
    IS_PHYSICAL,
    ProfileInfo,
    Profiles,
    read_contexts,
    read_profiles,
)
from recup_kg.converters.sources import head
from recup_kg.errors import MalformedSource
from recup_kg.records import Gap, SideTable

META, PROFILE, CCT, TRACE = "meta.db", "profile.db", "cct.db", "trace.db"
ROOT = 0
"""The implicit global context above all others."""
_KINDS = {ENTRY: "entry", 0: "procedure", 1: "loop", 2: "line", 3: "instruction"}
_RELATIONS = {0: "lexical", 1: "call", 2: "inlined call"}
_SCOPES = {
    0: "a scope of HPCToolkit's own",
    POINT: "at the context itself, nothing propagated",
    EXECUTION: "of the context and all below it",
    TRANSITIVE: "of the context and what is below it within the same procedure",
}


def is_member(path: Path) -> bool:
    """Whether the file begins as a file of a database does, of any version."""
    start = head(path, 16)
    return start[:10] == MAGIC and start[10:14] in FOOTERS


def files_of(path: Path) -> tuple[Path, ...]:
    """The files of the database that a file of it is in, `meta.db` first."""
    folder = path.parent
    found = [folder / name for name in (META, PROFILE, CCT, TRACE)]
    found += sorted((folder / "metrics").glob("*.yaml"))
    present = [file for file in found if file.is_file()]
    return tuple(present) if path in present else (path, *present)


def read_database(path: Path) -> tuple[str, Measurement]:
    """The version of the format, and what the database says. Raises `MalformedSource`."""
    folder = path.parent
    for name in (META, PROFILE):
        if not (folder / name).is_file():
            raise MalformedSource(
                path,
                f"{name} is not beside it",
                advice="keep meta.db, profile.db and cct.db of a database together",
            )
    meta = read_meta(folder / META)
    profiles = read_profiles(folder / PROFILE)
    _check_metrics(folder / PROFILE, meta, profiles)
    traces, trace_gaps = _traces(folder / TRACE, len(profiles.infos))
    described, description_gaps = descriptions(folder / "metrics")
    metrics, summary_metrics = _metrics(meta, described)
    contexts = tuple(_contexts(meta))
    gaps = (
        *_meta_gaps(meta),
        *_stray_contexts(contexts, profiles),
        *_cct_gaps(folder / CCT, profiles),
        *trace_gaps,
        *description_gaps,
    )
    return f"4.{meta.minor}", Measurement(
        title=meta.title,
        description=meta.description or None,
        metrics=metrics,
        summary_metrics=summary_metrics,
        procedures={index: _procedure(meta, index) for index in range(len(meta.functions))},
        contexts=contexts,
        profiles=tuple(_profiles(meta, profiles.infos, traces)),
        summary=profiles.summary,
        values=profiles.values,
        root=ROOT,
        started=nanoseconds(traces.first) if traces and traces.lines else None,
        ended=nanoseconds(traces.last) if traces and traces.lines else None,
        tables=_trace_table(traces),
        gaps=gaps,
    )


def _metrics(meta: Meta, described: Mapping[str, str]) -> tuple[tuple[Metric, ...], tuple[Metric, ...]]:
    exclusive = _exclusive_scope(meta.scopes)
    single: list[Metric] = []
    summed: list[Metric] = []
    for group in meta.metrics:
        name = group.name
        about = described.get(name)
        what = f"{name}{'' if about in (None, name) else f' ({about})'}"
        for instance in group.instances:
            scope = instance.scope
            single.append(
                Metric(
                    instance.identifier,
                    name,
                    f"{name}:{scope.name}",
                    f"{what}, {_scope_text(scope)}, of one thread or GPU stream.",
                    scope.name,
                    None,
                    unit_of(name),
                    scope.type == EXECUTION,
                    scope == exclusive,
                )
            )
        for summary in group.summaries:
            scope, plain = summary.scope, summary.formula == "$$"
            additive = plain and summary.combine == 0
            statistic = _statistic(summary)
            summed.append(
                Metric(
                    summary.identifier,
                    name,
                    f"{name}:{scope.name}:{statistic}",
                    f"{what}, {_scope_text(scope)}: {statistic} over all threads and GPU streams.",
                    scope.name,
                    statistic,
                    unit_of(name) if plain else None,
                    scope.type == EXECUTION,
                    scope == exclusive,
                    additive,
                    additive and scope.type == EXECUTION,
                )
            )
    return unique(single), unique(summed)


def _scope_text(scope: Scope) -> str:
    return f"scope {scope.name!r} ({_SCOPES.get(scope.type, f'of type {scope.type}')})"


def _statistic(summary: Summary) -> str:
    combine = COMBINE.get(summary.combine, f"combination {summary.combine}")
    return combine if summary.formula == "$$" else f"{combine} of {summary.formula}"


def _exclusive_scope(scopes: Iterable[Scope]) -> Scope | None:
    transitive = [scope for scope in scopes if scope.type == TRANSITIVE]
    return next((scope for scope in transitive if scope.name == "function"), next(iter(transitive), None))


def _procedure(meta: Meta, index: int) -> Procedure:
    function = meta.functions[index]
    module = None if function.module is None else meta.modules[function.module].path
    file = None if function.file is None else meta.files[function.file].path
    line = None if file is None else function.line
    return Procedure(str(index), _name(function, module, file), module, file, line)


def _name(function: Function, module: str | None, file: str | None) -> str:
    if function.name:
        return function.name
    place = f"{_base(module)}@0x{function.offset:x}" if module else f"{_base(file)}:{function.line}"
    return f"<unnamed at {place}>"


def _contexts(meta: Meta) -> Iterator[Context]:
    scope = _exclusive_scope(meta.scopes)
    for node in meta.nodes:
        file = None if node.file is None else meta.files[node.file].path
        module = None if node.module is None else meta.modules[node.module].path
        kind = _KINDS.get(node.lexical_type, f"lexical type {node.lexical_type}")
        yield Context(
            identifier=node.identifier,
            parent=node.parent,
            kind=kind,
            label=_label(meta, node, kind, file, module),
            relation=None
            if node.parent is None
            else _RELATIONS.get(node.relation, f"relation {node.relation}"),
            procedure=node.function,
            load_module=module,
            file_name=file,
            line=node.line,
            offset=node.offset,
            boundary=scope is not None and not node.propagation >> scope.index & 1,
        )


def _label(meta: Meta, node: Node, kind: str, file: str | None, module: str | None) -> str:
    if node.name is not None:
        return node.name
    if node.function is not None:
        return _procedure(meta, node.function).name
    source = f"{_base(file)}:{node.line}" if file is not None else None
    point = f"{_base(module)}@0x{node.offset or 0:x}" if module is not None else None
    if kind == "procedure":
        return "<unknown procedure>"
    if kind == "instruction":
        return point or kind
    return f"{kind} {source or point}" if source or point else kind


def _base(path: str | None) -> str:
    return posixpath.basename(path or "") or path or ""


def _profiles(meta: Meta, infos: Iterable[ProfileInfo], traces: Traces | None) -> Iterator[Profile]:
    lines = {line.profile: line for line in traces.lines} if traces else {}
    for index, info in enumerate(infos):
        if info.is_summary:
            continue
        parts = tuple(
            Identification(
                meta.kinds[part.kind] if part.kind < len(meta.kinds) else f"kind {part.kind}",
                part.logical,
                part.physical if part.flags & IS_PHYSICAL else None,
            )
            for part in info.identifiers or ()
        )
        line = lines.get(index)
        yield Profile(
            index,
            parts,
            started=None if line is None else nanoseconds(line.first),
            ended=None if line is None else nanoseconds(line.last),
        )


def _traces(path: Path, profile_count: int) -> tuple[Traces | None, tuple[Gap, ...]]:
    """The traces, if there are any that can be read: without them the values are as good."""
    if not path.is_file():
        return None, ()
    try:
        traces = read_traces(path)
    except MalformedSource as error:
        return None, (whole_gap("UnreadableValue", f"{TRACE}, {error.where}", f"{TRACE}: {error.problem}"),)
    strange = [line.profile for line in traces.lines if line.profile >= profile_count]
    comment = (
        "of each trace the number of samples and its first and last time are taken over, not the samples"
    )
    gaps = [whole_gap("UnmappedField", TRACE, comment)]
    if strange:
        comment = f"traces of profiles that {PROFILE} does not list: {', '.join(map(str, strange))}"
        gaps.append(whole_gap("ConflictingValue", TRACE, comment))
    return replace(traces, lines=tuple(line for line in traces.lines if line.profile < profile_count)), tuple(
        gaps
    )


def _trace_table(traces: Traces | None) -> tuple[SideTable, ...]:
    if traces is None or not traces.lines:
        return ()
    return (
        SideTable(
            "traces",
            "Traces",
            "How often each profile was sampled in its trace, and the first and last time in nanoseconds since the epoch.",
            {
                "profile": [line.profile for line in traces.lines],
                "samples": [line.samples for line in traces.lines],
                "first": [line.first for line in traces.lines],
                "last": [line.last for line in traces.lines],
            },
            (("first", "NanoSEC"), ("last", "NanoSEC")),
        ),
    )


def _check_metrics(path: Path, meta: Meta, profiles: Profiles) -> None:
    known = {instance.identifier for group in meta.metrics for instance in group.instances}
    summed = {summary.identifier for group in meta.metrics for summary in group.summaries}
    for values, names in ((profiles.values, known), (profiles.summary, summed)):
        strange = sorted(set(values.metrics) - names)
        if strange:
            raise MalformedSource(
                path,
                f"values of metric {strange[0]}, which meta.db does not describe",
                advice="take all files from one database",
            )


def _meta_gaps(meta: Meta) -> Iterator[Gap]:
    for offset in meta.unreadable:
        comment = "a string that is not UTF-8: its bytes are written as \\x escapes"
        yield whole_gap("UnreadableValue", f"{META}, byte {offset}", comment)


def _stray_contexts(contexts: Iterable[Context], profiles: Profiles) -> Iterator[Gap]:
    known = {ROOT, *(context.identifier for context in contexts)}
    strange = (set(profiles.values.contexts) | set(profiles.summary.contexts)) - known
    if strange:
        comment = f"{len(strange)} contexts have values and are not in the context tree, so that what they are is not said"
        yield whole_gap("NotCaptured", PROFILE, comment)


def _cct_gaps(path: Path, profiles: Profiles) -> Iterator[Gap]:
    """`cct.db` has the values of the profiles once more, in another order."""
    if not path.is_file():
        yield whole_gap("NotCaptured", CCT, "the file is not there; profile.db has the same values")
        return
    _, values = read_contexts(path)
    if _ordered(values) != _ordered(profiles.values):
        yield whole_gap(
            "ConflictingValue", CCT, "it has other values than profile.db, whose values these are"
        )


def _ordered(values: Values) -> object:
    return as_table(values).sort_by([(name, "ascending") for name in ("context", "profile", "metric")])
