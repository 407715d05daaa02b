"""A comparison as a caller holds it: its parts, and the forms in which it can be read."""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recup_kg.api.graphs import ntriples_to_turtle
from recup_kg.compare.document import deviation_row, document
from recup_kg.compare.text import markdown, text
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

FORMATS = ("text", "json", "md", "ttl")


@dataclass(frozen=True, slots=True)
class ComparedRuns:
    """What `compare` found. `stored_as` is the name of the comparison in the store, None where it was not kept."""

    comparison: Comparison
    stored_as: str | None = None

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
        """The comparison as text, json, md or ttl. Raises `UsageError` for another form."""
        if form == "text":
            return text(self.comparison, verbose)
        if form == "json":
            return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
        if form == "md":
            return markdown(self.comparison)
        if form == "ttl":
            return self.to_turtle()
        raise UsageError(f"no form {form!r} of a comparison; there are: {', '.join(FORMATS)}")

    def to_turtle(self) -> str:
        """The comparison as PROV: the content of its bundle."""
        graph = comparison_graph(self.comparison)
        end = f" <{graph.name}> .\n"
        return ntriples_to_turtle("".join(f"{line.removesuffix(end)} .\n" for line in graph.lines))

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(text(self.comparison))}</pre>"
