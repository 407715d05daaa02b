"""The ontology: consistent, in its profile, complete by its own rules, and in step with code, queries, shapes and data."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from rdflib import OWL, RDF, RDFS, BNode, Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic

from recup_kg.rdf.evidence import evidence_graph
from tests.ontology.profile import RECUP, violations
from tests.ontology.samples import compared
from tests.ontology.sources import CORE, ONTOLOGY, term_files, terms_graph
from tests.rdf.samples import EVIDENCE, ntriples

ALIGNMENTS = sorted((ONTOLOGY / "align").glob("*.ttl"))
RULES = sorted((ONTOLOGY / "verify").glob("*.rq"))
ROOT = Path(__file__).resolve().parents[2]
PROV_O = ROOT / "tests" / "data" / "prov-o.ttl"
PROV = Namespace("http://www.w3.org/ns/prov#")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")


def core() -> Graph:
    return terms_graph()


def everything() -> Graph:
    graph = core()
    for path in ALIGNMENTS:
        graph.parse(path)
    return graph


def guilty(rule: str, graph: Graph) -> list[str]:
    """The rows of a rule: the terms that break it."""
    text = (ONTOLOGY / "verify" / f"{rule}.rq").read_text()
    return [str(row[0]) for row in graph.query(text)]


def test_everything_is_there() -> None:
    assert len(RULES) == 11
    assert len(ALIGNMENTS) == 12
    assert len(set(core().subjects(RDFS.isDefinedBy, URIRef("https://w3id.org/recup/ontology")))) >= 165


def test_no_term_is_defined_twice() -> None:
    owners: dict[str, list[str]] = {}
    for path in term_files():
        for term in Graph().parse(path).subjects(RDFS.isDefinedBy):
            owners.setdefault(str(term), []).append(path.name)
    assert {term: names for term, names in owners.items() if len(names) > 1} == {}


@pytest.mark.parametrize("rule", [path.stem for path in RULES])
def test_no_term_is_guilty(rule: str) -> None:
    assert guilty(rule, everything()) == []


BAD = """
@prefix recup: <https://w3id.org/recup/ontology#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
FULL = (
    'rdfs:label "bad" ; skos:definition "bad" ; skos:example "bad" ; '
    "rdfs:isDefinedBy <https://w3id.org/recup/ontology> ; rdfs:subClassOf <http://www.w3.org/ns/prov#Entity>"
)
BROKEN: dict[str, str] = {
    "no-label": f"recup:Bad a owl:Class ; {FULL.replace('rdfs:label', 'rdfs:comment')} .",
    "no-definition": f"recup:Bad a owl:Class ; {FULL.replace('skos:definition', 'rdfs:comment')} .",
    "no-example": f"recup:Bad a owl:Class ; {FULL.replace('skos:example', 'rdfs:comment')} .",
    "no-defined-by": f"recup:Bad a owl:Class ; {FULL.replace('rdfs:isDefinedBy', 'rdfs:seeAlso')} .",
    "no-superclass": f"recup:Bad a owl:Class ; {FULL.replace('rdfs:subClassOf', 'rdfs:seeAlso')} .",
    "no-unit": "recup:bad a owl:DatatypeProperty ; rdfs:range <http://www.w3.org/2001/XMLSchema#double> .",
    "no-domain-or-range": "recup:bad a owl:ObjectProperty ; rdfs:domain recup:Gap .",
    "undefined-term": "<urn:x> recup:bad 1 .",
    "deprecated-without-replacement": "recup:Bad owl:deprecated true .",
    "label-twice": 'recup:Bad a owl:Class ; rdfs:label "same" . recup:Worse a owl:Class ; rdfs:label "same" .',
    "no-ontology-metadata": "<https://w3id.org/recup/ontology> a owl:Ontology .",
}


@pytest.mark.parametrize("rule", [path.stem for path in RULES])
def test_each_rule_catches_what_it_is_for(rule: str) -> None:
    assert guilty(rule, Graph().parse(data=BAD + BROKEN[rule], format="turtle"))


def test_the_top_class_is_no_reuse() -> None:
    data = f"{BAD} recup:Bad a owl:Class ; rdfs:subClassOf owl:Thing ."
    assert guilty("no-superclass", Graph().parse(data=data, format="turtle")) == [str(RECUP.Bad)]


def test_our_file_is_in_the_rl_profile() -> None:
    assert violations(core()) == []


@pytest.mark.parametrize("path", ALIGNMENTS, ids=lambda path: path.stem)
def test_each_alignment_is_in_the_rl_profile_beside_the_core(path: Path) -> None:
    assert violations(core().parse(path)) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "recup:Gap rdfs:subClassOf [ a owl:Restriction ; owl:onProperty recup:about ; owl:cardinality 1 ] .",
            "is not allowed",
        ),
        ("recup:Gap owl:equivalentClass [ owl:unionOf ( recup:Step ) ] .", "is not allowed"),
        ("recup:rank rdfs:range <http://www.w3.org/2002/07/owl#real> .", "no datatype of the profile"),
        ('recup:Gap rdfs:comment "2026-11-23"^^<http://www.w3.org/2001/XMLSchema#date> .', "literal of type"),
        ("recup:Gap <urn:undeclared> 1 .", "property urn:undeclared is not declared"),
        ("recup:x a <urn:Undeclared> .", "class urn:Undeclared is not declared"),
    ],
)
def test_what_is_not_in_the_profile_is_found(text: str, problem: str) -> None:
    graph = core().parse(data=BAD + text, format="turtle")
    assert any(problem in violation for violation in violations(graph))


