"""An explanation as plain text of 80 columns."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator

from recup_kg.causes.words import several
from recup_kg.comparisons import Evidence
from recup_kg.explanations import Cause, Explanation

WIDTH = 80
_NAMES = 5
_SHOWN = 6


def text(explanation: Explanation, *, verbose: bool = False) -> str:
    """The causes from the first to the last; with `verbose` all of them, their queries and the rows behind chains."""
    return "\n".join(_lines(explanation, verbose=verbose)) + "\n"


def command(evidence: Evidence) -> str:
    """The command that asks the query again."""
    bound = (f"{name}={value}" for name, value in evidence.bindings.items() if value is not None)
    return " ".join(["recup query", evidence.query, *(f"-p {shlex.quote(pair)}" for pair in bound)])


def numbers(cause: Cause) -> str:
    """Separation, effect and probabilities, as far as they were computed."""
    parts = [f"separation {cause.separation:.2f}"]
    if cause.effect is not None:
        parts.append(f"Cliff's delta {cause.effect:+.2f}")
    if cause.ratio is not None:
        parts.append(f"ratio of medians {cause.ratio:.3g}")
    if cause.p is not None:
        floor = "" if cause.p_floor is None else f" (floor {cause.p_floor:.2g})"
        parts.append(f"p {cause.p:.2g}{floor}")
    if cause.p_adjusted is not None:
        parts.append(f"corrected {cause.p_adjusted:.2g}")
    return ", ".join(parts)


def _lines(explanation: Explanation, *, verbose: bool) -> Iterator[str]:
    yield from _wrapped(f"{explanation.outcome}: {explanation.rule or 'causes'}")
    yield from _wrapped(f"deviating ({len(explanation.deviating):,}): {_names(explanation.deviating)}", "  ")
    yield from _wrapped(f"others ({len(explanation.others):,}): {_names(explanation.others)}", "  ")
    yield ""
    if not explanation.causes:
        yield "No fact that was captured separates them."
    shown = explanation.causes if verbose else explanation.causes[:_SHOWN]
    for cause in shown:
        yield from _cause(cause, verbose=verbose)
    if len(shown) < len(explanation.causes):
        yield f"... and {len(explanation.causes) - len(shown)} more: --verbose lists them"
    if explanation.remarks:
        yield ""
    for remark in explanation.remarks:
        yield from _wrapped(f"- {remark}", "", "  ")


def _cause(cause: Cause, *, verbose: bool) -> Iterator[str]:
    yield from _wrapped(f"{cause.rank}. [{cause.verdict.value}] {cause.message}", "", "   ")
    yield from _wrapped(numbers(cause), "   ")
    for link in cause.chain:
        yield from _wrapped(f"<- {link.message}", "   ", "      ")
        if verbose:
            yield from _wrapped(command(link.evidence), "      $ ", "        ")
            for row in link.rows:
                yield from _wrapped(" | ".join("" if cell is None else str(cell) for cell in row), "        ")
    for evidence in cause.evidence if verbose else ():
        yield from _wrapped(command(evidence), "   $ ", "     ")


def _names(names: tuple[str, ...]) -> str:
    return several(names, _NAMES) if names else "none"


def _wrapped(line: str, indent: str = "", more: str | None = None) -> list[str]:
    return textwrap.wrap(
        line,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + ("  " if more is None else "") if more is None else more,
        break_on_hyphens=False,
    )
