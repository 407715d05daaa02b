"""Where a thing and the documents about it are on this site.

A thing of ours, `https://w3id.org/recup/X`, is at `/X`, any other at `/resource?iri=IRI`. Its documents are at `/doc/FORMAT/X`
and `/doc/FORMAT?iri=IRI`: a suffix would not do, since names of files are part of our IRIs.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from recup_kg.vocab import BASE
from recup_kg.web.negotiation import HTML, JSON_LD, NTRIPLES, TURTLE

FORMATS: Mapping[str, str] = {"html": HTML, "turtle": TURTLE, "jsonld": JSON_LD, "ntriples": NTRIPLES}
"""The formats of documents, the most liked first, and their media types."""
THINGS = (
    "run",
    "workflow",
    "bundle",
    "comparison",
    "evidence",
    "baseline",
    "metrics",
    "results",
    "tag",
    "source",
)
"""The first part of the path of what we mint IRIs for (`recup_kg.vocab`)."""
VOCABULARIES = ("ontology", "darshan", "nextflow")
"""Vocabularies of ours whose documents are at `/ontology` and the like; a term is a part of its document."""

_IN_PATH = "/%:@!$&'()*+,;=~-._"


def local(iri: str) -> str | None:
    """The path of a thing of ours, as it stands in its IRI; None for one that has its page at `/resource`."""
    rest = iri.removeprefix(BASE)
    ours = iri.startswith(BASE) and rest.split("/", 1)[0] in THINGS and "/" in rest
    return f"/{quote(rest, safe=_IN_PATH)}" if ours and "#" not in rest and "?" not in rest else None


def thing_address(iri: str) -> str:
    """Where a thing is, without the site."""
    document, mark, term = iri.removeprefix(BASE).partition("#")
    if iri.startswith(BASE) and mark and document in VOCABULARIES:
        return f"/{document}#{quote(term, safe='')}"
    return local(iri) or f"/resource?iri={quote(iri, safe='')}"


def document_address(iri: str, form: str, page: int = 0) -> str:
    """Where a document about a thing is, in a format, without the site; `page` counts what points at the thing, from 0."""
    path = local(iri)
    if path is not None:
        return f"/doc/{form}{path}" + (f"?page={page}" if page else "")
    return f"/doc/{form}?iri={quote(iri, safe='')}" + (f"&page={page}" if page else "")


def iri_of_path(raw: str) -> str:
    """The IRI of the thing at a path, given as it was sent, percent-encoded, without its first slash."""
    return BASE + raw
