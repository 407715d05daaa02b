"""The comparison of two executions: coverage, matching, frontier, deviations, attribution, verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from math import inf, log
from typing import Protocol

from recup_kg import __version__
from recup_kg.align.data import align_data
from recup_kg.align.match import Matching, match
from recup_kg.collector import paused_collector
from recup_kg.compare import deviations, structure
from recup_kg.compare.aspects import judge, overall
from recup_kg.compare.context import Context, Row
from recup_kg.compare.facts import Facts, Source, cell, match_tasks, read_facts
from recup_kg.compare.frontier import MOST_ROOTS, Changes, Frontier, find_frontier
from recup_kg.compare.makespan import split_makespan
from recup_kg.compare.roles import absorbed, with_roles
from recup_kg.compare.settings import NOT_CAPTURED, Settings
from recup_kg.compare.sources import ordered, without_seeming
from recup_kg.comparisons import (
    AmbiguousTasks,
    Comparison,
    CoverageEntry,
    Deviation,
    Kind,
    MatchingSummary,
    Options,
    SourceGap,
    Verdict,
)
from recup_kg.queries import bind, load
from recup_kg.vocab import RECUP, bundle_iri, comparison_iri, digest

RULES: tuple[Callable[[Context], Iterable[Deviation]], ...] = (
    structure.only_in_one,
    structure.dependencies,
    structure.unpaired_inputs,
    structure.ambiguous,
    structure.machines_of_classes,
    structure.uncaptured,
    structure.capture_gaps,
    deviations.programs,
    deviations.parameters,
    deviations.inputs,
    deviations.environment,
    deviations.settings,
    deviations.statuses,
    deviations.outputs,
    deviations.contents,
    deviations.shared_run_times,
    deviations.run_times,
    deviations.placements,
)

COMPARISON_VERSION = "4"
"""Raised when the same graphs give another comparison: it is in the identity, so that one kept before is not taken for it."""

_ORDER = tuple(Kind)


class ScratchStore(Source, Protocol):
    """A store in memory that holds both graphs and takes the alignment."""

    def load(self, nquads: bytes) -> object:
        """Add quads."""
        ...


@paused_collector()
def compare(
    store: ScratchStore,
    reference: tuple[str, str],
    other: tuple[str, str],
    options: Options | None = None,
    *,
    sources: Iterable[SourceGap] = (),
    fusions: tuple[str | None, str | None] = (None, None),
    settings: Settings = NOT_CAPTURED,
    contents: Sequence[tuple[str, str, Verdict]] = (),
) -> Comparison:
    """The comparison of two runs, each given as (graph IRI, name), that the store holds.

    `sources` are those that are missing or partial (`recup_kg.compare.sources`), `fusions` the graphs that say so, None where a
    run is no fusion; `settings` are those that other sources than the task graphs tell of (`recup_kg.compare.settings`);
    `contents` are verdicts on the content of pairs of data (IRIs) whose files were compared.

    The alignment is added to the store in the graph of the comparison. Raises `UsageError` where a graph holds no execution.
    """
    options = options or Options()
    left, right = read_facts(store, *reference), read_facts(store, *other)
    matching = match(match_tasks(left), match_tasks(right))
    aligned = align_data(matching.pairs, left.use, right.use)
    identity = _identity(left, right, options, fusions, contents)
    graph = bundle_iri(identity)
    alignment = tuple(_alignment(left, right, matching, aligned))
    store.load(_alignment_quads(graph, alignment) + _content_quads(graph, contents))
    rows = _row_reader(store, left.run.graph, right.run.graph, graph)
    context = Context(
        left, right, matching, aligned, Frontier({}), rows, options, ordered(sources), fusions, settings
    )
    context = replace(context, contents={(one, two): verdict for one, two, verdict in contents})
    return _judged(replace(context, frontier=_frontier(context)), graph, comparison_iri(identity), alignment)


def _judged(context: Context, graph: str, iri: str, alignment: tuple[tuple[str, str], ...]) -> Comparison:
    """The comparison with its deviations and verdicts."""
    left, right = context.reference, context.other
    every = (deviation for rule in RULES for deviation in rule(context))
    found = _ranked(with_roles(context, tuple(without_seeming(context, every))))
    makespan = split_makespan(left, right, context.matching.pairs)
    aspects = judge(context, found, makespan)
    return Comparison(
        reference=left.run,
        other=right.run,
        verdict=overall(aspects),
        aspects=aspects,
        coverage=_coverage(left, right),
        matching=_summary(context.matching),
        deviations=found,
        makespan=makespan,
        options=context.options,
        software_version=__version__,
        graph=graph,
        iri=iri,
        alignment=alignment,
        remarks=tuple(_remarks(context)),
        sources=context.sources,
        fusions=tuple(dict.fromkeys(graph for graph in context.fusions if graph is not None)),
        absorbed=absorbed(context, found),
        contents=tuple((one, two, verdict) for (one, two), verdict in context.contents.items()),
    )


def _identity(
    left: Facts,
    right: Facts,
    options: Options,
    fusions: tuple[str | None, str | None],
    contents: Iterable[tuple[str, str, Verdict]],
) -> str:
    parts = (
        left.run.graph,
        right.run.graph,
        repr(options),
        __version__,
        COMPARISON_VERSION,
        *(graph or "" for graph in fusions if any(fusions)),
        *(" ".join(content) for content in contents),
    )
    return digest(("comparison", *parts))


def _alignment(
    left: Facts, right: Facts, matching: Matching, aligned: Mapping[str, str]
) -> Iterable[tuple[str, str]]:
    for task, partner in matching.pairs.items():
        yield left.tasks[task].iri, right.tasks[partner].iri
    for item, partner in aligned.items():
        yield left.data[item].iri, right.data[partner].iri


def _alignment_quads(graph: str, alignment: Iterable[tuple[str, str]]) -> bytes:
    predicate = f"<{RECUP}alignedWith>"
    return "".join(f"<{one}> {predicate} <{two}> <{graph}> .\n" for one, two in alignment).encode()


def _content_quads(graph: str, contents: Iterable[tuple[str, str, Verdict]]) -> bytes:
    different = f"<{RECUP}contentDiffersFrom>"
    pairs = ((one, two) for one, two, verdict in contents if verdict is Verdict.DIFFERENT)
    return "".join(f"<{one}> {different} <{two}> <{graph}> .\n" for one, two in pairs).encode()


def _row_reader(store: Source, reference: str, other: str, comparison: str) -> Callable[[str], Sequence[Row]]:
    values = {"reference": reference, "other": other, "comparison": comparison}

    @cache
    def rows(name: str) -> Sequence[Row]:
        query = load(name)
        bound = bind(query, {key: value for key, value in values.items() if key in _parameters(query)})
        table = store.select(bound)
        return [dict(zip(query.columns, map(cell, row), strict=True)) for row in table.rows]

    return rows


def _parameters(query: object) -> set[str]:
    return {parameter.name for parameter in getattr(query, "parameters", ())}


def _frontier(context: Context) -> Frontier:
    data = {
        context.reference_data[str(row["referenceData"])]
        for query in ("deviation-output", "deviation-input", "deviation-content")
        for row in context.rows(query)
        if query == "deviation-content" or not deviations.is_no_change(context, row)
    }
    tasks = {
        deviation.reference_task
        for rule in (deviations.programs, deviations.parameters)
        for deviation in rule(context)
        if deviation.reference_task is not None
    }
    changes = Changes(frozenset(data), frozenset(tasks))
    return find_frontier(context.reference, context.other, context.matching.pairs, context.aligned, changes)


def _ranked(found: Iterable[Deviation]) -> tuple[Deviation, ...]:
    ordered = sorted(found, key=_rank_key)
    return tuple(replace(deviation, rank=rank) for rank, deviation in enumerate(ordered, start=1))


def _rank_key(deviation: Deviation) -> tuple[object, ...]:
    """First deviations before inherited ones, what can be a cause before what follows from it, upstream before downstream."""
    effect = abs(_logarithm(deviation.ratio))
    return (
        not deviation.first,
        _ORDER.index(deviation.kind),
        deviation.level,
        -effect,
        deviation.name,
        deviation.message,
    )


def _logarithm(ratio: float | None) -> float:
    if ratio is None:
        return 0.0
    return log(ratio) if ratio > 0 else -inf


def _coverage(left: Facts, right: Facts) -> tuple[CoverageEntry, ...]:
    names = sorted({*left.coverage, *right.coverage}, key=_local_name)
    return tuple(
        CoverageEntry(name, _local_name(name), left.coverage.get(name), right.coverage.get(name))
        for name in names
    )


def _local_name(iri: str) -> str:
    return iri.replace("#", "/").rsplit("/", 1)[-1]


def _summary(matching: Matching) -> MatchingSummary:
    return MatchingSummary(
        matched=len(matching.pairs),
        ambiguous=sum(len(entry.reference) for entry in matching.classes),
        only_reference=len(matching.only_reference),
        only_other=len(matching.only_other),
        classes=tuple(AmbiguousTasks(entry.name, entry.reference, entry.other) for entry in matching.classes),
    )


def _remarks(context: Context) -> Iterable[str]:
    if context.same_execution:
        yield "both traces tell of one and the same execution"
    for facts in (context.reference, context.other):
        doubtful = [item for item in facts.use.primary if facts.unreliable_size(item)]
        if doubtful:
            names = ", ".join(sorted(doubtful)[:3])
            yield f"{facts.run.name}: the recorded size of {names} is an artefact of recording, not a cause"
    if any(len(roots) == MOST_ROOTS for roots in context.frontier.roots.values()):
        yield f"of more than {MOST_ROOTS} first deviations upstream of a task only as many are named"
    if context.frontier.roots:
        yield "a second deviation downstream of a first one can hide behind it: what is inherited is not proven equal otherwise"
