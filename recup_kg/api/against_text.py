"""A comparison with a group for a terminal of 80 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from statistics import median
from typing import TypeVar

from recup_kg.comparisons import Verdict
from recup_kg.explanations import Cause
from recup_kg.group_comparisons import Distribution, GroupComparison
from recup_kg.scores import NodeScore, Part, TaskScore

_Scored = TypeVar("_Scored", TaskScore, NodeScore)
WIDTH = 80
_MARGIN = "  "
_MOST_TASKS = 10
_MOST_NODES = 5
_MOST_PARTS = 3
_MOST_CAUSES = 5
_MOST_NOTES = 6
_WORTH = 1.0
"""Evidence (-log10 p) from which on a part of a score is shown without --verbose."""


def text(comparison: GroupComparison, verbose: bool = False, width: int = WIDTH) -> str:
    """The comparison for a terminal: the verdict first, then run, machines, tasks, frontier, causes, what can't be told."""
    lines = [
        *_wrap(
            f"{comparison.run.name} against {_several(len(comparison.group.runs), 'reference run')}", width
        ),
        *_wrap(f"group: {comparison.group.expression}", width, _MARGIN),
        "",
        f"Verdict: {comparison.verdict.value}",
        *_wrap(comparison.reason, width, _MARGIN),
        "",
        *_wrap(_run(comparison), width),
        *_wrap(_makespan(comparison.makespan), width),
        "",
        *_nodes(comparison, width, verbose),
        *_tasks(comparison, width, verbose),
        *_frontier(comparison, width, verbose),
        *_causes(comparison, width, verbose),
        *_typical(comparison, width),
        *_confounders(comparison, width),
        *_notes(comparison, width, verbose),
    ]
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def part_text(part: Part) -> str:
    """One measurement against the references: `run time 280 s instead of 40 s (38 to 42), 7.00 times`."""
    value = f"{part.label} {_number(part.value)}{_unit(part.unit)}"
    if part.median is None:
        return f"{value}; no reference has it"
    known = part.low is not None and part.high is not None and part.low != part.high
    spread = f" ({_number(part.low or 0.0)} to {_number(part.high or 0.0)})" if known else ""
    ratio = "" if part.ratio is None else f", {part.ratio:.3g} times"
    return f"{value} instead of {_number(part.median)}{_unit(part.unit)}{spread}{ratio}"


def _run(comparison: GroupComparison) -> str:
    run = comparison.scores.run
    known = f"p = {run.p:.2g}" if run.p is not None else "no p"
    needed = f"; {_several(run.needed, 'more reference')} needed to tell" if run.needed else ""
    return (
        f"Run: {run.verdict.value}; score {run.score:.2f}, {known} "
        f"(smallest that {_several(run.n, 'reference')} can give: {run.p_floor:.2g}{needed})"
    )


def _makespan(makespan: Distribution) -> str:
    known = [value for value in makespan.references if value is not None]
    own = "not captured" if makespan.value is None else f"{makespan.value:,.2f} s"
    if not known:
        return f"Makespan: {own}; of no reference captured"
    middle = median(known)
    said = f"Makespan: {own}; references {min(known):,.2f} to {max(known):,.2f} s, median {middle:,.2f} s"
    if len(known) == 1:
        said = f"Makespan: {own}; the reference {middle:,.2f} s"
    if makespan.value is None:
        return said
    ratio = f" ({makespan.value / middle:.2f} times)" if middle else ""
    beyond = not min(known) <= makespan.value <= max(known)
    return f"{said}{ratio}{f', beyond all {len(known)}' if beyond and len(known) > 1 else ''}"


def _nodes(comparison: GroupComparison, width: int, verbose: bool) -> Iterator[str]:
    nodes = _told_first(comparison.scores.nodes)
    if not nodes:
        yield "Machines: not captured"
        yield ""
        return
    shown = nodes if verbose else nodes[:_MOST_NODES]
    yield f"Machines ({len(nodes)}{_first(shown, nodes)})"
    for node in shown:
        yield from _scored(node.name, node, f"{_several(len(node.tasks), 'task')}", width)
    yield ""


def _tasks(comparison: GroupComparison, width: int, verbose: bool) -> Iterator[str]:
    tasks = _told_first(comparison.scores.tasks)
    shown = tasks if verbose else tasks[:_MOST_TASKS]
    yield f"Tasks ({len(tasks)}{_first(shown, tasks)})"
    for task in shown:
        yield from _scored(task.identifier, task, " ".join(task.nodes[:1]), width)
        for part in _parts(task, verbose):
            yield from _wrap(part_text(part), width, _MARGIN * 3)
    yield ""


def _told_first(scored: Sequence[_Scored]) -> Sequence[_Scored]:
    """Those of which it is sure that they deviate, then the rest, each in the order of scores."""
    return sorted(scored, key=lambda one: one.verdict is not Verdict.DIFFERENT)


