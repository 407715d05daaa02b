"""Baselines to named graphs; docs/data-model.md shows what they look like."""

from __future__ import annotations

from recup_kg.baselines import Baseline, Statistic
from recup_kg.rdf import terms
from recup_kg.rdf.graph import Graph, optional_text
from recup_kg.rdf.parts import write_tables
from recup_kg.records import SideTable
from recup_kg.vocab import PROV, RDFS, RECUP


def baseline_graph(baseline: Baseline, table: SideTable) -> Graph:
    """The graph of a baseline; `table` holds the values that it summarises."""
    graph = Graph(baseline.graph)
    graph.describe(graph.name, (PROV + "Bundle",), ((RECUP + "describes", terms.iri(baseline.iri)),))
    previous = baseline.revision_of
    graph.describe(
        baseline.iri,
        (RECUP + "Baseline", PROV + "Entity"),
        (
            (RDFS + "label", terms.text(f"baseline {baseline.name} of {len(baseline.runs)} runs")),
            (RECUP + "baselineName", terms.text(baseline.name)),
            (RECUP + "groupExpression", terms.text(baseline.expression)),
            *((RECUP + "referenceRun", terms.iri(run)) for run in baseline.runs),
            *((PROV + "wasDerivedFrom", terms.iri(member)) for member in baseline.graphs),
            (PROV + "wasRevisionOf", None if previous is None else terms.iri(previous)),
            (RECUP + "scoredWithVersion", terms.text(baseline.software_version)),
        ),
    )
    units = {measurement.iri: measurement.unit for measurement in baseline.measurements}
    for number, statistic in enumerate(baseline.statistics):
        _statistic(graph, baseline, number, statistic, units.get(statistic.measurement))
    write_tables(graph, baseline.iri, (table,))
    return graph


def _statistic(graph: Graph, baseline: Baseline, number: int, found: Statistic, unit: str | None) -> None:
    graph.describe(
        f"{baseline.iri}/statistic/{number}",
        (RECUP + "BaselineStatistic", PROV + "Entity"),
        (
            (RECUP + "statisticOf", terms.iri(baseline.iri)),
            (RECUP + "taskKey", terms.text(found.key)),
            (RECUP + "keyCanonicalId", terms.text(found.task.canonical)),
            (RECUP + "keyNeighbourhood", optional_text(found.task.neighbourhood)),
            (RECUP + "keyIdentifier", optional_text(found.task.identifier)),
            (RECUP + "stepName", terms.text(found.step)),
            (RECUP + "ofMeasurement", terms.iri(found.measurement)),
            (RECUP + "measurementUnit", optional_text(unit)),
            (RECUP + "sampleSize", terms.integer(found.n)),
            (RECUP + "referenceCount", terms.integer(found.runs)),
            (RECUP + "smallestValue", terms.double(found.minimum)),
            (RECUP + "lowerQuartile", terms.double(found.low)),
            (RECUP + "referenceMedian", terms.double(found.median)),
            (RECUP + "upperQuartile", terms.double(found.high)),
            (RECUP + "largestValue", terms.double(found.maximum)),
            (RECUP + "medianAbsoluteDeviation", terms.double(found.mad)),
            (RECUP + "robustSpread", None if found.spread is None else terms.double(found.spread)),
        ),
    )
