"""Comparisons as Markdown that fits a pull request: verdict first, long tables folded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from statistics import median

from recup_kg.comparisons import Aspect, Comparison, Deviation, Makespan, SourceGap, Verdict
from recup_kg.group_comparisons import GroupComparison
from recup_kg.report.words import count, probability, quantity, seconds, signed_seconds, some
from recup_kg.scores import NodeScore, Part, RunScore, TaskScore

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


def group_markdown(comparison: GroupComparison, *, verbose: bool = False) -> str:
    """A run against a group: verdict, machines, the most deviating tasks, causes; the rest folded.

    With `verbose` every task is listed.
    """
    tasks, nodes = comparison.scores.tasks, comparison.scores.nodes
    runs = count(len(comparison.group.runs), "reference run")
    makespan = comparison.makespan
    known = [value for value in makespan.references if value is not None]
    lines = [
        f"# {escaped(comparison.run.name)} against {runs}",
        "",
        f"Verdict: **{MARKS[comparison.verdict]} {comparison.verdict.value}**: {escaped(comparison.reason)}",
        "",
        f"- group: {escaped(comparison.group.expression)}",
        f"- run: {comparison.scores.run.verdict.value}, score {comparison.scores.run.score:.2f}, {_p(comparison.scores.run)}",
        f"- makespan: {seconds(makespan.value)}, median of the references {seconds(median(known) if known else None)}",
        "",
        f"## Tasks ({len(tasks):,})",
        "",
        *table(_TASK_HEADER, [_task(task, comparison) for task in tasks[:_FIRST]]),
        "",
        *_machines(nodes),
        *_causes(comparison),
        *_rest(comparison, tasks[_FIRST : None if verbose else _LISTED]),
        *(f"- possible confounder: {escaped(fact)}" for fact in comparison.group.confounders),
        *(f"- {escaped(remark)}" for remark in comparison.remarks),
    ]
    return "\n".join(lines).rstrip() + "\n"


_TASK_HEADER = ("task", "machine", "frontier", "score", "n", "p adj.", "verdict", "what lies apart most")


def _p(score: RunScore) -> str:
    known = "no p" if score.p is None else f"p {probability(score.p)}"
    needed = f"; {count(score.needed, 'more reference')} needed to tell" if score.needed else ""
    return f"{known} (smallest that {count(score.n, 'reference')} can give: {probability(score.p_floor)}{needed})"


def _task(task: TaskScore, comparison: GroupComparison) -> tuple[str, ...]:
    place = next((one for one in comparison.frontier if one.identifier == task.identifier), None)
    part = max(task.parts, key=lambda part: part.evidence, default=None)
    return (
        task.identifier,
        some(task.nodes, 1),
        ""
        if place is None
        else "first"
        if place.first
        else f"inherited from {some(place.inherited_from, 1)}",
        f"{task.score:.2f}",
        str(task.n),
        probability(task.p_adjusted),
        f"{MARKS[task.verdict]} {task.verdict.value}",
        "" if part is None else _part(part),
    )


def _part(part: Part) -> str:
    value = f"{part.label} {quantity(part.value, part.unit)}"
    return value if part.median is None else f"{value} instead of {quantity(part.median, part.unit)}"


def _machines(nodes: Sequence[NodeScore]) -> Iterator[str]:
    yield f"## Machines ({len(nodes):,})"
    yield ""
    if nodes:
        header = ("machine", "score", "n", "p adj.", "verdict")
        yield from table(header, [_machine(node) for node in nodes[:_FIRST]])
    else:
        yield "Not captured."
    yield ""


def _machine(node: NodeScore) -> tuple[str, ...]:
    said = f"{MARKS[node.verdict]} {node.verdict.value}"
    return node.name, f"{node.score:.2f}", str(node.n), probability(node.p_adjusted), said


def _causes(comparison: GroupComparison) -> Iterator[str]:
    if comparison.explanation is None:
        return
    yield "## What separates it from the references"
    yield ""
    causes = comparison.explanation.causes
    for cause in causes[:_FIRST]:
        yield f"{cause.rank}. {MARKS[cause.verdict]} {cause.verdict.value}: {escaped(cause.message)}"
        for link in cause.chain:
            yield f"   - because {escaped(link.message)} ({link.evidence.query})"
    if not causes:
        yield "No fact that was captured."
    elif len(causes) > _FIRST:
        yield ""
        yield f"and {len(causes) - _FIRST:,} more."
    yield ""


def _rest(comparison: GroupComparison, tasks: Sequence[TaskScore]) -> Iterator[str]:
    if tasks:
        lines = [*table(_TASK_HEADER, [_task(task, comparison) for task in tasks])]
        left = len(comparison.scores.tasks) - _FIRST - len(tasks)
        if left > 0:
            lines += ["", f"{left:,} more: `recup compare --format json`."]
        yield from folded(f"{count(len(tasks), 'more task')}", lines)
    runs = [
        (run.name, seconds(makespan))
        for run, makespan in zip(comparison.group.runs, comparison.makespan.references, strict=True)
    ]
    yield from folded(count(len(runs), "reference run"), [*table(("run", "makespan"), runs[:_LISTED])])
