"""A run as a document of the PROV data model (https://www.w3.org/TR/prov-dm/), by the library `prov`.

Relations have the times, roles and plans of their qualified forms; all that PROV has no word for is an attribute of its entity,
activity or agent. Literals keep their datatype and their value; the library cuts times to microseconds.
"""

from __future__ import annotations

import importlib.util
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pyoxigraph

from recup_kg.errors import MissingExtra
from recup_kg.exports import _rdf
from recup_kg.store import Entry, Store
from recup_kg.vocab import PREFIXES, PROV, RDF, RDFS, WFPROV, XSD

if TYPE_CHECKING:
    from prov.identifier import QualifiedName
    from prov.model import ProvDocument

Node = pyoxigraph.NamedNode
Term = pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal | pyoxigraph.Triple
Attributes = list[tuple["QualifiedName", object]]

_TYPE = RDF + "type"
_KINDS = ("Entity", "Activity", "Agent")
_SUPER = {
    WFPROV + "usedInput": "used",
    WFPROV + "wasOutputFrom": "wasGeneratedBy",
    WFPROV + "wasEnactedBy": "wasAssociatedWith",
}
# The PROV-DM name of each relation, its first two arguments, and the type that makes a subtype of it.
_RELATIONS: Mapping[str, tuple[str, str, str, str | None]] = {
    "used": ("Usage", "activity", "entity", None),
    "wasGeneratedBy": ("Generation", "entity", "activity", None),
    "wasInvalidatedBy": ("Invalidation", "entity", "activity", None),
    "wasStartedBy": ("Start", "activity", "trigger", None),
    "wasEndedBy": ("End", "activity", "trigger", None),
    "wasInformedBy": ("Communication", "informed", "informant", None),
    "wasDerivedFrom": ("Derivation", "generatedEntity", "usedEntity", None),
    "wasRevisionOf": ("Derivation", "generatedEntity", "usedEntity", "Revision"),
    "wasQuotedFrom": ("Derivation", "generatedEntity", "usedEntity", "Quotation"),
    "hadPrimarySource": ("Derivation", "generatedEntity", "usedEntity", "PrimarySource"),
    "wasAttributedTo": ("Attribution", "entity", "agent", None),
    "wasAssociatedWith": ("Association", "activity", "agent", None),
    "actedOnBehalfOf": ("Delegation", "delegate", "responsible", None),
    "wasInfluencedBy": ("Influence", "influencee", "influencer", None),
    "specializationOf": ("Specialization", "specificEntity", "generalEntity", None),
    "alternateOf": ("Alternate", "alternate1", "alternate2", None),
    "hadMember": ("Membership", "collection", "entity", None),
}
# Each qualified form: the direct one, and the property of the node that has the other end.
_QUALIFIED = {
    "qualifiedUsage": ("used", "entity"),
    "qualifiedGeneration": ("wasGeneratedBy", "activity"),
    "qualifiedInvalidation": ("wasInvalidatedBy", "activity"),
    "qualifiedStart": ("wasStartedBy", "entity"),
    "qualifiedEnd": ("wasEndedBy", "entity"),
    "qualifiedCommunication": ("wasInformedBy", "activity"),
    "qualifiedDerivation": ("wasDerivedFrom", "entity"),
    "qualifiedAttribution": ("wasAttributedTo", "agent"),
    "qualifiedAssociation": ("wasAssociatedWith", "agent"),
    "qualifiedDelegation": ("actedOnBehalfOf", "agent"),
}
_FORMAL = {"atTime": "time", "hadPlan": "plan", "hadActivity": "activity"}
_RENAMED = {
    PROV + "atLocation": PROV + "location",
    RDFS + "label": PROV + "label",
    PROV + "hadRole": PROV + "role",
}
_TIMES = {PROV + "startedAtTime": "startTime", PROV + "endedAtTime": "endTime"}


def document(store: Store, entry: Entry) -> ProvDocument:
    """All that the sources of an execution said, as a document. Raises `MissingExtra` where the library is not there."""
    if importlib.util.find_spec("prov") is None:
        raise MissingExtra("prov", "prov")
    return _Builder(list(_rdf.triples(store, entry))).document()


