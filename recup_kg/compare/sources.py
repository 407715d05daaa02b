"""Which sources of a run are missing or partial, what a comparison can't tell because of it, and what only seems to differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from recup_kg.compare import names
from recup_kg.compare.context import Context
from recup_kg.compare.facts import Source, cell
from recup_kg.comparisons import Aspect, Deviation, Evidence, Kind, SourceGap, Verdict
from recup_kg.vocab import RECUP, prefixes_turtle

QUERY = "source-coverage"

_STATES = {RECUP + "Missing": "missing", RECUP + "Partial": "partial"}
_GAPS = """SELECT ?row ?source ?host ?state ?expected ?observed ?why WHERE { GRAPH %s {
  VALUES ?state { recup:Missing recup:Partial }
  ?row a recup:SourceCoverage ; recup:coverageState ?state ; recup:sourceKind ?source ; recup:observedCount ?observed ;
    rdfs:comment ?why .
  OPTIONAL { ?row recup:hostName ?host }
  OPTIONAL { ?row recup:expectedCount ?expected } } }"""

_TOUCHES: dict[str, tuple[str, ...]] = {
    "dask graph": (names.STRUCTURE, names.INPUTS, names.OUTPUTS),
    "dask worker transitions": (names.MACHINES, names.STATUS, names.PERFORMANCE),
    "dask scheduler transitions": (names.OUTPUTS, names.MACHINES, names.STATUS, names.PERFORMANCE),
    "dask transfers": (names.OUTPUTS,),
    "dask workers": (names.MACHINES,),
    "job record": (names.MACHINES,),
    "environment": (names.MACHINES, names.ENVIRONMENT),
    "darshan": (),
    "darshan dxt": (),
    "hpctoolkit": (),
}
"""What a kind of source tells of what is compared; any other kind is a task graph, which tells everything."""

_EVERYTHING = (
    names.STRUCTURE,
    names.PROGRAMS,
    names.INPUTS,
    names.OUTPUTS,
    names.MACHINES,
    names.STATUS,
    names.PERFORMANCE,
)
_OF_THE_GRAPH = (Kind.STRUCTURE, Kind.INPUT)
"""Kinds of deviation that an incomplete task graph of the other side looks like."""


def read_source_gaps(source: Source, fusion: str, run: str, *, in_reference: bool) -> tuple[SourceGap, ...]:
    """The sources of a run that are missing or partial, as its fusion graph says."""
    rows = [tuple(map(cell, row)) for row in source.select(prefixes_turtle() + _GAPS % f"<{fusion}>").rows]
    return tuple(
        SourceGap(
            iri=str(iri),
            run=run,
            in_reference=in_reference,
            source=str(kind),
            host=None if host is None else str(host),
            state=_STATES[str(state)],
            expected=None if expected is None else int(expected),
            observed=int(observed or 0),
            why=str(why),
            touches=_TOUCHES.get(str(kind), _EVERYTHING),
        )
        for iri, kind, host, state, expected, observed, why in rows
    )


def ordered(gaps: Iterable[SourceGap]) -> tuple[SourceGap, ...]:
    """Gaps of single hosts before sources that were not delivered at all, what touches more before what touches less."""
    return tuple(
        sorted(
            gaps,
            key=lambda gap: (
                not gap.touches,
                gap.host is None,
                -len(gap.touches),
                not gap.in_reference,
                gap.source,
                gap.host or "",
            ),
        )
    )


def without_seeming(context: Context, found: Iterable[Deviation]) -> Iterator[Deviation]:
    """The deviations; those that are there because the task graph of one run is incomplete become one capture gap a run."""
    gaps = {gap.in_reference: gap for gap in context.sources if names.STRUCTURE in gap.touches}
    seeming: dict[bool, list[Deviation]] = {True: [], False: []}
    for deviation in found:
        lacking = _lacking(deviation)
        behind = [side for side in lacking if side in gaps]
        if deviation.kind in _OF_THE_GRAPH and behind:
            seeming[behind[0]].append(deviation)
        else:
            yield deviation
    for side, hidden in seeming.items():
        if hidden:
            message = f"{len(hidden):,} differences of tasks, dependencies or inputs can come of this: {gaps[side].message}"
            evidence = Evidence(QUERY, {"run": context.fusions[0 if side else 1]})
            yield Deviation(Kind.CAPTURE_GAP, gaps[side].source, message, evidence)


def lowered(context: Context, aspect: Aspect) -> Aspect:
    """The same is can't tell where a source that would tell otherwise is missing or partial."""
    gaps = [gap for gap in context.sources if aspect.name in gap.touches]
    if aspect.verdict is not Verdict.SAME or not gaps or context.same_execution:
        return aspect
    more = f" and {len(gaps) - 1} more" if len(gaps) > 1 else ""
    return Aspect(
        aspect.name, Verdict.CANT_TELL, f"{aspect.reason}, as far as captured; {gaps[0].message}{more}"
    )


def _lacking(deviation: Deviation) -> tuple[bool, ...]:
    """The sides (True: the reference) whose lack of something the deviation is."""
    if deviation.reference_task is None and deviation.other_task is None:
        return (True, False)
    if deviation.reference_task is None:
        return (True,)
    return (False,) if deviation.other_task is None else ()
