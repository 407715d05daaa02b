"""Signposting of a dataset: https://signposting.org/FAIR/, level 1 in headers, level 2 as a link set (RFC 9264)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from recup_kg.catalog import addresses
from recup_kg.catalog.datasets import Dataset
from recup_kg.catalog.publication import Publication
from recup_kg.web.documents import FORMS

_TYPES = ("https://schema.org/Dataset", "https://schema.org/AboutPage")
_WEB = ("http://", "https://")
LINKSET = "application/linkset+json"


@dataclass(frozen=True, slots=True)
class Link:
    """A typed link from `anchor`."""

    anchor: str
    relation: str
    target: str
    media_type: str | None = None


def link_header(publication: Publication, item: Dataset, document: str | None) -> str:
    """The header Link of a dataset, in whatever format it is sent, or of a `document` about it."""
    subject = addresses.dataset(publication.base, item.slug)
    anchor = subject if document in (None, "html") else f"{subject}?format={document}"
    found = [link for link in _links(publication, item) if link.anchor == anchor]
    found.append(Link(anchor, "linkset", addresses.linkset(publication.base, item.slug), LINKSET))
    parts = (
        f'<{link.target}>; rel="{link.relation}"' + (f'; type="{link.media_type}"' if link.media_type else "")
        for link in found
    )
    return ", ".join(part for part in parts if part.isascii())


def linkset(publication: Publication, item: Dataset) -> dict[str, Any]:
    """All links of a dataset, by anchor."""
    found: dict[str, dict[str, Any]] = {}
    for link in _links(publication, item):
        context = found.setdefault(link.anchor, {"anchor": link.anchor})
        target = {"href": link.target} | ({"type": link.media_type} if link.media_type else {})
        context.setdefault(link.relation, []).append(target)
    return {"linkset": list(found.values())}


def _links(publication: Publication, item: Dataset) -> Iterator[Link]:
    base = publication.base
    subject = addresses.dataset(base, item.slug)
    yield Link(subject, "cite-as", item.identifier or subject)
    for kind in _TYPES:
        yield Link(subject, "type", kind)
    licence = item.licence if (item.licence or "").startswith(_WEB) else publication.licence
    if licence:
        yield Link(subject, "license", licence)
    for agent in item.creators or publication.creators:
        if agent.iri:
            yield Link(subject, "author", agent.iri)
    yield Link(subject, "collection", addresses.catalogue(base))
    for form in item.distributions:
        address = addresses.download(base, item, form)
        yield Link(subject, "item", address, form.packing or form.media_type)
        yield Link(address, "collection", subject, FORMS["html"])
    for name, media_type in FORMS.items():
        if name != "html":
            yield Link(subject, "describedby", f"{subject}?format={name}", media_type)
            yield Link(f"{subject}?format={name}", "describes", subject, FORMS["html"])
