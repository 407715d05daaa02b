"""An explanation as a caller holds it, and how a run or a population comes to one."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from recup_kg.api.access import Access
from recup_kg.api.explain import explain
from recup_kg.api.runs import runs
from recup_kg.api.scratch import Scratch
from recup_kg.causes.document import cause_document, document
from recup_kg.causes.text import text
from recup_kg.compare import compare
from recup_kg.compare.sources import read_source_gaps
from recup_kg.comparisons import Comparison, Verdict
from recup_kg.errors import MissingExtra, UsageError
from recup_kg.explanations import Cause, Explanation
from recup_kg.measurements import MeasuredRuns
from recup_kg.scores import Scores
from recup_kg.store import Entry, Store
from recup_kg.store.registry import runs as run_entries

if TYPE_CHECKING:
    import pandas

FORMATS = ("text", "json")


@dataclass(frozen=True, slots=True)
class Explained:
    """What `explain` or `bisect` found."""

    explanation: Explanation

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The causes, the one that separates best first."""
        return self.explanation.causes

    @property
    def remarks(self) -> tuple[str, ...]:
        """What could not be told, and why."""
        return self.explanation.remarks

    @property
    def sure(self) -> bool:
        """Whether a cause is more than chance can do, and no gap touches it."""
        return any(cause.verdict is Verdict.DIFFERENT for cause in self.causes)

    def to_dict(self) -> dict[str, Any]:
        """The documented JSON form (docs/causes.md)."""
        return document(self.explanation)

    def to_pandas(self) -> pandas.DataFrame:
        """One row for each cause. Raises `MissingExtra` where pandas is not installed."""
        try:
            import pandas
        except ImportError:
            raise MissingExtra("pandas", "pandas") from None
        return pandas.DataFrame([cause_document(cause) for cause in self.causes])

    def render(self, form: str = "text", *, verbose: bool = False) -> str:
        """The explanation as text or json. Raises `UsageError` for another form."""
        if form == "text":
            return text(self.explanation, verbose=verbose)
        if form == "json":
            return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        raise UsageError(f"no form {form!r}; there are: {', '.join(FORMATS)}")

    def __str__(self) -> str:
        return self.render()


def explain_run(
    access: Access, run: str, against: str | Sequence[str] | None = None, reference: str | None = None
) -> Explained:
    """Why a run deviates from a group, or from one run; from those of its workflow before it where neither is given.

    Raises `UnknownRun`, and `UsageError` where there is nothing to hold the run against.
    """
    if against is not None and reference is not None:
        raise UsageError("name a group with --against or one run with --reference, not both")
    store = access.reading()
    entry = store.resolve(run)
    said: tuple[str, ...] = ()
    if reference is not None:
        others: tuple[Entry, ...] = (store.resolve(reference),)
    elif against is not None:
        others = group(access, against, entry)
    else:
        others, said = before(store, entry)
    others = tuple(other for other in others if other.graph != entry.graph)
    if not others:
        raise UsageError(f"nothing to hold {entry.name} against: the group has no other run")
    measured, scores = _scored(store, entry, others)
    typical = _typical(store, entry, others, measured)
    found = explain(store, entry, others, scores, typical, measured=measured)
    return Explained(replace(found, remarks=(*said, *found.remarks)))


def group(access: Access, expression: str | Sequence[str], run: Entry | None = None) -> tuple[Entry, ...]:
    """The runs of a group: an expression (see `recup_kg.api.groups.resolve_group`) or its words; without `run`."""
    from recup_kg.api.groups import resolve_group

    words = (
        expression
        if isinstance(expression, str)
        else shlex.join(expression)
        if len(expression) > 1
        else expression[0]
    )
    return resolve_group(access, words, run=run)


def before(store: Store, entry: Entry) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """The runs of the same workflow and configuration that came before a run; of any configuration where there are none."""
    known = run_entries(store.registry())
    told = dict(zip((one.graph for one in known), runs(store, known), strict=True))
    own = told[entry.graph]
    if own.workflow is None:
        raise UsageError(
            f"the workflow of {entry.name} was not captured: name runs with --against or --reference"
        )

    def earlier(other: Entry) -> bool:
        started = told[other.graph].started
        if own.started is not None and started is not None:
            return (started, other.position) < (own.started, entry.position)
        return other.position < entry.position

    alike = [one for one in known if told[one.graph].workflow == own.workflow and one.graph != entry.graph]
    preceding = [one for one in alike if earlier(one)]
    same = [one for one in preceding if told[one.graph].fingerprint == own.fingerprint]
    if not preceding:
        others = f"; it has {len(alike)} later ones" if alike else ""
        raise UsageError(
            f"the store has no run of {own.workflow} before {entry.name}{others}: name runs with --against or --reference"
        )
    if same:
        return tuple(same), (f"held against the {len(same)} earlier of the same workflow and configuration",)
    return tuple(preceding), (
        f"held against the {len(preceding)} earlier of the same workflow, in other configurations: none has the same",
    )


def _scored(store: Store, entry: Entry, others: Sequence[Entry]) -> tuple[MeasuredRuns, Scores | None]:
    from recup_kg.api.measure import measured_runs
    from recup_kg.deviation import fit

    measured = measured_runs(store, (*others, entry))
    references, run = measured.runs[:-1], measured.runs[-1]
    if not run.tasks or not any(reference.tasks for reference in references):
        return measured, None
    return measured, fit(references, measured.measurements).score(run)


def _typical(
    store: Store, entry: Entry, others: Sequence[Entry], measured: MeasuredRuns
) -> Comparison | None:
    """The comparison with the reference whose makespan is the median, of those of which there is a task graph."""
    usable = [
        (other, run)
        for other, run in zip(others, measured.runs[:-1], strict=True)
        if run.tasks and measured.runs[-1].tasks
    ]
    if not usable:
        return None
    timed = sorted(
        (pair for pair in usable if pair[1].makespan is not None), key=lambda pair: pair[1].makespan or 0.0
    )
    reference = timed[(len(timed) - 1) // 2][0] if timed else usable[0][0]
    return compare_entries(store, reference, entry)


def compare_entries(store: Store, reference: Entry, other: Entry) -> Comparison:
    """The comparison of two runs of a store, which is not kept."""
    with Scratch() as scratch:
        for graph in dict.fromkeys((reference.task_graph, other.task_graph)):
            scratch.load_graph(graph, store.ntriples(graph))
        gaps = [
            gap
            for entry, is_reference in ((reference, True), (other, False))
            if entry.kind == "fusion"
            for gap in read_source_gaps(store, entry.graph, entry.name, in_reference=is_reference)
        ]
        one, two = (entry.graph if entry.kind == "fusion" else None for entry in (reference, other))
        return compare(
            scratch,
            (reference.task_graph, reference.name),
            (other.task_graph, other.name),
            sources=gaps,
            fusions=(one, two),
        )
