"""A measurement as evidence: records for the graph, tables for what is too long for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256

from recup_kg.converters.hpctoolkit.columns import doubles, integers, names
from recup_kg.converters.hpctoolkit.hot import HOT_LIMIT, HOT_SHARE, hot_contexts, procedure_costs
from recup_kg.converters.hpctoolkit.model import (
    RANK,
    STREAM,
    SUMMARY,
    THREAD,
    Context,
    Identification,
    Measurement,
    Metric,
    Profile,
    Values,
    whole_gap,
)
from recup_kg.evidence import CounterRecord, CounterTerm, CounterTotal, Evidence
from recup_kg.evidence.processes import Process, ProcessGroup
from recup_kg.evidence.profiles import CallContext, ProcedureCost
from recup_kg.records import Gap, Number, SideTable, Source
from recup_kg.redaction import redact_text
from recup_kg.vocab import digest

TOOL = "hpctoolkit"
GROUP = "profile"
LAYER = "SystemLayer"
Counters = tuple[tuple[str, Number], ...]


def evidence(source: Source, measurement: Measurement, *, share: float = HOT_SHARE) -> Evidence:
    """What the measurement tells. `share` is that of the cost of each primary metric that the contexts of the graph cover."""
    costs = measurement.summary.by_context(SUMMARY)
    named = _named(measurement.summary_metrics)
    title = redact_text(measurement.title) or source.file_name
    hot = hot_contexts(measurement.contexts, costs, measurement.summary_metrics, share)
    records = (
        _group(measurement, title, source.format_version),
        *(_process(profile) for profile in measurement.profiles),
        *_totals(measurement, costs, named),
        *_procedures(measurement, costs, named),
        *_hot(measurement, costs, named, hot),
    )
    return Evidence(
        source=source,
        identity=_identity(measurement),
        label=title,
        layer=LAYER,
        records=records,
        gaps=(*measurement.gaps, *_limit_gaps(hot)),
        tables=tuple(_tables(measurement)),
        terms=tuple(_terms(measurement)),
    )


def _limit_gaps(hot: set[int]) -> Iterator[Gap]:
    if len(hot) >= HOT_LIMIT:
        comment = (
            f"of the contexts on hot paths only {len(hot)} are in the graph; the table context-tree has all"
        )
        yield whole_gap("UnmappedField", "context tree", comment)


def _identity(measurement: Measurement) -> str:
    said = sha256()
    for values in (measurement.summary, measurement.values):
        for column in (values.contexts, values.profiles, values.metrics, values.values):
            said.update(b"%d:" % len(column))
            said.update(column.tobytes())
    for context in measurement.contexts:
        said.update(_facts(context))
    listed = (
        *measurement.metrics,
        *measurement.summary_metrics,
        *measurement.profiles,
        *measurement.procedures.values(),
    )
    return digest(
        (TOOL, measurement.title.encode(errors="backslashreplace"), said.digest(), *map(_facts, listed))
    )


def _facts(record: object) -> bytes:
    return repr(record).encode(errors="backslashreplace")


def _named(metrics: Iterable[Metric]) -> dict[int, str]:
    return {metric.identifier: metric.counter for metric in metrics}


def _counters(values: Mapping[int, float], named: Mapping[int, str]) -> Counters:
    return tuple((named[metric], value) for metric, value in sorted(values.items()))


def _group(measurement: Measurement, title: str, version: str) -> ProcessGroup:
    return ProcessGroup(
        identifier=GROUP,
        label=title,
        executable=None if measurement.executable is None else redact_text(measurement.executable),
        job=measurement.job,
        process_id=measurement.process_id,
        started=measurement.started,
        ended=measurement.ended,
        tool=TOOL,
        log_version=version if version[:1].isdigit() else None,
    )


def _process(profile: Profile) -> Process:
    parts = profile.identifications
    label = profile.label or " / ".join(part.text for part in parts)
    return Process(
        identifier=str(profile.identifier),
        label=label or f"profile {profile.identifier}",
        process_group=GROUP,
        process_id=profile.process_id,
        rank=profile.logical(RANK),
        thread=profile.logical(THREAD),
        stream=profile.logical(STREAM),
        started=profile.started,
        ended=profile.ended,
        identifier_tuple=tuple(_identification(part) for part in parts) or None,
    )


def _identification(part: Identification) -> dict[str, str | int]:
    said: dict[str, str | int] = {"kind": part.kind}
    if part.logical is not None:
        said["logical"] = part.logical
    if part.physical is not None:
        said["physical"] = f"0x{part.physical:x}"
    return said


def _totals(
    measurement: Measurement, costs: Mapping[int, Mapping[int, float]], named: Mapping[int, str]
) -> Iterator[object]:
    """What the source says of all contexts together: over all profiles, and of each."""
    whole = costs.get(measurement.root)
    if whole:
        yield CounterTotal("all", TOOL, "all contexts, all profiles", _counters(whole, named), GROUP)
    single = _named(measurement.metrics)
    found: dict[int, dict[int, float]] = {}
    for profile, metric, value in measurement.values.of_context(measurement.root):
        found.setdefault(profile, {})[metric] = value
    ranks = {profile.identifier: profile.logical(RANK) for profile in measurement.profiles}
    for profile, values in sorted(found.items()):
        yield CounterRecord(
            identifier=str(profile),
            tool=TOOL,
            module="all contexts, one profile",
            counters=_counters(values, single),
            process_group=GROUP,
            process=str(profile),
            rank=ranks.get(profile),
        )


def _procedures(
    measurement: Measurement, costs: Mapping[int, Mapping[int, float]], named: Mapping[int, str]
) -> Iterator[ProcedureCost]:
    found = procedure_costs(measurement.contexts, costs, measurement.summary_metrics)
    for key, procedure in measurement.procedures.items():
        if found.get(key):
            yield ProcedureCost(
                identifier=procedure.identifier,
                procedure=procedure.name,
                tool=TOOL,
                counters=_counters(found[key], named),
                load_module=procedure.load_module,
                file_name=procedure.file_name,
                line=_line(procedure.line),
                process_group=GROUP,
            )


def _hot(
    measurement: Measurement,
    costs: Mapping[int, Mapping[int, float]],
    named: Mapping[int, str],
    hot: set[int],
) -> Iterator[CallContext]:
    for context in measurement.contexts:
        if context.identifier in hot:
            place = _placed(measurement, context)
            yield CallContext(
                identifier=str(context.identifier),
                label=context.label,
                kind=context.kind,
                tool=TOOL,
                counters=_counters(costs.get(context.identifier, {}), named),
                parent=None if context.parent is None else str(context.parent),
                relation=context.relation,
                procedure=_procedure_name(measurement, context),
                load_module=place.load_module,
                file_name=place.file_name,
                line=_line(place.line),
                offset=context.offset,
                process_group=GROUP,
            )


def _placed(measurement: Measurement, context: Context) -> Context:
    """The context, a procedure with the place of its definition where it has none of its own."""
    if context.procedure is None:
        return context
    procedure = measurement.procedures[context.procedure]
    if context.file_name is None:
        context = replace(context, file_name=procedure.file_name, line=procedure.line)
    return context if context.load_module else replace(context, load_module=procedure.load_module)


def _procedure_name(measurement: Measurement, context: Context) -> str | None:
    return None if context.procedure is None else measurement.procedures[context.procedure].name


def _line(line: int | None) -> int | None:
    """Lines count from 1; HPCToolkit writes 0 where it knows none."""
    return line or None


def _terms(measurement: Measurement) -> Iterator[CounterTerm]:
    for metric in (*measurement.metrics, *measurement.summary_metrics):
        yield CounterTerm(TOOL, metric.counter, metric.counter, metric.definition, metric.unit)


def _tables(measurement: Measurement) -> Iterator[SideTable]:
    if measurement.contexts:
        yield _tree_table(measurement)
    yield from _value_tables(measurement)
    yield from (replace(table, process_group=GROUP) for table in measurement.tables)


def _tree_table(measurement: Measurement) -> SideTable:
    import pyarrow

    contexts = measurement.contexts
    number, text = pyarrow.uint32(), pyarrow.string()
    return SideTable(
        "context-tree",
        "Context tree",
        "Each context with the one above it. Line 0 is HPCToolkit's way to say that it knows none.",
        {
            "context": pyarrow.array([context.identifier for context in contexts], number),
            "parent": pyarrow.array([context.parent for context in contexts], number),
            "kind": pyarrow.array([context.kind for context in contexts], text),
            "relation": pyarrow.array([context.relation for context in contexts], text),
            "label": pyarrow.array([context.label for context in contexts], text),
            "procedure": pyarrow.array([_procedure_name(measurement, each) for each in contexts], text),
            "load_module": pyarrow.array([context.load_module for context in contexts], text),
            "file": pyarrow.array([context.file_name for context in contexts], text),
            "line": pyarrow.array([context.line for context in contexts], number),
            "offset": pyarrow.array([context.offset for context in contexts], pyarrow.uint64()),
        },
        (("offset", "BYTE"),),
        GROUP,
    )


def _value_tables(measurement: Measurement) -> Iterator[SideTable]:
    if len(measurement.summary):
        yield _value_table(
            "summary-values",
            "Summary values",
            "Values over all profiles: of each context, metric, scope and statistic that the source has one for.",
            measurement.summary,
            measurement.summary_metrics,
            ("metric", "scope", "statistic"),
        )
    if len(measurement.values):
        yield _value_table(
            "profile-values",
            "Values of profiles",
            "Values of each profile: of each context, metric and scope that the source has one for.",
            measurement.values,
            measurement.metrics,
            ("metric", "scope"),
        )


def _value_table(
    identifier: str,
    label: str,
    description: str,
    values: Values,
    metrics: Iterable[Metric],
    parts: tuple[str, ...],
) -> SideTable:
    said: dict[str, dict[int, str | None]] = {
        "metric": {metric.identifier: metric.name for metric in metrics},
        "scope": {metric.identifier: metric.scope for metric in metrics},
        "statistic": {metric.identifier: metric.statistic for metric in metrics},
    }
    return SideTable(
        identifier,
        label,
        description,
        {
            "context": integers(values.contexts),
            "profile": integers(values.profiles),
            **{part: names(values.metrics, said[part]) for part in parts},
            "value": doubles(values.values),
        },
        (),
        GROUP,
    )
