"""Triples, written shortly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyoxigraph

from recup_kg.vocab import RDF, XSD

Triples = Iterator[pyoxigraph.Triple]
Object = pyoxigraph.NamedNode | pyoxigraph.Literal
Facts = Iterable[tuple[str, Object | None]]


def iri(value: str) -> pyoxigraph.NamedNode:
    """An IRI. Raises ValueError for what is none."""
    return pyoxigraph.NamedNode(value)


def maybe_iri(value: str | None) -> pyoxigraph.NamedNode | None:
    """An IRI, where there is one."""
    return None if value is None else pyoxigraph.NamedNode(value)


def text(value: str | None, language: str | None = None) -> pyoxigraph.Literal | None:
    """Plain text, where there is one."""
    return None if value is None else pyoxigraph.Literal(value, language=language)


def typed(value: str | int | None, datatype: str) -> pyoxigraph.Literal | None:
    """A literal of a type of XML Schema, by its local name."""
    return (
        None
        if value is None
        else pyoxigraph.Literal(str(value), datatype=pyoxigraph.NamedNode(XSD + datatype))
    )


def moment(value: str | None) -> pyoxigraph.Literal | None:
    """A date or a time, as xsd:date or xsd:dateTime."""
    return typed(value, "dateTime" if value and "T" in value else "date")


def described(subject: str, types: Iterable[str], facts: Facts) -> Triples:
    """The triples of one subject; what is None is left out."""
    node = pyoxigraph.NamedNode(subject)
    for kind in types:
        yield pyoxigraph.Triple(node, pyoxigraph.NamedNode(RDF + "type"), pyoxigraph.NamedNode(kind))
    for predicate, value in facts:
        if value is not None:
            yield pyoxigraph.Triple(node, pyoxigraph.NamedNode(predicate), value)
