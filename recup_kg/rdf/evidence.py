"""Evidence to named graphs: that of the evidence, and those of the terms that it uses."""

from __future__ import annotations

from recup_kg.collector import paused_collector
from recup_kg.evidence import CounterTerm, Evidence
from recup_kg.rdf import terms
from recup_kg.rdf.about import write_coverage, write_gaps, write_source
from recup_kg.rdf.graph import Graph, optional_text
from recup_kg.rdf.names import graph_of_source
from recup_kg.rdf.parts import write_records, write_tables
from recup_kg.vocab import (
    BASE,
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
    """A graph for each counter that no ontology file describes: many sources share them."""
    return tuple(_term_graph(term) for term in evidence.terms)


def _term_graph(term: CounterTerm) -> Graph:
    name = counter_iri(term.tool, term.name)
    said = [term.label, term.definition, term.unit or "", term.module or ""]
    graph = Graph(bundle_iri(digest([name, *said])))
    graph.describe(graph.name, (PROV + "Bundle",), ((RECUP + "describes", terms.iri(name)),))
    graph.describe(
        name,
        (RECUP + "Counter", SOSA + "ObservableProperty"),
        (
            (RDFS + "label", terms.text(term.label)),
            (SKOS + "definition", terms.text(term.definition)),
            (QUDT + "hasUnit", None if term.unit is None else terms.iri(QUDT_UNIT + term.unit)),
            (RECUP + "tool", terms.text(term.tool)),
            (RECUP + "module", optional_text(term.module)),
            (RDFS + "isDefinedBy", terms.iri(f"{BASE}{term.tool}")),
        ),
    )
    return graph
