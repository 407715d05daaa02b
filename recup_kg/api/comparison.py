"""A comparison as a caller holds it: its parts, and the forms in which it can be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from recup_kg.api.graphs import ntriples_to_turtle
from recup_kg.compare.document import deviation_row, document
from recup_kg.compare.text import text
from recup_kg.comparisons import (
    Aspect,
    Comparison,
    CoverageEntry,
    Deviation,
    Makespan,
    MatchingSummary,
    SourceGap,
    Verdict,
)
from recup_kg.errors import MissingExtra, UsageError
from recup_kg.rdf.comparison import comparison_graph

if TYPE_CHECKING:
    import pandas

    from recup_kg.compare.facts import Facts

FORMATS = ("text", "json", "md", "ttl", "html")


@dataclass(frozen=True, slots=True)
class ComparedRuns:
    """What `compare` found. `stored_as` is the name of the comparison in the store, None where it was not kept.

    `facts` reads again what both runs state of their tasks, which the pictures of the HTML report show.
    """

    comparison: Comparison
    stored_as: str | None = None
    facts: Callable[[], tuple[Facts, Facts]] | None = field(default=None, repr=False, compare=False)

    @property
    def verdict(self) -> Verdict:
        """Same, different or can't tell, overall."""
        return self.comparison.verdict

    @property
    def aspects(self) -> tuple[Aspect, ...]:
        """The verdict on each aspect, with its reason."""
        return self.comparison.aspects

    @property
    def deviations(self) -> tuple[Deviation, ...]:
        """The deviations, ranked: first ones before those that are inherited from them."""
        return self.comparison.deviations

    @property
    def sources(self) -> tuple[SourceGap, ...]:
        """The sources of both runs that are missing or partial; empty where neither run was ingested from several sources."""
        return self.comparison.sources

    @property
    def coverage(self) -> tuple[CoverageEntry, ...]:
        """How much of each property the two sources state."""
        return self.comparison.coverage

    @property
    def matching(self) -> MatchingSummary:
        """How many tasks were matched."""
        return self.comparison.matching

    @property
    def makespan(self) -> Makespan:
        """The makespans in seconds, and what their difference consists of."""
        return self.comparison.makespan

    def to_dict(self) -> dict[str, Any]:
        """The documented JSON form (docs/compare.md)."""
        return document(self.comparison)

    def to_pandas(self) -> pandas.DataFrame:
        """One row for each deviation. Raises `MissingExtra` where pandas is not installed."""
        try:
            import pandas
        except ImportError:
            raise MissingExtra("pandas", "pandas") from None
        return pandas.DataFrame([deviation_row(deviation) for deviation in self.deviations])

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
        graph = comparison_graph(self.comparison)
        end = f" <{graph.name}> .\n"
        return ntriples_to_turtle("".join(f"{line.removesuffix(end)} .\n" for line in graph.lines))

    def to_html(self) -> str:
        """The report as one HTML file that needs nothing else (docs/report.md).

        Raises `UsageError` where the runs can't be read any more.
        """
        from recup_kg.report.html import pair_html

        if self.facts is None:
            raise UsageError(
                "the HTML report needs both runs, and this comparison came without them: compare them again"
            )
        return pair_html(self.comparison, *self.facts())

    def to_markdown(self, *, verbose: bool = False) -> str:
        """The comparison as Markdown for a pull request; with `verbose` all deviations are in it."""
        from recup_kg.report.markdown import pair_markdown

        return pair_markdown(self.comparison, verbose=verbose)

    def _repr_html_(self) -> str:
        from recup_kg.report.html import pair_summary_html

        return pair_summary_html(self.comparison)

    def _repr_markdown_(self) -> str:
        return self.to_markdown()
