"""Comparisons as Markdown that fits a pull request: verdict first, long tables folded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from recup_kg.comparisons import Aspect, Comparison, Deviation, Makespan, SourceGap, Verdict
from recup_kg.report.words import count, quantity, seconds, signed_seconds, some

MARKS = {Verdict.SAME: "=", Verdict.DIFFERENT: "≠", Verdict.CANT_TELL: "?"}
_FIRST = 10
_LISTED = 200
"""GitHub takes no comment of more than 65,536 characters."""
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def pair_markdown(comparison: Comparison, *, verbose: bool = False) -> str:
    """The comparison of two runs: verdict, aspects, first deviations, the split of the makespans; the rest folded.

    With `verbose` every deviation is listed.
    """
    first = [deviation for deviation in comparison.deviations if deviation.first]
    matching = comparison.matching
    lines = [
        f"# {escaped(comparison.other.name)} compared with {escaped(comparison.reference.name)}",
        "",
        *_sources(comparison.sources),
        f"Verdict: **{MARKS[comparison.verdict]} {comparison.verdict.value}**",
        "",
        *table(("aspect", "verdict", "reason"), [_aspect(aspect) for aspect in comparison.aspects]),
        "",
        f"Tasks: {matching.matched:,} matched, {matching.ambiguous:,} ambiguous, {matching.only_reference:,} only in the "
        f"reference, {matching.only_other:,} only in the other run.",
        "",
        f"## First deviations ({len(first):,})",
        "",
        *_first(first),
        "## Makespan",
        "",
        *_makespan(comparison.makespan),
        *_folded(comparison.deviations, None if verbose else _LISTED),
        *(f"- {escaped(remark)}" for remark in comparison.remarks),
    ]
    return "\n".join(lines).rstrip() + "\n"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table; cells are escaped."""
    yield "| " + " | ".join(header) + " |"
    yield "|" + "---|" * len(header)
    for row in rows:
        yield "| " + " | ".join(map(escaped, row)) + " |"


def escaped(text: str) -> str:
    """Text of a source on one line that can't become markup, inside a table or out of it.

    An underscore within a word is none (CommonMark 0.31, 6.2), so that names of tasks can be read.
    """
    line = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return re.sub(r"(?<=\w)\\_(?=\w)", "_", line)


def folded(title: str, lines: Sequence[str]) -> Iterator[str]:
    """Lines behind a click."""
    yield f"<details><summary>{title}</summary>"
    yield ""
    yield from lines
    yield ""
    yield "</details>"
    yield ""


def _aspect(aspect: Aspect) -> tuple[str, ...]:
    said = aspect.verdict.value if aspect.captured else "not captured"
    return aspect.name, f"{MARKS[aspect.verdict]} {said}", aspect.reason


def _sources(gaps: Sequence[SourceGap]) -> Iterator[str]:
    if not gaps:
        return
    yield "Sources that are missing or partial:"
    yield ""
    header = ("run", "source", "host", "state", "observed", "expected", "why", "can't tell")
    yield from table(header, [_source(gap) for gap in gaps])
    yield ""


def _source(gap: SourceGap) -> tuple[str, ...]:
    expected = "unknown" if gap.expected is None else str(gap.expected)
    touches = ", ".join(gap.touches) or "nothing compared here"
    return gap.run, gap.source, gap.host or "all", gap.state, str(gap.observed), expected, gap.why, touches


def _first(found: Sequence[Deviation]) -> Iterator[str]:
    if not found:
        yield "None."
    else:
        header = ("rank", "kind", "deviation", "reference", "other run")
        yield from table(header, [_deviation(deviation) for deviation in found[:_FIRST]])
    if len(found) > _FIRST:
        yield ""
        yield f"and {len(found) - _FIRST:,} more, below."
    yield ""


def _deviation(deviation: Deviation) -> tuple[str, ...]:
    values = (
        quantity(value, deviation.unit) if deviation.unit and value is not None else ""
        for value in (deviation.reference_value, deviation.other_value)
    )
    return str(deviation.rank), deviation.kind.value, deviation.message, *values


def _makespan(makespan: Makespan) -> Iterator[str]:
    if not makespan.parts:
        yield f"{makespan.message[:1].upper()}{makespan.message[1:]}."
        yield ""
        return
    rows = [
        (part.part, seconds(part.reference), seconds(part.other), signed_seconds(part.difference))
        for part in makespan.parts
    ]
    whole = (seconds(makespan.reference), seconds(makespan.other), signed_seconds(makespan.difference))
    yield from table(("part", "reference", "other run", "difference"), [*rows, ("makespan", *whole)])
    yield ""
    yield f"{makespan.message[:1].upper()}{makespan.message[1:]}."
    yield ""


def _folded(deviations: Sequence[Deviation], most: int | None) -> Iterator[str]:
    if not deviations:
        return
    listed = deviations[:most]
    header = ("rank", "kind", "first", "deviation", "inherited from", "query")
    lines = [*table(header, [_row(deviation) for deviation in listed])]
    if len(listed) < len(deviations):
        lines += ["", f"{len(deviations) - len(listed):,} more: `recup compare --format json`."]
    yield from folded(f"All {count(len(deviations), 'deviation')}, with their queries", lines)


def _row(deviation: Deviation) -> tuple[str, ...]:
    return (
        str(deviation.rank),
        deviation.kind.value,
        "yes" if deviation.first else "no",
        deviation.message,
        some(deviation.inherited_from),
        deviation.evidence.query,
    )
