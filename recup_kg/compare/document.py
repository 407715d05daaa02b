"""A comparison as the documented, stable JSON document (docs/compare.md), and its deviations as flat rows."""

from __future__ import annotations

from typing import Any, TypeAlias

from recup_kg.comparisons import (
    Aspect,
    Comparison,
    CoverageEntry,
    Deviation,
    Makespan,
    MakespanPart,
    MakespanStep,
    SourceGap,
    Verdict,
)

Document: TypeAlias = dict[str, Any]


def document(comparison: Comparison) -> Document:
    """The whole comparison. Tasks are named by the identifiers of the source; seconds and bytes as `unit` says."""
    matching = comparison.matching
    return {
        "reference": comparison.reference.name,
        "other": comparison.other.name,
        "verdict": comparison.verdict.value,
        "aspects": {aspect.name: aspect.verdict.value for aspect in comparison.aspects},
        "sources": [_source(gap) for gap in comparison.sources],
        "coverage": [_coverage(entry) for entry in comparison.coverage],
        "matching": {
            "matched": matching.matched,
            "ambiguous": matching.ambiguous,
            "only_reference": matching.only_reference,
            "only_other": matching.only_other,
            "classes": [
                {"name": entry.name, "reference": list(entry.reference), "other": list(entry.other)}
                for entry in matching.classes
            ],
        },
        "deviations": [deviation_row(deviation) for deviation in comparison.deviations],
        "makespan": _makespan(comparison.makespan),
        "reasons": {aspect.name: aspect.reason for aspect in comparison.aspects},
        "not_captured": [aspect.name for aspect in comparison.aspects if _not_captured(aspect)],
        "absorbed": list(comparison.absorbed),
        "remarks": list(comparison.remarks),
        "executions": {
            "reference": {"iri": comparison.reference.execution, "graph": comparison.reference.graph},
            "other": {"iri": comparison.other.execution, "graph": comparison.other.graph},
        },
        "options": {
            "ratio": comparison.options.ratio,
            "seconds": comparison.options.seconds,
            "makespan_ratio": comparison.options.makespan_ratio,
        },
        "comparison": comparison.iri,
        "software_version": comparison.software_version,
    }


def deviation_row(deviation: Deviation) -> Document:
    """One deviation."""
    return {
        "rank": deviation.rank,
        "kind": deviation.kind.value,
        "name": deviation.name,
        "reference_task": deviation.reference_task,
        "other_task": deviation.other_task,
        "first": deviation.first,
        "role": deviation.role,
        "inherited_from": list(deviation.inherited_from),
        "reference_value": deviation.reference_value,
        "other_value": deviation.other_value,
        "unit": deviation.unit,
        "ratio": deviation.ratio,
        "message": deviation.message,
        "evidence": {"query": deviation.evidence.query, "bindings": dict(deviation.evidence.bindings)},
    }


def _not_captured(aspect: Aspect) -> bool:
    return aspect.verdict is Verdict.CANT_TELL and not aspect.captured


def _coverage(entry: CoverageEntry) -> Document:
    return {
        "property": entry.property,
        "label": entry.label,
        "reference": _counts(entry.reference),
        "other": _counts(entry.other),
    }


def _source(gap: SourceGap) -> Document:
    return {
        "run": gap.run,
        "side": "reference" if gap.in_reference else "other",
        "source": gap.source,
        "host": gap.host,
        "state": gap.state,
        "expected": gap.expected,
        "observed": gap.observed,
        "why": gap.why,
        "touches": list(gap.touches),
    }


def _counts(counts: tuple[int, int] | None) -> Document | None:
    return None if counts is None else {"observed": counts[0], "expected": counts[1]}


def _makespan(makespan: Makespan) -> Document:
    return {
        "reference": makespan.reference,
        "other": makespan.other,
        "difference": makespan.difference,
        "ratio": makespan.ratio,
        "unit": "s",
        "parts": [_part(part) for part in makespan.parts],
        "unexplained": makespan.unexplained,
        "steps": [_step(step) for step in makespan.steps],
        "critical_path": {"reference": list(makespan.reference_path), "other": list(makespan.other_path)},
        "message": makespan.message,
    }


def _step(step: MakespanStep) -> Document:
    return {
        "reference_task": step.reference_task,
        "other_task": step.other_task,
        "difference": step.difference,
        "parts": [_part(part) for part in step.parts],
    }


def _part(part: MakespanPart) -> Document:
    return {
        "part": part.part,
        "reference": part.reference,
        "other": part.other,
        "difference": part.difference,
    }
