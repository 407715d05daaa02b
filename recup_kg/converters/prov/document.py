"""The triples of a PROV document by subject, with what PROV-O lets one infer from its qualified forms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

import pyoxigraph

from recup_kg.evidence.statements import LiteralValue
from recup_kg.vocab import PROV, RDF, XSD, digest

TYPE = RDF + "type"
Value = str | LiteralValue
_QUALIFIED = (
    ("qualifiedUsage", "entity", "used"),
    ("qualifiedGeneration", "activity", "wasGeneratedBy"),
    ("qualifiedAssociation", "agent", "wasAssociatedWith"),
    ("qualifiedCommunication", "activity", "wasInformedBy"),
    ("qualifiedDelegation", "agent", "actedOnBehalfOf"),
    ("qualifiedAttribution", "agent", "wasAttributedTo"),
    ("qualifiedDerivation", "entity", "wasDerivedFrom"),
)


class Document:
    """The statements of a document. `graphs` are the names of the bundles that some stand in."""

    def __init__(self, quads: Iterable[pyoxigraph.Quad]) -> None:
        listed = list(quads)
        names = _blank_names(listed)
        self.facts: dict[str, dict[str, list[Value]]] = {}
        self.graphs = sorted(
            {
                str(quad.graph_name)
                for quad in listed
                if not isinstance(quad.graph_name, pyoxigraph.DefaultGraph)
            }
        )
        self.mapped: set[tuple[str, str]] = set()
        for quad in listed:
            self.add(_name(quad.subject, names), quad.predicate.value, _value(quad.object, names))
        self._infer()
        for properties in self.facts.values():
            for values in properties.values():
                values.sort(key=repr)

    def add(self, subject: str, predicate: str, value: Value) -> None:
        """Add a statement, once."""
        values = self.facts.setdefault(subject, {}).setdefault(predicate, [])
        if value not in values:
            values.append(value)

    def values(self, name: str, predicate: str) -> list[Value]:
        """The values of a property."""
        return self.facts.get(name, {}).get(predicate, [])

    def refs(self, name: str, predicate: str) -> list[str]:
        """The things that a property points at."""
        return [value for value in self.values(name, predicate) if isinstance(value, str)]

    def texts(self, name: str, predicate: str) -> list[str]:
        """The literals of a property, as written."""
        return [value.lexical for value in self.values(name, predicate) if isinstance(value, LiteralValue)]

    def text(self, name: str, *predicates: str) -> str | None:
        """The first literal of the first property that has one."""
        return next((text for predicate in predicates for text in self.texts(name, predicate) if text), None)

    def of_type(self, *kinds: str) -> list[str]:
        """All things of a type, sorted."""
        return sorted(name for name in self.facts if not set(kinds).isdisjoint(self.refs(name, TYPE)))

    def note(self, name: str, predicate: str) -> None:
        """Note that records of ours say all that this property says."""
        self.mapped.add((name, predicate))

    def closure(self, names: Iterable[str], *predicates: str) -> list[str]:
        """The things and all that they reach over properties."""
        found = dict.fromkeys(names)
        waiting = list(found)
        while waiting:
            name = waiting.pop()
            for predicate in predicates:
                for other in self.refs(name, predicate):
                    if other not in found:
                        found[other] = None
                        waiting.append(other)
        return list(found)

    def _infer(self) -> None:
        """The direct forms of qualified relations, and one direction of inverse ones."""
        for name in list(self.facts):
            for qualified, end, direct in _QUALIFIED:
                for node in self.refs(name, PROV + qualified):
                    for other in self.refs(node, PROV + end):
                        self.add(name, PROV + direct, other)
            for made in self.refs(name, PROV + "generated"):
                self.add(made, PROV + "wasGeneratedBy", name)


def _name(term: object, names: dict[str, str]) -> str:
    if isinstance(term, pyoxigraph.BlankNode):
        return names[term.value]
    return term.value if isinstance(term, pyoxigraph.NamedNode) else str(term)


def _value(term: object, names: dict[str, str]) -> Value:
    if not isinstance(term, pyoxigraph.Literal):
        return _name(term, names)
    if term.language is not None:
        return LiteralValue(term.value, None, term.language)
    datatype = term.datatype.value
    return LiteralValue(term.value, None if datatype == XSD + "string" else datatype)


def _blank_names(quads: Iterable[pyoxigraph.Quad]) -> dict[str, str]:
    """Names of blank nodes made from what they say and from who points at them; their labels mean nothing."""
    around: dict[str, list[pyoxigraph.Quad]] = defaultdict(list)
    for quad in quads:
        for term in (quad.subject, quad.object):
            if isinstance(term, pyoxigraph.BlankNode):
                around[term.value].append(quad)
    names = dict.fromkeys(around, "_:")
    for _ in range(3):
        names = {label: "_:" + digest(sorted(_said(around[label], label, names))) for label in names}
    return names


def _said(quads: Iterable[pyoxigraph.Quad], label: str, names: dict[str, str]) -> Iterator[str]:
    for quad in quads:
        ends = (
            "self"
            if isinstance(term, pyoxigraph.BlankNode) and term.value == label
            else str(_value(term, names))
            for term in (quad.subject, quad.object)
        )
        yield "\x1f".join((quad.predicate.value, *ends))
