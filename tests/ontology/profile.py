"""A sufficient check for the OWL 2 RL profile (https://www.w3.org/TR/owl2-profiles/#OWL_2_RL).

It accepts only the axioms that RL allows in their simplest form: between named classes and properties, with datatypes of RL.
Anything else of the OWL, RDF and RDFS vocabularies is a violation, as is a class or property that is used without declaration.
"""

from __future__ import annotations

from rdflib import OWL, RDF, RDFS, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection

_PREDICATES = {
    RDF.type,
    RDF.first,
    RDF.rest,
    RDFS.subClassOf,
    RDFS.subPropertyOf,
    RDFS.domain,
    RDFS.range,
    RDFS.label,
    RDFS.comment,
    RDFS.isDefinedBy,
    OWL.members,
    OWL.distinctMembers,
    OWL.versionIRI,
    OWL.versionInfo,
    OWL.deprecated,
    OWL.annotatedSource,
    OWL.annotatedProperty,
    OWL.annotatedTarget,
}
_META = {
    OWL.Ontology,
    OWL.Class,
    OWL.ObjectProperty,
    OWL.DatatypeProperty,
    OWL.AnnotationProperty,
    OWL.NamedIndividual,
    OWL.AllDisjointClasses,
    OWL.AllDifferent,
    OWL.Axiom,
}
# xsd:date is no datatype of OWL 2, though many vocabularies use it.
_DATATYPES = {XSD.string, XSD.integer, XSD.double, XSD.boolean, XSD.dateTime, RDFS.Literal}
_BUILT_IN = (str(OWL), str(RDF), str(RDFS))


def violations(graph: Graph) -> list[str]:
    """What is not in the profile, one sentence each."""
    return sorted({*_vocabulary(graph), *_declarations(graph), *_expressions(graph), *_datatypes(graph)})


def _is_built_in(term: object) -> bool:
    return isinstance(term, URIRef) and str(term).startswith(_BUILT_IN)


def _vocabulary(graph: Graph) -> list[str]:
    found = [f"{p} is not allowed" for _, p, _ in graph if _is_built_in(p) and p not in _PREDICATES]
    found += [
        f"type {o} is not allowed"
        for o in graph.objects(None, RDF.type)
        if _is_built_in(o) and o not in _META
    ]
    return found


def _declarations(graph: Graph) -> list[str]:
    found = []
    for predicate in set(graph.predicates()):
        kinds = set(graph.objects(predicate, RDF.type))
        if not _is_built_in(predicate) and not kinds & {
            OWL.ObjectProperty,
            OWL.DatatypeProperty,
            OWL.AnnotationProperty,
        }:
            found.append(f"property {predicate} is not declared")
    for kind in set(graph.objects(None, RDF.type)):
        if not _is_built_in(kind) and (kind, RDF.type, OWL.Class) not in graph:
            found.append(f"class {kind} is not declared")
    return found


def _expressions(graph: Graph) -> list[str]:
    found = []
    for predicate in (RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain):
        for subject, value in graph.subject_objects(predicate):
            if isinstance(subject, BNode) or not isinstance(value, URIRef):
                found.append(f"{predicate} of {subject} is no name")
    for subject, value in graph.subject_objects(RDFS.subClassOf):
        for term in (subject, value):
            if (term, RDF.type, OWL.Class) not in graph:
                found.append(f"class {term} is not declared")
    for members in graph.objects(None, OWL.members):
        for member in Collection(graph, members):
            if (member, RDF.type, OWL.Class) not in graph:
                found.append(f"class {member} is not declared")
    return found


def _datatypes(graph: Graph) -> list[str]:
    found = []
    for prop, value in graph.subject_objects(RDFS.range):
        data = (prop, RDF.type, OWL.DatatypeProperty) in graph
        if data and value not in _DATATYPES:
            found.append(f"range {value} of {prop} is no datatype of the profile")
        if not data and (value, RDF.type, OWL.Class) not in graph:
            found.append(f"range {value} of {prop} is no declared class")
    for value in graph.objects():
        if isinstance(value, Literal) and value.datatype not in (None, *_DATATYPES):
            found.append(f"literal of type {value.datatype}")
    return found


RECUP = Namespace("https://w3id.org/recup/ontology#")
