"""What the terms of vocabularies are called: labels of our ontology, prefixed names of the others."""

from __future__ import annotations

from functools import cache

import pyoxigraph

from recup_kg import resources
from recup_kg.vocab import PREFIXES, QUDT, RDFS


@cache
def labels() -> dict[str, str]:
    """The label of each term of our ontology, by IRI."""
    return _values(RDFS + "label")


@cache
def units() -> dict[str, str]:
    """The unit of each property of our ontology that has one, by IRI, as the last part of QUDT's IRI."""
    return {term: unit.rsplit("/", 1)[-1] for term, unit in _values(QUDT + "hasUnit").items()}


def _values(predicate: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(resources.path("ontology").glob("*.ttl")):
        for quad in pyoxigraph.parse(path=path, format=pyoxigraph.RdfFormat.TURTLE):
            if quad.predicate.value == predicate and isinstance(quad.subject, pyoxigraph.NamedNode):
                found.setdefault(quad.subject.value, str(getattr(quad.object, "value", quad.object)))
    return found


def prefixed(iri: str) -> str:
    """The prefixed name of a term, where one of our prefixes fits; else its IRI."""
    for prefix, namespace in PREFIXES.items():
        rest = iri.removeprefix(namespace)
        if rest != iri and rest and "/" not in rest and "#" not in rest:
            return f"{prefix}:{rest}"
    return iri


def name_of(iri: str) -> str:
    """What a person reads for a term: its label in our ontology, else its prefixed name."""
    return labels().get(iri) or prefixed(iri)