def consistent(graph: Graph, tmp_path: Path) -> bool:
    """Whether HermiT finds a model."""
    if shutil.which("java") is None:
        pytest.skip("HermiT needs Java: install a headless JRE")
    owlready2 = pytest.importorskip("owlready2")
    file = tmp_path / "all.nt"
    graph.serialize(file, format="nt", encoding="utf-8")
    world = owlready2.World()
    world.get_ontology(file.as_uri()).load()
    try:
        with world.get_ontology("urn:inferred#"):
            owlready2.sync_reasoner_hermit(world, debug=0)
    except owlready2.OwlReadyInconsistentOntologyError:
        return False
    return not list(world.inconsistent_classes())


def without_json(graph: Graph) -> Graph:
    """A graph without literals whose datatype the reasoner does not know, and without integers of more than 63 bits."""
    kept = Graph()
    for triple in graph:
        value = triple[2]
        if not isinstance(value, Literal) or not (value.datatype == RDF.JSON or _is_large(value)):
            kept.add(triple)
    return kept


def _is_large(value: Literal) -> bool:
    return str(value.datatype).endswith("#integer") and abs(int(value)) >= 2**63


def test_the_ontology_with_prov_and_data_is_consistent(tmp_path: Path) -> None:
    data = compared(tmp_path)
    for kind in (RECUP.Execution, RECUP.PlannedTask, RECUP.Comparison, RECUP.Deviation):
        assert (None, RDF.type, kind) in data
    assert consistent(everything().parse(PROV_O) + without_json(data), tmp_path)


def test_evidence_with_the_ontology_and_prov_is_consistent(tmp_path: Path) -> None:
    data = Graph().parse(data=ntriples(evidence_graph(EVIDENCE)), format="nt")
    assert consistent(everything().parse(PROV_O) + without_json(data), tmp_path)


def test_every_term_of_evidence_is_defined() -> None:
    data = Graph().parse(data=ntriples(evidence_graph(EVIDENCE)), format="nt")
    assert guilty("undefined-term", everything() + data) == []


@pytest.mark.parametrize(
    ("kinds", "why"),
    [
        ((RECUP.TaskExecution, RECUP.DataObject), "activity and entity"),
        ((RECUP.Execution, RECUP.Comparison), "disjoint"),
    ],
)
def test_a_contradiction_is_inconsistent(kinds: tuple[URIRef, URIRef], why: str, tmp_path: Path) -> None:
    graph = everything().parse(PROV_O)
    for kind in kinds:
        graph.add((URIRef("urn:both"), RDF.type, kind))
    assert not consistent(graph, tmp_path), why


def used_terms() -> dict[str, set[str]]:
    """The terms of ours that code, queries, shapes and the data model name, with the files that do."""
    found: dict[str, set[str]] = {}
    files = [
        *ROOT.glob("recup_kg/**/*.py"),
        *ROOT.glob("queries/*.rq"),
        *ROOT.glob("shapes/*.ttl"),
        ROOT / "docs" / "data-model.md",
    ]
    for path in files:
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r'RECUP \+ "([A-Za-z]+)"|\brecup:([A-Za-z]\w+)', text):
            found.setdefault(name[0] or name[1], set()).add(path.name)
    return found


def test_every_term_in_use_is_defined() -> None:
    defined = {str(term).removeprefix(str(RECUP)) for term in core().subjects(RDFS.isDefinedBy)}
    used = used_terms()
    assert len(used) > 100
    assert {name: files for name, files in used.items() if name not in defined} == {}


def test_every_term_of_real_data_is_defined(tmp_path: Path) -> None:
    assert guilty("undefined-term", everything() + compared(tmp_path)) == []


def test_definitions_say_what_labels_say() -> None:
    graph = core()
    assert graph.value(RECUP.runTime, RDFS.label) == Literal("run time", "en")
    units = dict(graph.subject_objects(URIRef("http://qudt.org/schema/qudt/hasUnit")))
    assert str(units[RECUP.runTime]).endswith("/SEC")
    assert str(units[RECUP.readBytes]).endswith("/BYTE")
    assert not [term for term in graph.subjects(SKOS.definition) if isinstance(term, BNode)]


def test_the_context_gives_our_terms_their_iris() -> None:
    context = json.loads((ONTOLOGY / "context.jsonld").read_text())
    document = {
        **context,
        "id": "urn:d",
        "type": "Deviation",
        "rank": 1,
        "inheritedFrom": "urn:e",
        "isFirst": False,
    }
    found = Graph().parse(data=json.dumps(document), format="json-ld")
    expected = Graph()
    expected.add((URIRef("urn:d"), RDF.type, RECUP.Deviation))
    expected.add((URIRef("urn:d"), RECUP["rank"], Literal(1)))
    expected.add((URIRef("urn:d"), RECUP.inheritedFrom, URIRef("urn:e")))
    expected.add((URIRef("urn:d"), RECUP.isFirst, Literal(False)))
    assert isomorphic(found, expected)
    again = Graph().parse(
        data=found.serialize(format="json-ld", context=context["@context"]), format="json-ld"
    )
    assert isomorphic(again, expected)


def test_the_context_has_every_class_and_property() -> None:
    context = json.loads((ONTOLOGY / "context.jsonld").read_text())["@context"]
    graph = Graph().parse(CORE)
    kinds = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty)
    terms = {
        str(term)
        for kind in kinds
        for term in graph.subjects(RDF.type, kind)
        if str(term).startswith(str(RECUP))
    }
    assert {term.removeprefix(str(RECUP)) for term in terms} <= set(context), (
        "run python docs/make_context.py"
    )


def test_the_version_is_not_the_ontology() -> None:
    iri = URIRef("https://w3id.org/recup/ontology")
    assert str(core().value(iri, OWL.versionIRI)) == "https://w3id.org/recup/ontology/0.1.0"
    assert (iri, RDF.type, OWL.Ontology) in core()
