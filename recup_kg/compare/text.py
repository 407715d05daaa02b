"""A comparison on one screen of 80 columns."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from recup_kg.comparisons import Comparison, CoverageEntry, Deviation, Kind, Makespan, SourceGap

WIDTH = 80
_MARGIN = "  "
_STEPS = 3
_SHARE = 0.1
"""Tasks of the critical paths that are named: so many at most, from this share of the difference of the makespans on."""


def text(comparison: Comparison, verbose: bool = False, width: int = WIDTH) -> str:
    """The comparison for a terminal: verdicts, makespan, what deviated first. `verbose` lists every deviation."""
    lines = [
        *_wrap(f"{comparison.other.name} compared with {comparison.reference.name} (reference)", width, ""),
        "",
        *_sources(comparison.sources, width, verbose),
        *_wrap(_summary(comparison.coverage), width, ""),
        f"Verdict: {comparison.verdict.value}",
        *_aspects(comparison, width),
        "",
        *_makespan(comparison.makespan, width),
        "",
        *_wrap(_matching(comparison), width, ""),
        *_classes(comparison, width),
        "",
        *(_every(comparison.deviations, width) if verbose else _by_kind(comparison.deviations, width)),
        *_coverage(comparison.coverage, width, verbose),
        *_absorbed(comparison, width),
        *(line for remark in comparison.remarks for line in _wrap(f"Note: {remark}.", width, "")),
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _sources(gaps: Sequence[SourceGap], width: int, verbose: bool) -> Iterator[str]:
    """What did not arrive, before anything that may rest on it."""
    if not gaps:
        return
    yield f"Sources that are missing or partial ({len(gaps)}):"
    for gap in gaps:
        body = f"{gap.message}: {gap.why}" if verbose else gap.message
        yield from textwrap.wrap(body, width, initial_indent=_MARGIN, subsequent_indent=_MARGIN * 2)
    yield ""


def seconds(value: float | None) -> str:
    """Seconds with two decimals, or that they were not captured."""
    return "not captured" if value is None else f"{value:,.2f} s"


def _aspects(comparison: Comparison, width: int) -> Iterator[str]:
    names = max(len(aspect.name) for aspect in comparison.aspects)
    for aspect in comparison.aspects:
        head = f"{_MARGIN}{aspect.name:<{names}}{_MARGIN}{aspect.verdict.value:<10}{_MARGIN}"
        yield from textwrap.wrap(aspect.reason, width, initial_indent=head, subsequent_indent=" " * len(head))


def _makespan(makespan: Makespan, width: int) -> Iterator[str]:
    yield f"Makespan: {seconds(makespan.reference)} -> {seconds(makespan.other)}"
    names = max((len(part.part) for part in makespan.parts), default=0)
    for part in makespan.parts:
        values = f"{part.reference:>12,.2f} s -> {part.other:>12,.2f} s  ({part.difference:+,.2f} s)"
        yield f"{_MARGIN}{part.part:<{names}}{values}"
    for line in path_changes(makespan):
        yield from _wrap(f"of it {line}", width, _MARGIN)
    yield from _wrap(makespan.message + ".", width, _MARGIN)


def path_changes(makespan: Makespan) -> Iterator[str]:
    """The tasks of the critical paths whose time changed most, each with what it changed by."""
    noteworthy = _SHARE * abs(makespan.difference or 0.0)
    steps = sorted(makespan.steps, key=lambda step: -abs(step.difference))[:_STEPS]
    for step in steps:
        if noteworthy and abs(step.difference) >= noteworthy:
            largest = max(step.parts, key=lambda part: abs(part.difference))
            only = "" if step.reference_task and step.other_task else " (on one path only)"
            name = step.other_task or step.reference_task
            yield f"{step.difference:+,.2f} s {name}, mostly {largest.part}{only}"


def _matching(comparison: Comparison) -> str:
    matching = comparison.matching
    return (
        f"Tasks: {matching.matched} matched, {matching.ambiguous} ambiguous, {matching.only_reference} only in the "
        f"reference, {matching.only_other} only in the other run"
    )


def _classes(comparison: Comparison, width: int) -> Iterator[str]:
    for entry in comparison.matching.classes[:5]:
        counts = f"{len(entry.reference)} and {len(entry.other)} tasks"
        yield from _wrap(
            f"{entry.name}: {counts} that can't be told apart, compared as a class", width, _MARGIN
        )


def _by_kind(deviations: Sequence[Deviation], width: int) -> Iterator[str]:
    if not deviations:
        yield "No deviations found."
        return
    for first, title in ((True, "First deviations"), (False, "Inherited from them")):
        found = [deviation for deviation in deviations if deviation.first is first]
        if found:
            yield f"{title} ({len(found)})"
            yield from _kinds(found, width)


def _kinds(found: Sequence[Deviation], width: int) -> Iterator[str]:
    counts = Counter(deviation.kind for deviation in found)
    for kind in (kind for kind in Kind if counts[kind]):
        examples = [deviation for deviation in found if deviation.kind is kind]
        head = f"{_MARGIN}{counts[kind]:>4} {kind.value:<15}"
        yield from textwrap.wrap(
            examples[0].message, width, initial_indent=head, subsequent_indent=" " * len(head)
        )
        for example in examples[1:2]:
            yield from textwrap.wrap(
                example.message, width, initial_indent=" " * len(head), subsequent_indent=" " * len(head)
            )


def _every(deviations: Sequence[Deviation], width: int) -> Iterator[str]:
    yield f"Deviations ({len(deviations)})"
    for deviation in deviations:
        mark = "first" if deviation.first else f"inherited from {_some(deviation.inherited_from)}"
        mark = f"{deviation.role}, {mark}" if deviation.role else mark
        body = f"{deviation.message} [{mark}; recup query {deviation.evidence.query}]"
        head = f"{deviation.rank:>5}. {deviation.kind.value:<15}"
        yield from textwrap.wrap(body, width, initial_indent=head, subsequent_indent=" " * len(head))


def _absorbed(comparison: Comparison, width: int) -> Iterator[str]:
    """Which tasks let no difference through."""
    tasks = comparison.absorbed
    if tasks:
        names = _some(tasks)
        yield from _wrap(
            f"Absorbed ({len(tasks)}): other inputs or arguments, outputs of equal size: {names}.", width, ""
        )


def _summary(entries: Sequence[CoverageEntry]) -> str:
    neither = sum(not _observed(entry.reference) and not _observed(entry.other) for entry in entries)
    partial = sum(_partial(entry) for entry in entries) - neither
    full = len(entries) - neither - partial
    return f"Coverage: of {len(entries)} properties {full} captured in both runs, {partial} in part, {neither} in neither"


def _coverage(entries: Sequence[CoverageEntry], width: int, verbose: bool) -> Iterator[str]:
    missing = [
        entry.label for entry in entries if not _observed(entry.reference) and not _observed(entry.other)
    ]
    partial = [entry for entry in entries if _partial(entry) and entry.label not in missing]
    if missing:
        yield ""
        yield from _wrap("Not captured in either run: " + ", ".join(missing) + ".", width, "")
    for entry in partial if verbose else partial[:4]:
        shown = f"{entry.label}: {_fraction(entry.reference)} in the reference, {_fraction(entry.other)} in the other run"
        yield from _wrap(f"Captured in part: {shown}.", width, "")


def _observed(counts: tuple[int, int] | None) -> int:
    return counts[0] if counts else 0


def _partial(entry: CoverageEntry) -> bool:
    return any(counts is None or counts[0] < counts[1] for counts in (entry.reference, entry.other))


def _fraction(counts: tuple[int, int] | None) -> str:
    return "nothing" if counts is None else f"{counts[0]} of {counts[1]}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _wrap(body: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(body, width, initial_indent=indent, subsequent_indent=indent)
