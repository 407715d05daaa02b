"""The HTML reference of the ontology, by pyLODE: docs/reference/ontology.html."""

from __future__ import annotations

from pathlib import Path

from pylode.profiles.ontpub import OntPub
from pylode.rdf_elements import CLASS_PROPS
from pylode.utils import section_html
from rdflib import OWL, RDFS, SKOS, Graph, Literal, URIRef

DOCS = Path(__file__).resolve().parent
HAS_UNIT = URIRef("http://qudt.org/schema/qudt/hasUnit")


class Reference(OntPub):
    """A page that has individuals too: pyLODE has a legend for them and no section."""

    def _make_main_sections(self) -> None:
        super()._make_main_sections()
        shared = (self.ont, self.back_onts, self.ns, OWL.NamedIndividual, CLASS_PROPS, self.toc)
        with self.content:
            section_html("Named Individuals", *shared, "named_individuals", self.fids, self.props_labeled)


def ontology() -> Graph:
    """Our terms, with units and reasons as notes: pyLODE does not show their own properties."""
    graph = Graph().parse(DOCS.parent / "ontology" / "recup.ttl")
    for term, unit in list(graph.subject_objects(HAS_UNIT)):
        graph.add((term, SKOS.note, Literal(f"Unit: {unit}")))
    for term, reason in list(graph.subject_objects(SKOS.editorialNote)):
        graph.add((term, SKOS.note, reason))
    return graph


def main() -> None:
    """Write the page; fail if it lacks a term of ours."""
    page = DOCS / "reference" / "ontology.html"
    page.parent.mkdir(exist_ok=True)
    graph = ontology()
    Reference(graph).make_html(destination=page)
    text = page.read_text(encoding="utf-8")
    terms = {str(term) for term in graph.subjects(RDFS.isDefinedBy)}
    missing = sorted(term for term in terms if f"<code>{term}</code>" not in text)
    if missing:
        raise SystemExit(f"{page}: terms are missing: {', '.join(missing)}")


if __name__ == "__main__":
    main()
