"""What a graph says, subject by subject."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import pyoxigraph

from recup_kg.errors import BundleError
from recup_kg.records import Number
from recup_kg.vocab import RDF, XSD

Term: TypeAlias = pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal | pyoxigraph.Triple


@dataclass(frozen=True, slots=True)
class Description:
    """All that a graph says of one subject."""

    iri: str
    facts: Mapping[str, list[Term]]

    def text(self, predicate: str) -> str | None:
        """The lexical form of the first value."""
        values = self.facts.get(predicate)
        return values[0].value if values and isinstance(values[0], pyoxigraph.Literal) else None

    def required(self, predicate: str) -> str:
        """The text of a value that must be there. Raises `BundleError`."""
        value = self.text(predicate)
        if value is None:
            raise self._lacks(predicate)
        return value

    def iris(self, predicate: str) -> list[str]:
        """All values that are IRIs."""
        values = self.facts.get(predicate, [])
        return [value.value for value in values if isinstance(value, pyoxigraph.NamedNode)]

    def iri_of(self, predicate: str) -> str | None:
        """The first value that is an IRI."""
        return next(iter(self.iris(predicate)), None)

    def number(self, predicate: str) -> Number | None:
        """The first value as an exact integer or a double."""
        values = self.facts.get(predicate)
        if not values or not isinstance(values[0], pyoxigraph.Literal):
            return None
        literal = values[0]
        return int(literal.value) if literal.datatype.value == XSD + "integer" else float(literal.value)

    def required_iri(self, predicate: str) -> str:
        """An IRI that must be there. Raises `BundleError`."""
        value = self.iri_of(predicate)
        if value is None:
            raise self._lacks(predicate)
        return value

    def required_number(self, predicate: str) -> Number:
        """A number that must be there. Raises `BundleError`."""
        value = self.number(predicate)
        if value is None:
            raise self._lacks(predicate)
        return value

    def _lacks(self, predicate: str) -> BundleError:
        return BundleError(f"{self.iri} has no {predicate}: the graph is not one that a converter wrote")

    def integer(self, predicate: str) -> int | None:
        """The first value as an integer."""
        value = self.number(predicate)
        return None if value is None else int(value)


class Descriptions:
    """A graph by subject."""

    def __init__(self, ntriples: str | bytes) -> None:
        self._facts: dict[str, dict[str, list[Term]]] = {}
        self._typed: dict[str, list[str]] = {}
        for triple in pyoxigraph.parse(ntriples, format=pyoxigraph.RdfFormat.N_QUADS):
            if not isinstance(triple.subject, pyoxigraph.NamedNode):
                raise BundleError(f"{triple.subject} is not an IRI: bundles hold no blank nodes")
            facts = self._facts.setdefault(triple.subject.value, {})
            facts.setdefault(triple.predicate.value, []).append(triple.object)
            if triple.predicate.value == RDF + "type" and isinstance(triple.object, pyoxigraph.NamedNode):
                self._typed.setdefault(triple.object.value, []).append(triple.subject.value)

    def __getitem__(self, iri: str) -> Description:
        return Description(iri, self._facts.get(iri, {}))

    def of_type(self, kind: str) -> Iterator[Description]:
        """All subjects of a type (an IRI)."""
        return (self[iri] for iri in self._typed.get(kind, ()))

    def one(self, kind: str) -> Description:
        """The only subject of a type. Raises `BundleError` where there is none or are several."""
        found = self._typed.get(kind, [])
        if len(found) != 1:
            raise BundleError(f"the graph describes {len(found)} things of type {kind}, not one")
        return self[found[0]]
