"""Which of the offered media types a client gets (RFC 9110, 12.5.1), and what is offered for SPARQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

JSON = "application/sparql-results+json"
XML = "application/sparql-results+xml"
CSV = "text/csv"
TSV = "text/tab-separated-values"
TURTLE = "text/turtle"
NTRIPLES = "application/n-triples"
JSON_LD = "application/ld+json"
RDF_XML = "application/rdf+xml"
HTML = "text/html"

# What clients that know less ask for, and what they get: the same bytes under the name that they asked for.
TABULAR: Mapping[str, str] = {
    JSON: JSON,
    XML: XML,
    CSV: CSV,
    TSV: TSV,
    "application/json": JSON,
    "application/xml": XML,
    "text/xml": XML,
}
"""Media types of answers to SELECT and ASK, the most liked first, and the format of each."""
GRAPH: Mapping[str, str] = {
    TURTLE: TURTLE,
    NTRIPLES: NTRIPLES,
    JSON_LD: JSON_LD,
    RDF_XML: RDF_XML,
    "application/x-turtle": TURTLE,
    "text/plain": NTRIPLES,
}
"""Media types of RDF, the most liked first, and the format of each."""
SHORT: Mapping[str, str] = {
    "json": JSON,
    "xml": XML,
    "csv": CSV,
    "tsv": TSV,
    "turtle": TURTLE,
    "ntriples": NTRIPLES,
    "jsonld": JSON_LD,
    "rdfxml": RDF_XML,
}
"""What the parameter `format` of an address may say in place of the header Accept, for links and forms."""


def chosen(accept: str | None, offered: Sequence[str]) -> str | None:
    """The media type of the offered ones that a client likes best, the earlier where it likes two the same.

    The first where the client says nothing; None where it accepts none of them.
    """
    if not accept:
        return offered[0]
    # What is offered has no parameters: one of a client, such as a charset, doesn't tell two of them apart.
    plain = (
        (name.split(";", 1)[0].strip(), quality) for name, quality in parse_accept_header(accept, MIMEAccept)
    )
    return MIMEAccept(plain).best_match(offered)


def with_charset(media_type: str) -> str:
    """As Content-Type: text of ours is UTF-8."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
