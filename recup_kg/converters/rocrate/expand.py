"""The JSON-LD of a crate as triples. RO-Crate is flattened JSON-LD: https://www.w3.org/TR/json-ld11/."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from recup_kg.converters.rocrate.context import Context, workflow_run_terms
from recup_kg.errors import MalformedSource
from recup_kg.evidence.statements import LiteralValue
from recup_kg.records import Gap, Subject
from recup_kg.vocab import RDF, XSD, digest

TYPE = RDF + "type"
FIRST, REST, NIL = RDF + "first", RDF + "rest", RDF + "nil"
RUN = Subject("execution")


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to a thing, by its identifier in the crate."""

    name: str


Value: TypeAlias = Ref | LiteralValue


@dataclass(slots=True)
class Expanded:
    """The things of a crate: the values of each by the IRI of the property, and where each stands."""

    version: str | None
    things: dict[str, dict[str, list[Value]]] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)

    def add(self, name: str, predicate: str, value: Value) -> None:
        """Add a triple, once."""
        values = self.things.setdefault(name, {}).setdefault(predicate, [])
        if value not in values:
            values.append(value)


def expand(path: Path, document: Any) -> Expanded:
    """The triples of a document. Raises `MalformedSource` where it is no flattened JSON-LD."""
    if not isinstance(document, dict):
        raise MalformedSource(
            path, "a crate is a JSON object", where="$", advice="see docs/formats/ro-crate.md"
        )
    if "@graph" not in document:
        raise MalformedSource(path, "no @graph", where="$", advice="give the metadata file of an RO-Crate")
    entities = document["@graph"]
    if not isinstance(entities, list):
        raise MalformedSource(
            path, "@graph is no array", where="$['@graph']", advice="list the entities there"
        )
    return _Expansion(path, Context(document.get("@context", []))).run(entities)


