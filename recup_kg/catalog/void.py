"""VoID, what `/.well-known/void` says: https://www.w3.org/TR/void/."""

from __future__ import annotations

from recup_kg.catalog import addresses
from recup_kg.catalog.namespaces import VOID
from recup_kg.catalog.publication import Publication
from recup_kg.catalog.statements import Triples, described, iri, maybe_iri, text, typed
from recup_kg.store import Store
from recup_kg.vocab import BASE, DCAT, DCTERMS, FOAF, P_PLAN, PROV, RECUP, SCHEMA, SPDX, WFPROV

_VOCABULARIES = (RECUP, PROV, WFPROV, P_PLAN, DCAT, DCTERMS, SCHEMA, SPDX)


def count_triples(store: Store) -> int:
    """The number of triples in all graphs."""
    rows = store.select("SELECT (COUNT(*) AS ?n) { GRAPH ?graph { ?s ?p ?o } }").dicts()
    return int(next(iter(rows))["n"] or 0)


def void_triples(publication: Publication, triples: int, example: str | None) -> Triples:
    """The description of all that the store holds, with one thing of it as an example."""
    base = publication.base
    document, subject = f"{base}/.well-known/void", f"{base}/.well-known/void#store"
    yield from described(
        document,
        (VOID + "DatasetDescription",),
        ((DCTERMS + "title", text("Description of the store")), (FOAF + "primaryTopic", iri(subject))),
    )
    yield from described(
        subject,
        (VOID + "Dataset", DCAT + "Dataset"),
        (
            (DCTERMS + "title", text(publication.title)),
            (DCTERMS + "description", text(publication.description)),
            (DCTERMS + "license", maybe_iri(publication.licence)),
            (FOAF + "homepage", iri(addresses.repository(base))),
            (VOID + "sparqlEndpoint", iri(addresses.service(base))),
            (VOID + "uriSpace", text(BASE)),
            (VOID + "triples", typed(triples, "integer")),
            (VOID + "exampleResource", maybe_iri(example)),
            (VOID + "rootResource", iri(addresses.catalogue(base))),
            *((VOID + "vocabulary", iri(vocabulary)) for vocabulary in _VOCABULARIES),
        ),
    )
