"""Bring ontology/context.jsonld up to the terms of ontology/recup.ttl: its prefixes stay as they are."""

from __future__ import annotations

import json
from pathlib import Path

from rdflib import OWL, RDF, RDFS, XSD, Graph, URIRef
from rdflib.term import Node

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "ontology" / "recup.ttl"
CONTEXT = ROOT / "ontology" / "context.jsonld"
RECUP = "https://w3id.org/recup/ontology#"
TYPED = {XSD.integer, XSD.double, XSD.boolean, XSD.dateTime}


def _is_term(value: object) -> bool:
    name = value.get("@id", "") if isinstance(value, dict) else value
    return str(name).startswith("recup:")


def _names(graph: Graph, kind: Node) -> list[str]:
    found = (str(term) for term in graph.subjects(RDF.type, kind))
    return sorted({name.removeprefix(RECUP) for name in found if name.startswith(RECUP)})


def _datatype(graph: Graph, name: str) -> dict[str, str]:
    kind = graph.value(URIRef(RECUP + name), RDFS.range)
    return {"@type": f"xsd:{str(kind).rsplit('#', 1)[-1]}"} if kind in TYPED else {}


def make() -> str:
    """The context as a document."""
    graph = Graph().parse(CORE)
    before = json.loads(CONTEXT.read_text())["@context"]
    named = (OWL.Class, OWL.NamedIndividual)
    classes = {name: f"recup:{name}" for kind in named for name in _names(graph, kind)}
    properties = {
        **{name: {"@id": f"recup:{name}", "@type": "@id"} for name in _names(graph, OWL.ObjectProperty)},
        **{
            name: {"@id": f"recup:{name}", **_datatype(graph, name)}
            for kind in (OWL.DatatypeProperty, OWL.AnnotationProperty)
            for name in _names(graph, kind)
        },
    }
    kept = {name: value for name, value in before.items() if not _is_term(value) or name == "recup"}
    return json.dumps({"@context": {**kept, **classes, **dict(sorted(properties.items()))}}, indent=2) + "\n"


def main() -> None:
    """Write it."""
    CONTEXT.write_text(make())


if __name__ == "__main__":
    main()