def _scored(name: str, scored: TaskScore | NodeScore, more: str, width: int) -> Iterator[str]:
    """A name with its score, p and verdict; a name that is too long has a line of its own."""
    numbers = f"{scored.score:8.2f}  p adj. {_p(scored.p_adjusted):>7}  {scored.verdict.value:10}"
    room = width - len(_MARGIN) - len(numbers) - 2
    if len(name) > room:
        yield from _wrap(name, width, _MARGIN)
        name = ""
    yield f"{_MARGIN}{name.ljust(room)}  {numbers}"
    if more:
        yield from _wrap(f"on {more}" if isinstance(scored, TaskScore) else more, width, _MARGIN * 3)


def _parts(task: TaskScore, verbose: bool) -> Sequence[Part]:
    if verbose:
        return task.parts
    return [part for part in task.parts[:_MOST_PARTS] if part.evidence >= _WORTH]


def _frontier(comparison: GroupComparison, width: int, verbose: bool) -> Iterator[str]:
    found = comparison.frontier
    if not found:
        return
    first, inherited = [task for task in found if task.first], [task for task in found if not task.first]
    told = any(task.verdict is Verdict.DIFFERENT for task in comparison.scores.tasks)
    heading = "First deviations" if told else "Tasks that stand apart, which can be chance: the first"
    yield f"{heading} ({len(first)})"
    for task in first if verbose else first[:_MOST_TASKS]:
        node = (
            f", on {task.node}, which {'deviates' if told else 'stands apart'} as a whole"
            if task.node
            else ""
        )
        yield from _wrap(f"{task.identifier}{node}", width, _MARGIN)
    if len(first) > _MOST_TASKS and not verbose:
        yield f"{_MARGIN}and {len(first) - _MOST_TASKS} more"
    if inherited:
        yield f"Inherited from them ({len(inherited)})"
        for task in inherited if verbose else inherited[:_MOST_TASKS]:
            yield from _wrap(f"{task.identifier} from {', '.join(task.inherited_from[:3])}", width, _MARGIN)
    yield ""


def _causes(comparison: GroupComparison, width: int, verbose: bool) -> Iterator[str]:
    explanation = comparison.explanation
    if explanation is None:
        return
    causes = explanation.causes if verbose else explanation.causes[:_MOST_CAUSES]
    yield f"What explains it ({len(explanation.causes)}{_first(causes, explanation.causes)})"
    if not causes:
        yield f"{_MARGIN}no fact that was captured separates the run from the references"
    for cause in causes:
        yield from _wrap(_cause(cause), width, _MARGIN)
        for link in cause.chain:
            yield from _wrap(f"<- {link.message}", width, _MARGIN * 3)
    yield ""


def _cause(cause: Cause) -> str:
    told = "" if cause.verdict is Verdict.DIFFERENT else f" ({cause.verdict.value})"
    return f"{cause.rank or '-'}. {cause.message}{told}"


def _typical(comparison: GroupComparison, width: int) -> Iterator[str]:
    typical = comparison.typical
    yield from _wrap(
        f"Against {typical.reference.name}, whose makespan is the median: {typical.makespan.message}", width
    )
    yield from _wrap(
        f"recup compare {typical.reference.name} {typical.other.name} tells more of these two.", width
    )
    yield ""


def _confounders(comparison: GroupComparison, width: int) -> Iterator[str]:
    if comparison.group.confounders:
        yield "Facts that the runs do not share, each a possible confounder:"
        for fact in comparison.group.confounders:
            yield from _wrap(fact, width, _MARGIN)
        yield ""


def _notes(comparison: GroupComparison, width: int, verbose: bool) -> Iterator[str]:
    said = comparison.explanation.remarks if comparison.explanation is not None else ()
    notes = list(dict.fromkeys((*comparison.remarks, *said)))
    for remark in notes if verbose else notes[:_MOST_NOTES]:
        yield from _wrap(f"Note: {remark}.", width)
    if len(notes) > _MOST_NOTES and not verbose:
        yield f"{len(notes) - _MOST_NOTES} more notes with --verbose."


def _first(shown: Sequence[object], everything: Sequence[object]) -> str:
    return f"; the first {len(shown)}, all with --verbose" if len(shown) < len(everything) else ""


def _p(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.2g}"


def _number(value: float) -> str:
    """Four digits at least, all digits of whole numbers."""
    return f"{value:,.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:,.4g}"


def _unit(unit: str | None) -> str:
    return f" {unit}" if unit else ""


def _several(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _wrap(paragraph: str, width: int, indent: str = "") -> list[str]:
    return textwrap.wrap(
        paragraph,
        width,
        initial_indent=indent,
        subsequent_indent=indent + _MARGIN if indent else "",
        break_on_hyphens=False,
    )
