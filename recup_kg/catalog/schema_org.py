"""JSON-LD of schema.org for pages, as https://developers.google.com/search/docs/appearance/structured-data/dataset has it."""

from __future__ import annotations

from typing import Any

from recup_kg.catalog import addresses
from recup_kg.catalog.datasets import Dataset, Distribution
from recup_kg.catalog.dcat import Page
from recup_kg.catalog.publication import Agent, Publication

_CONTEXT = {"@vocab": "https://schema.org/"}


def catalogue_document(publication: Publication, page: Page) -> dict[str, Any]:
    """The catalogue with the datasets of a page by name."""
    base = publication.base
    return _known(
        {
            "@context": _CONTEXT,
            "@type": "DataCatalog",
            "@id": addresses.catalogue(base),
            "url": addresses.repository(base),
            **_shared(publication),
            "name": publication.title,
            "description": publication.description,
            "dataset": [
                {"@type": "Dataset", "@id": addresses.dataset(base, item.slug), "name": item.title}
                for item in page.datasets
            ],
        }
    )


def dataset_document(publication: Publication, item: Dataset) -> dict[str, Any]:
    """A dataset."""
    base = publication.base
    subject = addresses.dataset(base, item.slug)
    people = item.creators or publication.creators
    return _known(
        {
            "@context": _CONTEXT,
            "@type": "Dataset",
            "@id": subject,
            "url": subject,
            **_shared(publication),
            "name": item.title,
            "description": item.description,
            "identifier": item.identifier or subject,
            "version": item.version,
            "license": item.licence or publication.licence,
            "keywords": list(dict.fromkeys((*item.keywords, *publication.keywords))),
            "creator": [_agent(agent) for agent in people],
            "dateCreated": item.created,
            "datePublished": item.entered,
            "temporalCoverage": f"{item.started}/{item.ended or '..'}" if item.started else None,
            "spatialCoverage": {"@id": publication.spatial} if publication.spatial else None,
            "about": {"@id": item.thing},
            "isBasedOn": [{"@id": source.iri} for source in item.sources],
            "includedInDataCatalog": {"@type": "DataCatalog", "@id": addresses.catalogue(base)},
            "distribution": [_distribution(base, item, form) for form in item.distributions],
            "isAccessibleForFree": True if (publication.access_right or "").endswith("/PUBLIC") else None,
        }
    )


def _shared(publication: Publication) -> dict[str, Any]:
    return {
        "publisher": _agent(publication.publisher) if publication.publisher else None,
        "license": publication.licence,
        "inLanguage": publication.language,
        "funding": [{"@type": "Grant", "name": name} for name in publication.funding],
    }


def _distribution(base: str, item: Dataset, form: Distribution) -> dict[str, Any]:
    return _known(
        {
            "@type": "DataDownload",
            "@id": addresses.distribution(base, item, form),
            "name": form.title,
            "contentUrl": addresses.download(base, item, form),
            "encodingFormat": form.packing or form.media_type,
            "contentSize": None if form.size is None else f"{form.size} B",
            "sha256": form.sha256,
        }
    )


def _agent(agent: Agent) -> dict[str, Any]:
    return _known(
        {"@type": "Person" if agent.is_person else "Organization", "@id": agent.iri, "name": agent.name}
    )


def _known(said: dict[str, Any]) -> dict[str, Any]:
    """Without what is not known."""
    return {key: value for key, value in said.items() if value not in (None, [], "")}
