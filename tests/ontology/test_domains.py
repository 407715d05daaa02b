"""What the graphs state fits the domains and ranges of the ontology.

A reasoner takes a wrong domain for one more type and says nothing; here the types that the graph states are all there are.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, Graph, Literal, URIRef
from rdflib.term import Node

from recup_kg.api.convert import convert
from recup_kg.converters import recognise
from recup_kg.errors import MissingExtra
from recup_kg.rdf.evidence import evidence_graph
from tests.conftest import ROOT
from tests.ontology.profile import RECUP
from tests.ontology.samples import compared, converted
from tests.ontology.sources import terms_graph
from tests.rdf.samples import EVIDENCE, ntriples

CORE = terms_graph()
DOMAINS = dict(CORE.subject_objects(RDFS.domain))
RANGES = dict(CORE.subject_objects(RDFS.range))
OBJECT_PROPERTIES = set(CORE.subjects(RDF.type, OWL.ObjectProperty))
STRING = URIRef("http://www.w3.org/2001/XMLSchema#string")
LARGEST = 110_000


def misfits(graph: Graph) -> set[str]:
    """The properties whose subject or value is not what the ontology says."""
    found = set()
    for subject, predicate, value in graph:
        if predicate in DOMAINS and not _fits(graph, subject, DOMAINS[predicate]):
            found.add(f"domain of {predicate}")
        if predicate in RANGES and not _fits(graph, value, RANGES[predicate]):
            found.add(f"range of {predicate}")
        if predicate in OBJECT_PROPERTIES and isinstance(value, Literal):
            found.add(f"literal as value of {predicate}")
    return found


def _fits(graph: Graph, node: Node, kind: Node) -> bool:
    if isinstance(node, Literal):
        return (node.datatype or STRING) == kind
    stated = {*graph.objects(node, RDF.type), *CORE.objects(node, RDF.type)}
    # What lies in a graph that is not here has no stated type.
    return not stated or any(kind in CORE.transitive_objects(each, RDFS.subClassOf) for each in stated)


def test_a_comparison_and_a_planned_task_fit(tmp_path: Path) -> None:
    graph = compared(tmp_path)
    assert (None, RDF.type, RECUP.PlannedTask) in graph
    assert (None, RDF.type, RECUP.Deviation) in graph
    assert misfits(graph) == set()


def test_real_executions_fit(shared_data: Path) -> None:
    files = [path for path in sorted(shared_data.glob("wfformat/v*/*.json")) if path.stat().st_size < LARGEST]
    assert len(files) >= 20
    assert {path.name: found for path in files if (found := misfits(converted(path)))} == {}


@pytest.mark.parametrize(
    ("predicate", "value", "problem"),
    [
        (RECUP.runTime, Literal(1.0), "domain of"),
        (RECUP.level, Literal("high"), "range of"),
        (RECUP.plannedStep, URIRef("urn:execution"), "range of"),
        (RECUP.plannedIn, Literal("it"), "literal as value of"),
    ],
)
def test_what_does_not_fit_is_found(predicate: URIRef, value: Node, problem: str) -> None:
    graph = Graph()
    graph.add((URIRef("urn:task"), RDF.type, RECUP.PlannedTask))
    graph.add((URIRef("urn:execution"), RDF.type, RECUP.Execution))
    assert misfits(graph) == set()
    graph.add((URIRef("urn:task"), predicate, value))
    assert f"{problem} {predicate}" in misfits(graph)


def evidence() -> Graph:
    """One piece of evidence with every class of the shared core."""
    return Graph().parse(data=ntriples(evidence_graph(EVIDENCE)), format="nt")


def test_evidence_fits() -> None:
    graph = evidence()
    for kind in (RECUP.Evidence, RECUP.ProcessGroup, RECUP.CounterRecord, RECUP.SideTable, RECUP.MemberFile):
        assert (None, RDF.type, kind) in graph
    assert misfits(graph) == set()


SOURCES = sorted(
    path
    for path in (ROOT / "data").rglob("*")
    if path.is_file() and path.suffix not in {".md", ".darshan"} and recognise(path) is not None
)


def test_there_are_samples_of_many_formats() -> None:
    assert len({recognise(path) for path in SOURCES}) >= 15


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_every_sample_fits(path: Path) -> None:
    try:
        source = convert(path)
    except MissingExtra as error:
        pytest.skip(str(error))
    graph = Graph()
    for part in (source.graph, *source.checked):
        end = f" <{part.name}> .\n"
        graph.parse(data="".join(f"{line.removesuffix(end)} .\n" for line in part.lines), format="nt")
    assert misfits(graph) == set()
