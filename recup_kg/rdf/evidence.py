"""Evidence to named graphs: that of the evidence, and those of the terms that it uses."""

from __future__ import annotations

from collections.abc import Sequence

from recup_kg.collector import paused_collector
from recup_kg.evidence import CounterTerm, Evidence
from recup_kg.rdf import terms
from recup_kg.rdf.about import write_coverage, write_gaps, write_source
from recup_kg.rdf.graph import Graph, optional_text
from recup_kg.rdf.names import graph_of_source
from recup_kg.rdf.parts import write_records, write_tables
from recup_kg.vocab import (
    BASE,
    OWL,
    PROV,
    QUDT,
    QUDT_UNIT,
    RDFS,
    RECUP,
    SKOS,
    SOSA,
    bundle_iri,
    counter_iri,
    digest,
    evidence_iri,
    source_iri,
)


@paused_collector()
def evidence_graph(evidence: Evidence) -> Graph:
    """The graph of what one source tells."""
    source, base = evidence.source, evidence_iri(evidence.identity)
    graph = Graph(graph_of_source(source))
    graph.describe(
        graph.name,
        (PROV + "Bundle",),
        (
            (RECUP + "describes", terms.iri(base)),
            (PROV + "wasDerivedFrom", terms.iri(source_iri(source.sha256))),
            (RECUP + "converter", terms.text(source.format)),
            (RECUP + "converterVersion", terms.text(source.converter_version)),
        ),
    )
    write_source(graph, base, source)
    graph.describe(
        base,
        (RECUP + "Evidence", PROV + "Entity"),
        (
            (RDFS + "label", terms.text(evidence.label)),
            (RECUP + "layer", terms.iri(RECUP + evidence.layer)),
            (PROV + "wasDerivedFrom", terms.iri(source_iri(source.sha256))),
        ),
    )
    write_records(graph, base, evidence.records)
    write_tables(graph, base, evidence.tables)
    write_coverage(graph, base, source, evidence.coverage)
    write_gaps(graph, base, source, evidence.gaps)
    return graph


def terms_graphs(evidence: Evidence) -> tuple[Graph, ...]:
    """A graph for each tool with the counters that no ontology file describes; sources with the same counters share it."""
    tools = sorted({term.tool for term in evidence.terms})
    return tuple(_terms_graph(tool, [term for term in evidence.terms if term.tool == tool]) for tool in tools)


def _terms_graph(tool: str, described: Sequence[CounterTerm]) -> Graph:
    parts = sorted(
        {(term.name, term.label, term.definition, term.unit or "", term.module or "") for term in described}
    )
    graph = Graph(bundle_iri(digest([tool, *(part for one in parts for part in one)])))
    vocabulary = BASE + tool
    graph.describe(graph.name, (PROV + "Bundle",), ((RECUP + "describes", terms.iri(vocabulary)),))
    graph.describe(vocabulary, (OWL + "Ontology",), ((RDFS + "label", terms.text(tool)),))
    for term in described:
        _term(graph, term)
    return graph


def _term(graph: Graph, term: CounterTerm) -> None:
    graph.describe(
        counter_iri(term.tool, term.name),
        (RECUP + "Counter", SOSA + "ObservableProperty"),
        (
            (RDFS + "label", terms.text(term.label)),
            (SKOS + "definition", terms.text(term.definition)),
            (QUDT + "hasUnit", None if term.unit is None else terms.iri(QUDT_UNIT + term.unit)),
            (RECUP + "tool", terms.text(term.tool)),
            (RECUP + "module", optional_text(term.module)),
            (RDFS + "isDefinedBy", terms.iri(BASE + term.tool)),
        ),
    )
