"""Records of OAI-PMH as triples: Dublin Core, DataCite, RDF."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, tostring

from pyoxigraph import BlankNode, NamedNode, Triple

from recup_kg.federation.harvest_rdf import DC, TYPE, literal, node, triples
from recup_kg.vocab import DCAT, DCTERMS, FOAF, RDF

DATACITE = "http://datacite.org/schema/kernel-"
_DC_ELEMENT = f"{{{DC}}}"
_LISTS = ("titles", "creators", "subjects", "descriptions", "rightsList")
_TEXTS = {
    "title": DCTERMS + "title",
    "description": DCTERMS + "description",
    "subject": DCAT + "keyword",
    "publicationYear": DCTERMS + "issued",
    "language": DCTERMS + "language",
    "version": DCAT + "version",
    "publisher": DC + "publisher",
}


def record(url: str, identifier: str, metadata: Element) -> list[Triple]:
    """What the metadata of a record says. Raises `MalformedSource` for broken RDF."""
    subject = node(identifier) or NamedNode(f"{url}#record")
    name = metadata.tag.rpartition("}")
    if name[0] == f"{{{RDF}":
        return triples(url, "application/rdf+xml", tostring(metadata), url)
    resource = next((item for item in metadata.iter() if item.tag.startswith(f"{{{DATACITE}")), None)
    if resource is not None:
        return list(_datacite(subject, resource))
    return list(_dublin_core(subject, metadata))


def _dublin_core(subject: NamedNode, metadata: Element) -> Iterator[Triple]:
    """Each element as the property of its name, its text as it stands: http://purl.org/dc/elements/1.1/."""
    for item in metadata.iter():
        text = (item.text or "").strip()
        if text and item.tag.startswith(_DC_ELEMENT):
            yield Triple(subject, NamedNode(DC + item.tag.removeprefix(_DC_ELEMENT)), literal(text))


def _datacite(subject: NamedNode, resource: Element) -> Iterator[Triple]:
    """The properties that DCAT has too: https://schema.datacite.org/ with the mapping of DCAT-AP to DataCite (CiteDCAT-AP)."""
    space = resource.tag.partition("}")[0] + "}"
    for item in _properties(resource, space):
        name, text = item.tag.removeprefix(space), (item.text or "").strip()
        if name in _TEXTS and text:
            yield Triple(subject, NamedNode(_TEXTS[name]), literal(text))
        elif name == "identifier" and text:
            yield Triple(subject, NamedNode(DCTERMS + "identifier"), literal(_doi(item, text)))
        elif name == "rights":
            yield from _rights(subject, item, text)
        elif name == "resourceType" and item.get("resourceTypeGeneral") == "Dataset":
            yield Triple(subject, TYPE, NamedNode(DCAT + "Dataset"))
        elif name == "creator":
            yield from _creator(subject, item, space)


def _properties(resource: Element, space: str) -> Iterator[Element]:
    """The properties of the resource itself: those of related items have the same names."""
    for item in resource:
        if item.tag.removeprefix(space) in _LISTS:
            yield from item
        else:
            yield item


def _doi(item: Element, text: str) -> str:
    is_doi = item.get("identifierType", "").upper() == "DOI" and text.startswith("10.")
    return f"https://doi.org/{text}" if is_doi else text


def _rights(subject: NamedNode, item: Element, text: str) -> Iterator[Triple]:
    licence = node((item.get("rightsURI") or "").strip())
    if licence is not None:
        yield Triple(subject, NamedNode(DCTERMS + "license"), licence)
    elif text:
        yield Triple(subject, NamedNode(DCTERMS + "rights"), literal(text))


def _creator(subject: NamedNode, item: Element, space: str) -> Iterator[Triple]:
    names = [(part.text or "").strip() for part in item.findall(f"{space}creatorName")]
    agent = BlankNode()
    if any(names):
        yield Triple(subject, NamedNode(DCTERMS + "creator"), agent)
    yield from (Triple(agent, NamedNode(FOAF + "name"), literal(name)) for name in names if name)
    for part in item.findall(f"{space}nameIdentifier"):
        text = (part.text or "").strip()
        if any(names) and text:
            yield Triple(agent, NamedNode(DCTERMS + "identifier"), literal(text))
