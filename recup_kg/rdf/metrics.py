"""Metrics to named graphs; docs/data-model.md shows what they look like."""

from __future__ import annotations

from recup_kg.quality import MetricValue, QualityReport, RunClass, Sample, local_name
from recup_kg.rdf import terms
from recup_kg.rdf.graph import Graph, optional_text
from recup_kg.vocab import DQV, PROV, RDFS, RECUP


def quality_graph(report: QualityReport) -> Graph:
    """The graph of a computation of metrics: what it used, the groups of values, and each measurement of them."""
    graph = Graph(report.graph)
    graph.describe(graph.name, (PROV + "Bundle",), ((RECUP + "describes", terms.iri(report.iri)),))
    used = dict.fromkeys(name for one in report.classes for graphs in one.graphs for name in graphs)
    graph.describe(
        report.iri,
        (RECUP + "MetricComputation", PROV + "Activity"),
        (
            (RDFS + "label", terms.text(f"metrics of {report.title} by {report.by}")),
            *((PROV + "used", terms.iri(name)) for name in used),
            (RECUP + "softwareVersion", terms.text(report.software_version)),
            *((RECUP + "parameter", terms.text(parameter)) for parameter in report.parameters),
        ),
    )
    number = 0
    for one in report.classes:
        for sample in one.samples:
            _group(graph, report, one, sample, number)
            number += 1
    return graph


def _group(graph: Graph, report: QualityReport, one: RunClass, sample: Sample, number: int) -> None:
    """The values that were measured, and the measurements of them."""
    group = f"{report.iri}/group/{number}"
    executions = dict(zip(one.runs, one.executions, strict=True))
    graphs = dict(zip(one.runs, one.graphs, strict=True))
    used = dict.fromkeys(name for item in (*sample.values, *sample.against) for name in graphs[item.run])
    graph.describe(
        group,
        (RECUP + "MeasuredGroup", PROV + "Entity"),
        (
            (RDFS + "label", terms.text(f"{sample.quantity} of {sample.subject}, {sample.selection}")),
            (PROV + "wasGeneratedBy", terms.iri(report.iri)),
            *((PROV + "wasDerivedFrom", terms.iri(name)) for name in used),
            (RECUP + "groupKind", terms.text(sample.kind)),
            (RECUP + "groupSubject", terms.text(sample.subject)),
            (RECUP + "quantity", terms.text(sample.quantity)),
            (RECUP + "selection", terms.text(sample.selection)),
            (RECUP + "unit", optional_text(sample.unit)),
            (RECUP + "ofConfiguration", optional_text(one.fingerprint)),
            (RECUP + "varianceShare", _double(sample.share)),
            *((RECUP + "measuredRun", terms.iri(executions[item.run])) for item in sample.values),
            *((RECUP + "heldAgainst", terms.iri(executions[item.run])) for item in sample.against),
        ),
    )
    for value in sample.metrics:
        _measurement(graph, report, group, value)


def _measurement(graph: Graph, report: QualityReport, group: str, value: MetricValue) -> None:
    graph.describe(
        f"{group}/{value.metric}",
        (RECUP + "ComputedMeasurement", DQV + "QualityMeasurement", PROV + "Entity"),
        (
            (DQV + "isMeasurementOf", terms.iri(RECUP + local_name(value.metric))),
            (DQV + "computedOn", terms.iri(group)),
            (PROV + "wasGeneratedBy", terms.iri(report.iri)),
            (DQV + "value", _double(value.value)),
            (RECUP + "valueCount", terms.integer(value.n)),
            (RECUP + "referenceCount", None if value.m is None else terms.integer(value.m)),
            (RECUP + "intervalLow", _double(value.low)),
            (RECUP + "intervalHigh", _double(value.high)),
            (RECUP + "probability", _double(value.p)),
            (RECUP + "smallestProbability", _double(value.p_floor)),
            (RECUP + "correctedProbability", _double(value.p_adjusted)),
            (RDFS + "comment", optional_text(value.note)),
        ),
    )


def _double(value: float | None) -> str | None:
    return None if value is None else terms.double(value)
