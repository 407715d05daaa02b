"""The catalogue in DCAT 3 (https://www.w3.org/TR/vocab-dcat-3/), as DCAT-AP 3.0.1 wants it, and as a FAIR Data Point
(https://specs.fairdatapoint.org/fdp-specs-v1.2.html), whose containers and identifiers stand in the same documents.

Three things can't be said so that both take it: DCAT-AP wants dcat:mediaType as an IRI, the FAIR Data Point as a literal,
which also has dct:hasVersion as a literal, and its catalogue as a part (dct:isPartOf) of the service. `profile` says whose way
it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Literal

import pyoxigraph

from recup_kg import __version__
from recup_kg.catalog import addresses
from recup_kg.catalog.datasets import Dataset, Distribution
from recup_kg.catalog.namespaces import FDP, HYDRA, LDP, VCARD
from recup_kg.catalog.publication import Agent, Publication
from recup_kg.catalog.statements import Facts, Object, Triples, described, iri, maybe_iri, moment, text, typed
from recup_kg.vocab import DCAT, DCTERMS, FOAF, PROV, RDF, RDFS, RECUP, SKOS, SPDX

Profile = Literal["dcat-ap", "fdp"]
ONTOLOGY = RECUP.rstrip("#")
_MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
_FDP_PROFILES = "https://specs.fairdatapoint.org/fdp-specs-v1.2.html"
_RANGES = {
    DCTERMS + "license": DCTERMS + "LicenseDocument",
    DCTERMS + "language": DCTERMS + "LinguisticSystem",
    DCTERMS + "accessRights": DCTERMS + "RightsStatement",
    DCTERMS + "spatial": DCTERMS + "Location",
    DCTERMS + "conformsTo": DCTERMS + "Standard",
    DCAT + "mediaType": DCTERMS + "MediaType",
    DCAT + "compressFormat": DCTERMS + "MediaType",
    DCAT + "packageFormat": DCTERMS + "MediaType",
    DCAT + "landingPage": FOAF + "Document",
    FOAF + "homepage": FOAF + "Document",
}
"""Classes of values that have no description here; DCAT-AP wants them stated."""
_SHA256 = "http://spdx.org/rdf/terms#checksumAlgorithm_sha256"


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the catalogue: the datasets of page `number`, from 0, of `count` in all, `size` a page."""

    datasets: tuple[Dataset, ...]
    number: int
    size: int
    count: int

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(0, (self.count - 1) // self.size)


def repository_triples(publication: Publication) -> Triples:
    """The first layer of a FAIR Data Point: the service that has the catalogue."""
    return _with_ranges(_repository(publication))


def catalogue_triples(publication: Publication, page: Page, profile: Profile = "dcat-ap") -> Triples:
    """The catalogue with the datasets of a page, and where the other pages are (Hydra, as CKAN's harvesters follow it)."""
    return _with_ranges(_catalogue(publication, page, profile))


def dataset_triples(publication: Publication, item: Dataset, profile: Profile = "dcat-ap") -> Triples:
    """A dataset with its distributions."""
    return _with_ranges(chain(_agents(publication), _dataset(publication, item, profile)))


def _with_ranges(triples: Triples) -> Triples:
    found: dict[tuple[pyoxigraph.NamedNode, str], None] = {}
    for triple in triples:
        yield triple
        kind = _RANGES.get(triple.predicate.value)
        if kind is not None and isinstance(triple.object, pyoxigraph.NamedNode):
            found[triple.object, kind] = None
    for node, kind in found:
        yield pyoxigraph.Triple(node, iri(RDF + "type"), iri(kind))


def _repository(publication: Publication) -> Triples:
    base = publication.base
    root, catalogue = addresses.repository(base), addresses.catalogue(base)
    kinds = (
        FDP + "FAIRDataPoint",
        FDP + "MetadataService",
        DCAT + "DataService",
        DCAT + "Resource",
        LDP + "Container",
    )
    yield from described(
        root,
        kinds,
        (
            *_resource(publication),
            *_version(__version__, "fdp"),
            (DCTERMS + "conformsTo", iri(_FDP_PROFILES)),
            (DCAT + "endpointURL", iri(root)),
            (FDP + "metadataCatalog", iri(catalogue)),
            (DCAT + "servesDataset", iri(catalogue)),
            (FDP + "metadataIdentifier", iri(f"{root}#identifier")),
            (LDP + "contains", iri(catalogue)),
        ),
    )
    yield from _metadata_identifier(root)
    yield from _container(f"{base}/#catalogs", root, FDP + "metadataCatalog", (catalogue,), "Catalogues")
    yield from _agents(publication)
    yield from described(
        catalogue,
        (DCAT + "Catalog", DCAT + "Resource", DCAT + "Dataset"),
        _catalogue_facts(publication, "fdp"),
    )


def _catalogue(publication: Publication, page: Page, profile: Profile) -> Triples:
    base = publication.base
    catalogue = addresses.catalogue(base)
    members = [addresses.dataset(base, item.slug) for item in page.datasets]
    yield from described(
        catalogue,
        (DCAT + "Catalog", DCAT + "Resource", DCAT + "Dataset", LDP + "Container"),
        (
            *_catalogue_facts(publication, profile),
            (DCAT + "service", iri(addresses.service(base))),
            *((DCAT + "dataset", iri(member)) for member in members),
            *((LDP + "contains", iri(member)) for member in members),
            *((DCAT + "record", iri(f"{member}#record")) for member in members),
        ),
    )
    yield from _metadata_identifier(catalogue)
    yield from _container(f"{catalogue}#datasets", catalogue, DCAT + "dataset", members, "Datasets")
    yield from _paging(base, page)
    yield from _service(publication, profile)
    yield from _agents(publication)
    for item in page.datasets:
        yield from _dataset(publication, item, profile)


def _catalogue_facts(publication: Publication, profile: Profile) -> Facts:
    base = publication.base
    catalogue = addresses.catalogue(base)
    return (
        *_resource(publication),
        *_version("1", profile),
        (DCTERMS + "isPartOf", iri(addresses.repository(base)) if profile == "fdp" else None),
        (DCTERMS + "issued", moment(publication.issued) if "T" in (publication.issued or "") else None),
        (FOAF + "homepage", iri(addresses.page(addresses.repository(base)))),
        (FDP + "metadataIdentifier", iri(f"{catalogue}#identifier")),
        (DCTERMS + "identifier", text(publication.identifier)),
    )


def _version(version: str, profile: Profile) -> Facts:
    return (
        (DCAT + "version", text(version)),
        (DCTERMS + "hasVersion", text(version) if profile == "fdp" else None),
    )


def _resource(publication: Publication) -> list[tuple[str, Object | None]]:
    """What the catalogue and the service that has it share."""
    return [
        (DCTERMS + "title", text(publication.title)),
        (RDFS + "label", text(publication.title)),
        (DCTERMS + "description", text(publication.description)),
        *_rights(publication),
    ]


def _rights(publication: Publication, licence: str | None = None) -> list[tuple[str, Object | None]]:
    publisher = publication.publisher
    node = None if publisher is None else iri(_agent_iri(publication.base, "publisher", publisher))
    return [
        (DCTERMS + "publisher", node),
        (DCTERMS + "license", maybe_iri(licence or publication.licence)),
        (DCTERMS + "accessRights", maybe_iri(publication.access_right)),
        (DCTERMS + "language", maybe_iri(publication.language)),
        (DCTERMS + "spatial", maybe_iri(publication.spatial)),
        *((DCAT + "theme", iri(theme.iri)) for theme in publication.themes),
        *((DCAT + "keyword", text(word)) for word in publication.keywords),
        (DCAT + "contactPoint", iri(addresses.contact(publication.base)) if publication.contact else None),
    ]


def _dataset(publication: Publication, item: Dataset, profile: Profile) -> Triples:
    base = publication.base
    subject = addresses.dataset(base, item.slug)
    forms = [addresses.distribution(base, item, form) for form in item.distributions]
    licence = item.licence if (item.licence or "").startswith(("http://", "https://")) else None
    yield from described(
        subject,
        (DCAT + "Dataset", DCAT + "Resource", PROV + "Entity"),
        (
            (DCTERMS + "title", text(item.title)),
            (RDFS + "label", text(item.title)),
            (DCTERMS + "description", text(item.description)),
            *_rights(publication, licence),
            *_version(item.version, profile),
            (DCTERMS + "identifier", text(item.identifier or subject)),
            (DCTERMS + "isPartOf", iri(addresses.catalogue(base))),
            (DCTERMS + "created", moment(item.created)),
            (DCAT + "landingPage", iri(addresses.page(subject))),
            (FOAF + "primaryTopic", iri(item.thing)),
            (DCTERMS + "conformsTo", iri(ONTOLOGY)),
            (DCTERMS + "temporal", iri(f"{subject}#period") if item.started else None),
            (DCTERMS + "provenance", iri(f"{subject}#provenance") if item.sources else None),
            (FDP + "metadataIdentifier", iri(f"{subject}#identifier")),
            (FDP + "metadataIssued", moment(item.entered)),
            (FDP + "metadataModified", moment(item.entered)),
            *((DCAT + "keyword", text(word)) for word in item.keywords),
            *((DCTERMS + "creator", iri(node)) for node, _ in _creators(publication, item)),
            *((PROV + "wasDerivedFrom", iri(source.iri)) for source in item.sources),
            *((DCTERMS + "relation", iri(other)) for other in item.related),
            *((DCAT + "distribution", iri(form)) for form in forms),
            *((LDP + "contains", iri(form)) for form in forms),
        ),
    )
    yield from _metadata_identifier(subject)
    yield from _container(f"{subject}#distributions", subject, DCAT + "distribution", forms, "Distributions")
    yield from _around(publication, item, subject)
    for form in item.distributions:
        yield from _distribution(publication, item, form, profile, licence)


def _around(publication: Publication, item: Dataset, subject: str) -> Triples:
    """The things of a dataset that have no address of their own."""
    for node, agent in _creators(publication, item):
        yield from _agent(node, agent)
    if item.started:
        period = ((DCAT + "startDate", moment(item.started)), (DCAT + "endDate", moment(item.ended)))
        yield from described(f"{subject}#period", (DCTERMS + "PeriodOfTime",), period)
    if item.sources:
        files = ", ".join(f"{source.file} (SHA-256 {source.sha256})" for source in item.sources)
        said = text(f"Converted by RECUP-KG from {files}")
        yield from described(
            f"{subject}#provenance", (DCTERMS + "ProvenanceStatement",), ((RDFS + "label", said),)
        )
    if item.entered:
        record = (
            (FOAF + "primaryTopic", iri(subject)),
            (DCTERMS + "issued", moment(item.entered)),
            (DCTERMS + "modified", moment(item.entered)),
        )
        yield from described(f"{subject}#record", (DCAT + "CatalogRecord",), record)


def _distribution(
    publication: Publication, item: Dataset, form: Distribution, profile: Profile, licence: str | None
) -> Triples:
    subject = addresses.distribution(publication.base, item, form)
    source = addresses.download(publication.base, item, form)
    media_type: Object = iri(_MEDIA_TYPES + form.media_type)
    if profile == "fdp":
        media_type = text(form.media_type) or media_type
    packing = None if form.packing is None else iri(_MEDIA_TYPES + form.packing)
    gathered = form.packing == "application/zip"
    publisher = publication.publisher
    yield from described(
        subject,
        (DCAT + "Distribution", DCAT + "Resource") if profile == "fdp" else (DCAT + "Distribution",),
        (
            (DCTERMS + "title", text(form.title)),
            (DCTERMS + "isPartOf", iri(addresses.dataset(publication.base, item.slug))),
            (DCTERMS + "license", maybe_iri(licence or publication.licence)),
            *_version(item.version, profile),
            (
                DCTERMS + "publisher",
                iri(_agent_iri(publication.base, "publisher", publisher)) if publisher else None,
            ),
            (DCAT + "accessURL", iri(addresses.dataset(publication.base, item.slug))),
            (DCAT + "downloadURL", iri(source)),
            (DCAT + "mediaType", media_type),
            (DCAT + "packageFormat", packing if gathered else None),
            (DCAT + "compressFormat", None if gathered else packing),
            (DCTERMS + "conformsTo", maybe_iri(form.conforms_to)),
            (DCAT + "byteSize", typed(form.size, "nonNegativeInteger")),
            (SPDX + "checksum", iri(f"{subject}-checksum") if form.sha256 else None),
            (FDP + "metadataIdentifier", iri(f"{subject}-identifier")),
        ),
    )
    yield from _metadata_identifier(subject, f"{subject}-identifier")
    if form.sha256:
        facts = (
            (SPDX + "algorithm", iri(_SHA256)),
            (SPDX + "checksumValue", typed(form.sha256, "hexBinary")),
        )
        yield from described(f"{subject}-checksum", (SPDX + "Checksum",), facts)


def _service(publication: Publication, profile: Profile) -> Triples:
    endpoint = addresses.service(publication.base)
    title = f"SPARQL endpoint of {publication.title}" if publication.title else "SPARQL endpoint"
    yield from described(
        endpoint,
        (DCAT + "DataService", DCAT + "Resource"),
        (
            (DCTERMS + "title", text(title)),
            *_rights(publication),
            *_version(__version__, profile),
            (DCTERMS + "conformsTo", iri("https://www.w3.org/TR/sparql11-protocol/")),
            (DCAT + "endpointURL", iri(endpoint)),
            (DCAT + "servesDataset", iri(addresses.catalogue(publication.base))),
        ),
    )


def _paging(base: str, page: Page) -> Triples:
    if not page.last:
        return
    near = {"first": 0, "last": page.last}
    if page.number:
        near["previous"] = page.number - 1
    if page.number < page.last:
        near["next"] = page.number + 1
    facts: list[tuple[str, Object | None]] = [
        (HYDRA + name, iri(addresses.catalogue(base, number))) for name, number in near.items()
    ]
    facts.append((HYDRA + "totalItems", typed(page.count, "integer")))
    # The first page has the catalogue's own address, so the part needs one that differs from it.
    view = f"{addresses.catalogue(base)}?page={page.number}"
    yield from described(view, (HYDRA + "PartialCollectionView", HYDRA + "PagedCollection"), facts)


def _container(subject: str, resource: str, relation: str, members: Sequence[str], title: str) -> Triples:
    yield from described(
        subject,
        (LDP + "DirectContainer",),
        (
            (DCTERMS + "title", text(title)),
            (LDP + "membershipResource", iri(resource)),
            (LDP + "hasMemberRelation", iri(relation)),
            *((LDP + "contains", iri(member)) for member in members),
        ),
    )


def _metadata_identifier(subject: str, node: str | None = None) -> Triples:
    facts = ((DCTERMS + "identifier", text(subject)),)
    yield from described(
        node or f"{subject}#identifier", ("http://purl.org/spar/datacite/Identifier",), facts
    )


def _creators(publication: Publication, item: Dataset) -> list[tuple[str, Agent]]:
    """Who made the sources, where these say so, else who made the catalogue."""
    subject = addresses.dataset(publication.base, item.slug)
    if item.creators:
        return [
            (agent.iri or f"{subject}#creator-{place}", agent) for place, agent in enumerate(item.creators, 1)
        ]
    return [
        (_agent_iri(publication.base, f"creator-{place}", agent), agent)
        for place, agent in enumerate(publication.creators, 1)
    ]


def _agents(publication: Publication) -> Triples:
    base, contact = publication.base, publication.contact
    yield from _themes(publication)
    if publication.publisher is not None:
        node = _agent_iri(base, "publisher", publication.publisher)
        yield from _agent(node, publication.publisher)
    if contact is not None:
        mail = None if contact.email is None else iri(f"mailto:{contact.email}")
        yield from described(
            addresses.contact(base),
            (VCARD + "Kind",),
            (
                (VCARD + "fn", text(contact.name)),
                (VCARD + "hasEmail", mail),
                (VCARD + "hasURL", maybe_iri(contact.iri)),
            ),
        )


def _themes(publication: Publication) -> Triples:
    for theme in publication.themes:
        if theme.label:
            yield from described(
                theme.iri, (SKOS + "Concept",), ((SKOS + "prefLabel", text(theme.label, "en")),)
            )


def _agent(node: str, agent: Agent) -> Triples:
    kinds = (FOAF + "Agent", FOAF + "Person") if agent.is_person else (FOAF + "Agent", FOAF + "Organization")
    yield from described(node, kinds, ((FOAF + "name", text(agent.name)),))


def _agent_iri(base: str, role: str, agent: Agent) -> str:
    return agent.iri or f"{addresses.catalogue(base)}#{role}"
