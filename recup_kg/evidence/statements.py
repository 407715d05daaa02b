"""RDF that a source holds and that our own terms don't cover: kept as it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LiteralValue:
    """An RDF literal. `datatype` is an IRI, `language` a BCP 47 tag; at most one of them."""

    lexical: str
    datatype: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A triple of the source. Subject, predicate and object are IRIs; blank nodes got IRIs from content."""

    subject: str
    predicate: str
    object: str | LiteralValue