class _Expansion:
    """One document being expanded."""

    def __init__(self, path: Path, context: Context) -> None:
        self.path, self.context = path, context
        self.found = Expanded(context.version)
        self.undefined: dict[str, list[tuple[str, Any]]] = defaultdict(list)
        self.blank: dict[str, str] = {}

    def run(self, entities: list[Any]) -> Expanded:
        """All entities."""
        self.blank = _blank_names(entities)
        seen: set[str] = set()
        for index, entity in enumerate(entities):
            where = f"$['@graph'][{index}]"
            if not isinstance(entity, dict):
                raise MalformedSource(
                    self.path, "an entity is a JSON object", where=where, advice="remove it"
                )
            name = self._node(entity, where)
            if name in seen:
                comment = "an entity of this @id stands before; what both say is taken together"
                self.found.gaps.append(Gap("DuplicateEntry", RUN, where, comment, _text(name)))
            seen.add(name)
        self.found.gaps += self._about_contexts()
        return self.found

    def _node(self, entity: dict[str, Any], where: str) -> str:
        name = self._name(entity, where)
        self.found.things.setdefault(name, {})
        self.found.places.setdefault(name, where)
        for term, value in entity.items():
            place = f"{where}.{term}"
            if term == "@type":
                self._types(name, value, place)
            elif term == "@reverse" and isinstance(value, dict):
                self._reverse(name, value, place)
            elif not term.startswith("@"):
                self._property(name, term, value, place)
        return name

    def _name(self, entity: dict[str, Any], where: str) -> str:
        name = entity.get("@id")
        if name is None:
            return "_:" + digest([_text(entity)])
        if not isinstance(name, str) or not name:
            raise MalformedSource(
                self.path, "an @id is a text", where=f"{where}['@id']", advice="name the entity"
            )
        return self.reference(name)

    def reference(self, name: str) -> str:
        """The identifier that an @id stands for."""
        return self.blank.get(name, name) if name.startswith("_:") else self.context.identifier(name)

    def _types(self, name: str, value: Any, where: str) -> None:
        for kind in value if isinstance(value, list) else [value]:
            iri = self._iri(kind, where, kind) if isinstance(kind, str) else None
            if iri is not None:
                self.found.add(name, TYPE, Ref(iri))
            elif not isinstance(kind, str):
                comment = "a type is a text"
                self.found.gaps.append(Gap("UnreadableValue", RUN, where, comment, _text(kind)))

    def _property(self, name: str, term: str, value: Any, where: str) -> None:
        iri = self._iri(term, where, value)
        if iri is None:
            return
        for item in self._values(value, where, self.context.coerced.get(term)):
            self.found.add(name, iri, item)

    def _reverse(self, name: str, value: dict[str, Any], where: str) -> None:
        for term, subjects in value.items():
            iri = self._iri(term, where, subjects)
            for subject in self._values(subjects, where, "@id") if iri else ():
                if isinstance(subject, Ref):
                    self.found.add(subject.name, str(iri), Ref(name))

    def _iri(self, term: str, where: str, value: Any) -> str | None:
        iri = self.context.iri(term)
        if iri is None:
            self.undefined[term].append((where, value))
            iri = workflow_run_terms().get(term)
        return iri

    def _values(self, value: Any, where: str, coerced: str | None) -> Iterator[Value]:
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from self._values(item, f"{where}[{index}]", coerced)
        elif isinstance(value, dict):
            yield from self._object(value, where, coerced)
        elif value is not None:
            yield self._scalar(value, coerced)

    def _object(self, value: dict[str, Any], where: str, coerced: str | None) -> Iterator[Value]:
        if "@value" in value:
            yield self._literal(value)
        elif "@list" in value:
            yield self._list(list(self._values(value["@list"], where, coerced)))
        elif "@set" in value:
            yield from self._values(value["@set"], where, coerced)
        elif set(value) == {"@id"}:
            yield from self._reference(value["@id"], where)
        elif value:
            yield Ref(self._node(value, where))

    def _reference(self, name: Any, where: str) -> Iterator[Value]:
        if isinstance(name, str) and name:
            yield Ref(self.reference(name))
        else:
            self.found.gaps.append(Gap("UnreadableValue", RUN, where, "a reference to nothing", _text(name)))

    def _scalar(self, value: Any, coerced: str | None) -> Value:
        if isinstance(value, str) and coerced in ("@id", "@vocab"):
            return Ref((coerced == "@vocab" and self.context.iri(value)) or self.reference(value))
        datatype = self.context.iri(coerced) if coerced and not coerced.startswith("@") else None
        plain = scalar(value)
        return LiteralValue(plain.lexical, datatype) if datatype else plain

    def _literal(self, value: dict[str, Any]) -> LiteralValue:
        plain, kind, language = scalar(value["@value"]), value.get("@type"), value.get("@language")
        if isinstance(kind, str) and (datatype := self.context.iri(kind)):
            return LiteralValue(plain.lexical, datatype)
        return LiteralValue(plain.lexical, None, language) if isinstance(language, str) else plain

    def _list(self, items: list[Value]) -> Ref:
        rest = Ref(NIL)
        for item in reversed(items):
            name = "_:" + digest([repr(item), rest.name])
            self.found.add(name, FIRST, item)
            self.found.add(name, REST, rest)
            rest = Ref(name)
        return rest

    def _about_contexts(self) -> Iterator[Gap]:
        for address in self.context.unknown:
            comment = (
                "this context is not known here and none is fetched: terms that only it defines are not read"
            )
            yield Gap("UnmappedField", RUN, "$['@context']", comment, _text(address))
        for term, uses in self.undefined.items():
            where, value = uses[0]
            meant = " (read as the Workflow Run term)" if term in workflow_run_terms() else ""
            comment = f"no context defines the term {term!r}{meant}; it stands {len(uses)} times, first here"
            yield Gap("UnmappedField", RUN, where, comment, _text(value))


def scalar(value: Any) -> LiteralValue:
    """The literal that a JSON scalar stands for. A number keeps its digits."""
    if isinstance(value, bool):
        return LiteralValue("true" if value else "false", XSD + "boolean")
    if isinstance(value, int):
        return LiteralValue(str(value), XSD + "integer")
    if isinstance(value, WrittenNumber):
        return LiteralValue(value.written, XSD + "double")
    return LiteralValue(value if isinstance(value, str) else _text(value))


class WrittenNumber(float):
    """A JSON number with a fraction or exponent, with the digits that the source wrote."""

    __slots__ = ("written",)
    written: str

    def __new__(cls, written: str) -> WrittenNumber:
        made = super().__new__(cls, written)
        made.written = written
        return made


def _blank_names(entities: list[Any]) -> dict[str, str]:
    """Labels of blank nodes as names made from content; labels differ between two forms of one crate."""
    own = {
        entity["@id"]: {key: value for key, value in entity.items() if key != "@id"}
        for entity in entities
        if isinstance(entity, dict) and isinstance(entity.get("@id"), str) and entity["@id"].startswith("_:")
    }
    names = dict.fromkeys(own, "_:")
    for _ in range(2):
        names = {label: "_:" + digest([_text(_renamed(content, names))]) for label, content in own.items()}
    taken: dict[str, int] = defaultdict(int)
    unique = {}
    for label, name in names.items():
        unique[label] = name if not taken[name] else f"{name}-{taken[name]}"
        taken[name] += 1
    return unique


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _renamed(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return sorted((_renamed(item, names) for item in value), key=_text)
    return names.get(value, value) if isinstance(value, str) else value


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
