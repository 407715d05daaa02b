"""Metrics as a caller holds them: their values, and the forms in which they can be read."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recup_kg.api.graphs import ntriples_to_turtle
from recup_kg.errors import MissingExtra
from recup_kg.quality import MetricValue, Observed, QualityReport, RunClass, Sample
from recup_kg.rdf.metrics import quality_graph

if TYPE_CHECKING:
    import pandas

COLUMNS = (
    *("workflow", "configuration", "kind", "subject", "quantity", "unit", "selection", "share"),
    *("metric", "value", "low", "high", "n", "m", "p", "p_floor", "p_adjusted", "note"),
)


@dataclass(frozen=True, slots=True)
class ComputedMetrics:
    """What `metrics` computed. `stored_as` is the name of the computation in the store, None where it was not kept."""

    report: QualityReport
    stored_as: str | None = None

    @property
    def classes(self) -> tuple[RunClass, ...]:
        """The classes of configuration, each with its samples and their metrics."""
        return self.report.classes

    def samples(self) -> Iterator[Sample]:
        """All samples."""
        for one in self.report.classes:
            yield from one.samples

    def to_dict(self) -> dict[str, Any]:
        """The documented JSON form (docs/metrics.md)."""
        return {
            "title": self.report.title,
            "by": self.report.by,
            "parameters": dict(item.split("=", 1) for item in self.report.parameters),
            "softwareVersion": self.report.software_version,
            "storedAs": self.stored_as,
            "classes": [_class(one) for one in self.report.classes],
            "remarks": list(self.report.remarks),
        }

    def to_json(self) -> str:
        """`to_dict` as text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)

    def rows(self) -> list[dict[str, Any]]:
        """One row for each value of a metric; the columns are `COLUMNS`."""
        return [
            dict(zip(COLUMNS, row, strict=True))
            for one in self.report.classes
            for sample in one.samples
            for row in _rows(one, sample)
        ]

    def to_csv(self) -> str:
        """The rows as CSV."""
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows())
        return text.getvalue()

    def to_pandas(self) -> pandas.DataFrame:
        """The rows as a table. Raises `MissingExtra` where pandas is not installed."""
        try:
            import pandas
        except ImportError:
            raise MissingExtra("pandas", "pandas") from None
        return pandas.DataFrame(self.rows(), columns=list(COLUMNS))

    def to_turtle(self) -> str:
        """The metrics as DQV and PROV: the content of their bundle."""
        graph = quality_graph(self.report)
        end = f" <{graph.name}> .\n"
        return ntriples_to_turtle("".join(f"{line.removesuffix(end)} .\n" for line in graph.lines))

    def plot(self, path: str | Path) -> None:
        """The values as a picture: .html, .svg or .png, by the name of the file. Raises `MissingExtra`, `UsageError`."""
        from recup_kg.api.metrics_plot import save_plot

        save_plot(self.report, Path(path))


def _class(one: RunClass) -> dict[str, Any]:
    return {
        "workflow": one.workflow,
        "configuration": one.fingerprint,
        "runs": list(one.runs),
        "facts": list(one.facts),
        "incomplete": [{"run": run, "why": why} for run, why in one.incomplete],
        "remarks": list(one.remarks),
        "samples": [_sample(sample) for sample in one.samples],
    }


def _sample(sample: Sample) -> dict[str, Any]:
    return {
        "kind": sample.kind,
        "subject": sample.subject,
        "quantity": sample.quantity,
        "unit": sample.unit,
        "selection": sample.selection,
        "share": sample.share,
        "n": len(sample.values),
        "values": [_observed(item) for item in sample.values],
        "against": [_observed(item) for item in sample.against],
        "metrics": {value.metric: _value(value) for value in sample.metrics},
    }


def _observed(item: Observed) -> dict[str, Any]:
    return {"run": item.run, "value": item.value, "complete": item.complete}


def _value(value: MetricValue) -> dict[str, Any]:
    return {
        "value": value.value,
        "low": value.low,
        "high": value.high,
        "n": value.n,
        "m": value.m,
        "p": value.p,
        "pFloor": value.p_floor,
        "pAdjusted": value.p_adjusted,
        "note": value.note,
    }


def _rows(one: RunClass, sample: Sample) -> Iterator[tuple[Any, ...]]:
    for value in sample.metrics:
        yield (
            *(one.workflow, one.fingerprint, sample.kind, sample.subject, sample.quantity, sample.unit),
            *(sample.selection, sample.share, value.metric, value.value, value.low, value.high, value.n),
            *(value.m, value.p, value.p_floor, value.p_adjusted, value.note),
        )
