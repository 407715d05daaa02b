"""One run against a group of reference runs: read, score, compare with a typical one, explain, keep."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from recup_kg import __version__
from recup_kg.api.access import Access
from recup_kg.api.against_frontier import frontier
from recup_kg.api.against_result import ComparedWithGroup
from recup_kg.api.against_verdict import membership, overall
from recup_kg.api.compare import compare_runs
from recup_kg.api.confounders import demand_one_configuration, deviating_facts, not_captured
from recup_kg.api.explain import explain
from recup_kg.api.groups import resolve_group
from recup_kg.api.measure import measured_runs
from recup_kg.compare.sources import read_source_gaps
from recup_kg.comparisons import ComparedRun, Comparison, Options, SourceGap
from recup_kg.errors import StoreError, UsageError
from recup_kg.group_comparisons import Distribution, GroupComparison, ReferenceGroup
from recup_kg.measurements import MeasuredRun, MeasuredRuns
from recup_kg.rdf.group_comparison import group_comparison_graph
from recup_kg.scores import Scores, TaskScore
from recup_kg.store import Entry, Store
from recup_kg.store.registry import EXECUTIONS, Kind
from recup_kg.store.resolve import resolve
from recup_kg.vocab import bundle_iri, comparison_iri, digest

if TYPE_CHECKING:
    from recup_kg.deviation import ScoreOptions

_LOG = logging.getLogger(__name__)
Progress: TypeAlias = Callable[[str, float], None]
_KINDS: tuple[Kind, ...] = ("comparison",)
GROUP_COMPARISON_VERSION = "1"
"""Raised when the same graphs give another comparison: it is in the identity."""
_MOST_DISTRIBUTIONS = 10
_MOST_NAMES = 3


@dataclass(frozen=True, slots=True)
class _Read:
    """The run and its references, as entries of the store and as what was measured of them."""

    run: Entry
    references: tuple[Entry, ...]
    measured: MeasuredRuns

    @property
    def own(self) -> MeasuredRun:
        """The run."""
        return self.measured.runs[-1]

    @property
    def others(self) -> tuple[MeasuredRun, ...]:
        """The references."""
        return self.measured.runs[:-1]


def compare_with_group(
    access: Access,
    run: str,
    expression: str,
    *,
    last: int | None = None,
    allow_mixed: Collection[str] = (),
    options: Options,
    score_options: ScoreOptions | None = None,
    progress: Progress,
) -> ComparedWithGroup:
    """Where a run deviates from reference runs beyond what they vary by; the result is kept in the store.

    `options` are those of the comparison with the typical reference. Raises `UsageError` for a group that makes no sense, is
    empty, or has several configurations that are not allowed by name.
    """
    store = access.reading()
    entry = store.resolve(run)
    chosen = expression or _same_workflow(store, entry)
    references = resolve_group(access, chosen, run=entry, last=last)
    progress(f"reading {len(references)} reference runs", 0.1)
    read = _Read(entry, references, measured_runs(store, (*references, entry)))
    mixed = demand_one_configuration(read.others, allow_mixed)
    progress("scoring", 0.5)
    scores = _scores(read, score_options)
    progress("comparing with the typical reference", 0.6)
    reference = _typical(read, {name for name, _ in scores.screened})
    compared = compare_runs(access, (reference.graph, entry.graph), options, None, _quiet)
    progress("explaining", 0.8)
    found = _compared(access, read, _named(chosen, last), mixed, scores, compared.comparison)
    progress("keeping the comparison", 0.9)
    return ComparedWithGroup(found, _keep(access, found), compared.facts)


def score_runs(
    access: Access,
    runs: Iterable[str],
    references: str | Iterable[str],
    *,
    allow_mixed: Collection[str] = (),
    score_options: ScoreOptions | None = None,
) -> tuple[Scores, ...]:
    """The scores of runs against the same references, in their order; nothing is kept.

    `references` are names of runs, or the expression of a group; a reference that is among the runs is not left out of it.
    """
    from recup_kg.deviation import fit

    store = access.reading()
    known = store.registry()
    entries = tuple(resolve(run, known, EXECUTIONS) for run in runs)
    if isinstance(references, str):
        chosen = resolve_group(access, references)
    else:
        chosen = tuple(dict.fromkeys(resolve(name, known, EXECUTIONS) for name in references))
    if not chosen:
        raise UsageError("no reference runs: name one at least")
    measured = measured_runs(store, (*chosen, *entries))
    others, own = measured.runs[: len(chosen)], measured.runs[len(chosen) :]
    demand_one_configuration(others, allow_mixed)
    baseline = fit(others, measured.measurements, *([score_options] if score_options else []))
    return tuple(baseline.score(run) for run in own)


def _same_workflow(store: Store, entry: Entry) -> str:
    """The group of the runs of the same workflow."""
    from recup_kg.api.runs import runs

    workflow = runs(store, [entry])[0].workflow
    if workflow is None:
        raise UsageError(
            f"no workflow is known of {entry.name}: say which runs it is held against with --against"
        )
    return f'workflow="{workflow}"'


def _named(expression: str, last: int | None) -> str:
    return expression if last is None else f"{expression} (the last {last})"


def _scores(read: _Read, options: ScoreOptions | None) -> Scores:
    from recup_kg.deviation import fit

    baseline = fit(read.others, read.measured.measurements, *([options] if options else []))
    return baseline.score(read.own)


def _typical(read: _Read, screened: Collection[str]) -> Entry:
    """The reference whose makespan is the (lower) median, of those that share most tasks with the run and were not left out.

    The first of them where no makespan was captured.
    """
    own = {task.key for task in read.own.tasks}
    shared = [len(own.intersection(task.key for task in reference.tasks)) for reference in read.others]
    usable = [number for number, run in enumerate(read.others) if run.name not in screened] or range(
        len(shared)
    )
    most = max(shared[number] for number in usable)
    alike = [number for number in usable if shared[number] == most]
    makespans = ((read.others[number].makespan, number) for number in alike)
    known = sorted((makespan, number) for makespan, number in makespans if makespan is not None)
    return read.references[known[(len(known) - 1) // 2][1] if known else alike[0]]


def _compared(
    access: Access, read: _Read, expression: str, mixed: Sequence[str], scores: Scores, typical: Comparison
) -> GroupComparison:
    store = access.reading()
    gaps = _gaps(store, read.run)
    members = membership(read.own, read.others)
    makespan = Distribution(
        "makespan", "s", read.own.makespan, tuple(reference.makespan for reference in read.others)
    )
    verdict, reason = overall(scores, members, gaps, makespan)
    identity = _identity(read, typical, expression)
    explanation = explain(store, read.run, read.references, scores, typical, measured=read.measured)
    return GroupComparison(
        run=_compared_run(read.run),
        group=ReferenceGroup(
            expression,
            tuple(map(_compared_run, read.references)),
            (*mixed, *deviating_facts(read.own, read.others)),
        ),
        verdict=verdict,
        reason=reason,
        scores=scores,
        makespan=makespan,
        typical=typical,
        frontier=frontier(read.own, scores.tasks, scores.nodes, typical),
        software_version=__version__,
        graph=bundle_iri(identity),
        iri=comparison_iri(identity),
        explanation=explanation,
        distributions=tuple(_distributions(read, scores)),
        remarks=tuple(_remarks(store, read, scores, gaps)),
    )


def _identity(read: _Read, typical: Comparison, expression: str) -> str:
    graphs = sorted(reference.graph for reference in read.references)
    parts = (read.run.graph, expression, typical.graph, __version__, GROUP_COMPARISON_VERSION, *graphs)
    return digest(("group comparison", *parts))


def _compared_run(entry: Entry) -> ComparedRun:
    return ComparedRun(entry.described, entry.graph, entry.name, entry.file_name or "")


def _gaps(store: Store, entry: Entry) -> tuple[SourceGap, ...]:
    """The sources of a run that are missing or partial; none where it has one source only."""
    if entry.kind != "fusion":
        return ()
    return read_source_gaps(store, entry.graph, entry.name, in_reference=False)


def _distributions(read: _Read, scores: Scores) -> Iterable[Distribution]:
    """The strongest part of each of the most deviating tasks, over the references that have a task of that key alone."""
    own = {task.identifier: task for task in read.own.tasks}
    for score in scores.tasks[:_MOST_DISTRIBUTIONS]:
        strongest = next((part for part in score.parts if part.evidence > 0), None)
        if strongest is not None:
            yield Distribution(
                f"{strongest.label} of {score.identifier}",
                strongest.unit,
                own[score.identifier].values.get(strongest.measurement),
                tuple(_value(reference, score, strongest.measurement) for reference in read.others),
            )


def _value(reference: MeasuredRun, score: TaskScore, measurement: str) -> float | None:
    values = [task.values.get(measurement) for task in reference.tasks if task.key == score.key]
    return values[0] if len(values) == 1 else None


def _remarks(store: Store, read: _Read, scores: Scores, gaps: Sequence[SourceGap]) -> Iterable[str]:
    yield from scores.remarks
    yield from _screened(scores)
    yield from not_captured(read.own, read.others)
    yield from (gap.message for gap in gaps)
    incomplete = [entry.name for entry in read.references if any(gap.touches for gap in _gaps(store, entry))]
    if incomplete:
        yield f"of {len(incomplete)} references the capture is incomplete: {', '.join(incomplete[:3])}"
    times = [reference.makespan for reference in read.others]
    if None in times:
        yield f"of {times.count(None)} references no makespan was captured"
    if scores.run.p is not None:
        looked_at = f"{len(scores.tasks)} tasks and {len(scores.nodes)} machines"
        yield f"p adj. is corrected for the number of {looked_at}, and is no smaller than that of the run"


def _screened(scores: Scores) -> Iterable[str]:
    if len(scores.screened) > 1:
        names = [name for name, _ in scores.screened]
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        yield f"{len(names)} references were left out: {', '.join(names[:_MOST_NAMES])}{more}; each {scores.screened[0][1]}"
    else:
        for name, why in scores.screened:
            yield f"the reference {name} was left out: {why}"


def _keep(access: Access, found: GroupComparison) -> str | None:
    graph = group_comparison_graph(found)
    try:
        if access.reading().contains(graph.name):
            return access.reading().resolve(graph.name, _KINDS).name
        store = access.writing()
        return store.add([store.archive(graph.name, graph.lines)])[0].name
    except StoreError as error:
        _LOG.warning("the comparison is not kept: %s", error)
        return None


def _quiet(stage: str, share: float) -> None:
    return None
