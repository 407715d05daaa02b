"""A comparison with a group as a caller holds it: its parts, and the forms in which it can be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from recup_kg.api.against_text import text
from recup_kg.api.graphs import ntriples_to_turtle
from recup_kg.compare.document import document
from recup_kg.comparisons import Comparison, Verdict
from recup_kg.errors import MissingExtra, UsageError
from recup_kg.explanations import Explanation
from recup_kg.group_comparisons import FrontierTask, GroupComparison
from recup_kg.rdf.group_comparison import group_comparison_graph
from recup_kg.scores import Scores

if TYPE_CHECKING:
    import pandas

    from recup_kg.compare.facts import Facts

FORMATS = ("text", "json", "md", "ttl", "html")


@dataclass(frozen=True, slots=True)
class ComparedWithGroup:
    """What `against` found. `stored_as` is the name of the comparison in the store, None where it was not kept.

    `facts` reads again what the typical reference and the run state of their tasks, which the pictures of the report show.
    """

    comparison: GroupComparison
    stored_as: str | None = None
    facts: Callable[[], tuple[Facts, Facts]] | None = field(default=None, repr=False, compare=False)

    @property
    def verdict(self) -> Verdict:
        """Same, different or can't tell, overall."""
        return self.comparison.verdict

    @property
    def reason(self) -> str:
        """Why that is the verdict."""
        return self.comparison.reason

    @property
    def scores(self) -> Scores:
        """The scores of the run, its tasks and its machines."""
        return self.comparison.scores

    @property
    def frontier(self) -> tuple[FrontierTask, ...]:
        """The tasks that deviate, those that do so first before those that inherit it."""
        return self.comparison.frontier

    @property
    def typical(self) -> Comparison:
        """The comparison with the reference whose makespan is the median."""
        return self.comparison.typical

    @property
    def explanation(self) -> Explanation | None:
        """What separates the run, its deviating tasks and machines from the others."""
        return self.comparison.explanation

    def to_dict(self) -> dict[str, Any]:
        """The documented JSON form (docs/groups.md)."""
        found = self.comparison
        return {
            "run": asdict(found.run),
            "group": asdict(found.group),
            "verdict": found.verdict.value,
            "reason": found.reason,
            "makespan": asdict(found.makespan),
            "scores": asdict(found.scores),
            "frontier": [asdict(task) for task in found.frontier],
            "explanation": None if found.explanation is None else asdict(found.explanation),
            "distributions": [asdict(distribution) for distribution in found.distributions],
            "typical": document(found.typical),
            "remarks": list(found.remarks),
            "software_version": found.software_version,
            "comparison": found.iri,
            "graph": found.graph,
            "stored_as": self.stored_as,
        }

    def to_pandas(self) -> pandas.DataFrame:
        """One row for each task, the most deviating first. Raises `MissingExtra` where pandas is not installed."""
        try:
            import pandas
        except ImportError:
            raise MissingExtra("pandas", "pandas") from None
        return pandas.DataFrame(
            [
                {
                    "task": task.identifier,
                    "step": task.step,
                    "nodes": ", ".join(task.nodes),
                    "score": task.score,
                    "own": task.own,
                    "n": task.n,
                    "p": task.p,
                    "p_adjusted": task.p_adjusted,
                    "verdict": task.verdict.value,
                }
                for task in self.scores.tasks
            ]
        )

    def render(self, form: str = "text", *, verbose: bool = False) -> str:
        """The comparison as text, json, md, ttl or html. Raises `UsageError` for another form."""
        if form == "text":
            return text(self.comparison, verbose)
        if form == "json":
            return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
        if form == "md":
            return self.to_markdown(verbose=verbose)
        if form == "ttl":
            return self.to_turtle()
        if form == "html":
            return self.to_html()
        raise UsageError(f"no form {form!r} of a comparison; there are: {', '.join(FORMATS)}")

    def to_turtle(self) -> str:
        """The comparison as PROV: the content of its bundle."""
        graph = group_comparison_graph(self.comparison)
        end = f" <{graph.name}> .\n"
        return ntriples_to_turtle("".join(f"{line.removesuffix(end)} .\n" for line in graph.lines))

    def to_html(self) -> str:
        """The comparison as one HTML file that needs nothing else (docs/report.md)."""
        from recup_kg.report.html import group_html

        return group_html(self.comparison, None if self.facts is None else self.facts())

    def to_markdown(self, *, verbose: bool = False) -> str:
        """The comparison as Markdown for a pull request; with `verbose` all tasks are in it."""
        from recup_kg.report.markdown import group_markdown

        return group_markdown(self.comparison, verbose=verbose)

    def _repr_markdown_(self) -> str:
        return self.to_markdown()

    def _repr_html_(self) -> str:
        from recup_kg.report.html import group_summary_html

        return group_summary_html(self.comparison)
