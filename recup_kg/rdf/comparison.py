"""Comparisons to named graphs; docs/data-model.md shows what they look like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from recup_kg.comparisons import (
    UNEXPLAINED,
    Comparison,
    Deviation,
    Kind,
    MakespanPart,
    SourceGap,
    Value,
    Verdict,
)
from recup_kg.rdf import terms
from recup_kg.rdf.graph import Graph, optional_text
from recup_kg.vocab import PROV, RDFS, RECUP, segment

Fact: TypeAlias = tuple[str, str | None]

_VERDICTS: Mapping[Verdict, str] = {
    Verdict.SAME: RECUP + "Same",
    Verdict.DIFFERENT: RECUP + "Different",
    Verdict.CANT_TELL: RECUP + "CantTell",
}
_CONTENTS: Mapping[Verdict, str] = {
    Verdict.SAME: RECUP + "contentAgreesWith",
    Verdict.DIFFERENT: RECUP + "contentDiffersFrom",
}
_KINDS: Mapping[Kind, str] = {
    Kind.STRUCTURE: "StructureDeviation",
    Kind.PROGRAM: "ProgramDeviation",
    Kind.PARAMETER: "ParameterDeviation",
    Kind.SEED: "SeedDeviation",
    Kind.INPUT: "InputDeviation",
    Kind.ENVIRONMENT: "EnvironmentDeviation",
    Kind.STATUS: "StatusDeviation",
    Kind.OUTPUT: "OutputDeviation",
    Kind.PERFORMANCE: "PerformanceDeviation",
    Kind.PLACEMENT: "PlacementDeviation",
    Kind.CAPTURE_GAP: "CaptureGapDeviation",
}


def comparison_graph(comparison: Comparison) -> Graph:
    """The graph of a comparison: verdicts, deviations with their evidence, and the alignment."""
    graph = Graph(comparison.graph)
    graph.describe(graph.name, (PROV + "Bundle",), ((RECUP + "describes", terms.iri(comparison.iri)),))
    _summary(graph, comparison)
    for aspect in comparison.aspects:
        graph.describe(
            f"{comparison.iri}/aspect/{segment(aspect.name)}",
            (RECUP + "AspectVerdict",),
            (
                (RECUP + "aspectOf", terms.iri(comparison.iri)),
                (RECUP + "aspect", terms.text(aspect.name)),
                (RECUP + "verdict", terms.iri(_VERDICTS[aspect.verdict])),
                (RDFS + "comment", terms.text(aspect.reason)),
            ),
        )
    for number, part in enumerate(_makespan_parts(comparison)):
        graph.describe(f"{comparison.iri}/makespan/{number}", (RECUP + "MakespanPart",), part)
    for gap in comparison.sources:
        _source_gap(graph, comparison, gap)
    upstream = _upstream(comparison)
    for deviation in comparison.deviations:
        _deviation(graph, comparison, deviation, upstream)
    for one, two in comparison.alignment:
        graph.describe(one, (), ((RECUP + "alignedWith", terms.iri(two)),))
    for one, two, verdict in comparison.contents:
        if verdict in _CONTENTS:
            graph.describe(one, (), ((_CONTENTS[verdict], terms.iri(two)),))
    for index, entry in enumerate(comparison.matching.classes):
        _ambiguous_class(graph, comparison, index, entry.reference, entry.other)
    return graph


def _summary(graph: Graph, comparison: Comparison) -> None:
    reference, other, options = comparison.reference, comparison.other, comparison.options
    parameters = (f"{name}={getattr(options, name)!r}" for name in ("ratio", "seconds", "makespan_ratio"))
    facts: list[Fact] = [
        (RDFS + "label", terms.text(f"{other.name} compared with {reference.name}")),
        (PROV + "used", terms.iri(reference.graph)),
        (PROV + "used", terms.iri(other.graph) if other.graph != reference.graph else None),
        *((PROV + "used", terms.iri(fusion)) for fusion in comparison.fusions),
        (RECUP + "reference", terms.iri(reference.execution)),
        (RECUP + "other", terms.iri(other.execution)),
        (RECUP + "referenceGraph", terms.iri(reference.graph)),
        (RECUP + "otherGraph", terms.iri(other.graph)),
        (RECUP + "verdict", terms.iri(_VERDICTS[comparison.verdict])),
        (RECUP + "softwareVersion", terms.text(comparison.software_version)),
        (RECUP + "makespanDifference", _seconds(comparison.makespan.difference)),
        (RECUP + "unattributedDifference", _seconds(comparison.makespan.unexplained)),
    ]
    facts += [(RECUP + "parameter", terms.text(parameter)) for parameter in parameters]
    facts += [(RECUP + "absorbedBy", _task(reference.execution, task)) for task in comparison.absorbed]
    graph.describe(comparison.iri, (RECUP + "Comparison", PROV + "Activity"), facts)


def _makespan_parts(comparison: Comparison) -> Iterator[Sequence[Fact]]:
    """The parts of each task of the critical paths, and those that no task explains: together they are the makespans."""
    run, other = comparison.reference.execution, comparison.other.execution
    whole = (RECUP + "makespanPartOf", terms.iri(comparison.iri))
    for step in comparison.makespan.steps:
        tasks = (
            (RECUP + "referencePathTask", _task(run, step.reference_task)),
            (RECUP + "otherPathTask", _task(other, step.other_task)),
        )
        yield from ((whole, *tasks, *_part(part)) for part in step.parts)
    yield from ((whole, *_part(part)) for part in comparison.makespan.parts if part.part in UNEXPLAINED)


def _part(part: MakespanPart) -> Sequence[Fact]:
    return (
        (RECUP + "makespanPart", terms.text(part.part)),
        (RECUP + "referenceSeconds", terms.double(part.reference)),
        (RECUP + "otherSeconds", terms.double(part.other)),
    )


def _source_gap(graph: Graph, comparison: Comparison, gap: SourceGap) -> None:
    """The fusion graph describes the gap; here it gets a name that can be read alone, and what it lets nobody tell."""
    graph.describe(gap.iri, (), ((RDFS + "label", terms.text(gap.message)),))
    graph.describe(comparison.iri, (), ((RECUP + "crossesGap", terms.iri(gap.iri)),))
    for name in gap.touches:
        aspect = f"{comparison.iri}/aspect/{segment(name)}"
        graph.describe(aspect, (), ((RECUP + "touchedByGap", terms.iri(gap.iri)),))


def _upstream(comparison: Comparison) -> dict[str, str]:
    """The first deviation of each task, data object or input that others inherit from."""
    found: dict[str, str] = {}
    for deviation in comparison.deviations:
        if deviation.first:
            for name in (deviation.reference_task, deviation.other_task, deviation.name):
                if name is not None:
                    found.setdefault(name, _iri(comparison, deviation))
    return found


def _deviation(
    graph: Graph, comparison: Comparison, deviation: Deviation, upstream: Mapping[str, str]
) -> None:
    run, other = comparison.reference.execution, comparison.other.execution
    facts: list[Fact] = [
        (PROV + "wasGeneratedBy", terms.iri(comparison.iri)),
        (RECUP + "rank", terms.integer(deviation.rank)),
        (RDFS + "label", terms.text(deviation.name)),
        (RDFS + "comment", terms.text(deviation.message)),
        (RECUP + "isFirst", terms.boolean(deviation.first)),
        (RECUP + "frontierRole", optional_text(deviation.role)),
        (RECUP + "evidenceQuery", terms.text(deviation.evidence.query)),
        (RECUP + "referenceTask", _task(run, deviation.reference_task)),
        (RECUP + "otherTask", _task(other, deviation.other_task)),
        (RECUP + "referenceThing", _optional_iri(deviation.reference_node)),
        (RECUP + "otherThing", _optional_iri(deviation.other_node)),
        (RECUP + "referenceValue", _value(deviation.reference_value)),
        (RECUP + "otherValue", _value(deviation.other_value)),
        (RECUP + "unit", optional_text(deviation.unit)),
        (RECUP + "ratio", None if deviation.ratio is None else terms.double(deviation.ratio)),
    ]
    inherited = {upstream[root] for root in deviation.inherited_from if root in upstream}
    facts += [(RECUP + "inheritedFrom", terms.iri(root)) for root in sorted(inherited)]
    types = (RECUP + "Deviation", RECUP + _KINDS[deviation.kind], PROV + "Entity")
    graph.describe(_iri(comparison, deviation), types, facts)


def _ambiguous_class(
    graph: Graph, comparison: Comparison, index: int, reference: tuple[str, ...], other: tuple[str, ...]
) -> None:
    run, partner = comparison.reference.execution, comparison.other.execution
    facts: list[Fact] = [
        (RECUP + "classOf", terms.iri(comparison.iri)),
        (RECUP + "classNumber", terms.integer(index)),
    ]
    facts += [(RECUP + "hasReferenceMember", _task(run, task)) for task in reference]
    facts += [(RECUP + "hasOtherMember", _task(partner, task)) for task in other]
    graph.describe(f"{comparison.iri}/class/{index}", (RECUP + "AmbiguousClass",), facts)


def _iri(comparison: Comparison, deviation: Deviation) -> str:
    return f"{comparison.iri}/deviation/{deviation.rank}"


def _task(run: str, identifier: str | None) -> str | None:
    return None if identifier is None else terms.iri(f"{run}/task/{segment(identifier)}")


def _optional_iri(value: str | None) -> str | None:
    return None if value is None else terms.iri(value)


def _seconds(value: float | None) -> str | None:
    return None if value is None else terms.double(value)


def _value(value: Value) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return terms.boolean(value)
    return (
        terms.number(value)
        if isinstance(value, int)
        else terms.double(value)
        if isinstance(value, float)
        else terms.text(value)
    )