@dataclass(frozen=True)
class _Builder:
    triples: list[pyoxigraph.Triple]

    @cached_property
    def said(self) -> dict[str, list[tuple[str, Term]]]:
        """The statements of each subject."""
        found: dict[str, list[tuple[str, Term]]] = defaultdict(list)
        for triple in sorted(self.triples, key=str):
            if isinstance(triple.subject, Node):
                found[triple.subject.value].append((triple.predicate.value, triple.object))
        return found

    @cached_property
    def kinds(self) -> dict[str, list[str]]:
        """Which of entity, activity and agent each subject is."""
        wanted = {PROV + kind: kind for kind in _KINDS}
        found: dict[str, list[str]] = {}
        for subject, facts in self.said.items():
            types = {value.value for name, value in facts if name == _TYPE and isinstance(value, Node)}
            if kinds := [kind for iri, kind in wanted.items() if iri in types]:
                found[subject] = kinds
        return found

    def document(self) -> ProvDocument:
        from prov.model import ProvDocument

        target = ProvDocument()
        for prefix, iri in PREFIXES.items():
            if iri not in (PROV, XSD):
                target.add_namespace(prefix, iri)
        names = _Names(target)
        for subject, kinds in self.kinds.items():
            for kind in kinds:
                self._add_thing(target, names, subject, kind)
        for subject in self.said:
            self._add_relations(target, names, subject)
        return target

    def _add_thing(self, target: ProvDocument, names: _Names, subject: str, kind: str) -> None:
        from prov import constants

        facts = self.said[subject]
        attributes: Attributes = []
        if kind == "Activity":
            for name, formal in _TIMES.items():
                attributes += [(names.prov(formal), names.value(value)) for p, value in facts if p == name][
                    :1
                ]
        # What stands with an activity of times stands there once: attributes go to the first kind of a thing only.
        if self.kinds[subject][0] == kind:
            attributes += list(self._attributes(names, subject))
        target.new_record(getattr(constants, f"PROV_{kind.upper()}"), names.name(subject), None, attributes)

    def _attributes(self, names: _Names, subject: str) -> Iterator[tuple[QualifiedName, object]]:
        for name, value in self.said[subject]:
            local = _local(name)
            if name in _TIMES or local in _RELATIONS or local in _QUALIFIED:
                continue
            if name == _TYPE:
                if isinstance(value, Node) and value.value not in {PROV + kind for kind in _KINDS}:
                    yield names.prov("type"), names.value(value)
            else:
                yield names.name(_RENAMED.get(name, name)), names.value(value)

    def _add_relations(self, target: ProvDocument, names: _Names, subject: str) -> None:
        covered = set()
        for name, value in self.said[subject]:
            form = _QUALIFIED.get(_local(name) or "")
            if form is not None and isinstance(value, Node):
                direct, end = form
                other = self._end(value.value, end)
                if other is not None:
                    covered.add((direct, other))
                    self._relate(target, names, direct, subject, other, value.value)
        for name, value in self.said[subject]:
            direct = _local(name) or ""
            if direct in _RELATIONS and isinstance(value, Node) and (direct, value.value) not in covered:
                covered.add((direct, value.value))
                self._relate(target, names, direct, subject, value.value, None)

    def _end(self, node: str, end: str) -> str | None:
        found = (
            value.value for name, value in self.said[node] if name == PROV + end and isinstance(value, Node)
        )
        return next(found, None)

    def _relate(
        self, target: ProvDocument, names: _Names, direct: str, subject: str, other: str, node: str | None
    ) -> None:
        from prov import constants

        kind, first, second, subtype = _RELATIONS[direct]
        attributes: Attributes = [
            (names.prov(first), names.name(subject)),
            (names.prov(second), names.name(other)),
        ]
        if subtype is not None:
            attributes.append((names.prov("type"), names.prov(subtype)))
        if node is not None:
            attributes += list(self._qualifying(names, node, _QUALIFIED_ENDS[direct]))
        identifier = None if node is None or direct in _NAMELESS else names.name(node)
        target.new_record(getattr(constants, f"PROV_{kind.upper()}"), identifier, None, attributes)

    def _qualifying(self, names: _Names, node: str, end: str) -> Iterator[tuple[QualifiedName, object]]:
        for name, value in self.said[node]:
            local = name.removeprefix(PROV) if name.startswith(PROV) else None
            if local == end or (name == _TYPE and isinstance(value, Node) and value.value.startswith(PROV)):
                continue
            if local in _FORMAL:
                yield names.prov(_FORMAL[local]), names.value(value)
            elif name == _TYPE:
                yield names.prov("type"), names.value(value)
            else:
                yield names.name(_RENAMED.get(name, name)), names.value(value)


_QUALIFIED_ENDS = dict(_QUALIFIED.values())
_NAMELESS = frozenset(("specializationOf", "alternateOf", "hadMember"))


def _local(iri: str) -> str | None:
    """The name of a term of PROV; of what wfprov defines by one, that."""
    return iri.removeprefix(PROV) if iri.startswith(PROV) else _SUPER.get(iri)


class _Names:
    """Names and values in the library's own types."""

    def __init__(self, target: ProvDocument) -> None:
        self._target = target
        self._spaces: dict[str, str] = {iri: prefix for prefix, iri in PREFIXES.items()}

    def prov(self, local: str) -> QualifiedName:
        from prov.constants import PROV as SPACE

        return SPACE[local]

    def name(self, iri: str) -> QualifiedName:
        """The name of an IRI, with a namespace that ends at its last slash or mark, or at its scheme."""
        from prov.identifier import Namespace, QualifiedName

        end = max(iri.rfind("#"), iri.rfind("/"), iri.find(":")) + 1
        space, local = iri[:end], iri[end:]
        if space == PROV:
            return self.prov(local)
        prefix = self._spaces.get(space)
        if prefix is None:
            prefix = self._spaces[space] = f"ns{len(self._spaces)}"
            self._target.add_namespace(prefix, space)
        return QualifiedName(Namespace(prefix, space), local)

    def value(self, term: Term) -> object:
        from prov.model import Literal

        if isinstance(term, Node):
            return self.name(term.value)
        if isinstance(term, pyoxigraph.Literal):
            if term.language:
                return Literal(term.value, langtag=term.language)
            if term.datatype.value == XSD + "string":
                return term.value
            return Literal(term.value, self._datatype(term.datatype.value))
        return str(term)

    def _datatype(self, iri: str) -> QualifiedName:
        from prov.identifier import Namespace, QualifiedName

        if iri.startswith(XSD):
            return QualifiedName(Namespace("xsd", XSD), iri.removeprefix(XSD))
        return self.name(iri)
