"""What our records don't cover of a crate, as statements in the crate's own terms."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from recup_kg.converters.rocrate.crate import Crate
from recup_kg.converters.rocrate.expand import NIL, TYPE, Ref, Value, is_absolute
from recup_kg.converters.rocrate.things import clean_literal
from recup_kg.evidence.statements import LiteralValue, Statement
from recup_kg.redaction import redact_text
from recup_kg.vocab import SCHEMA, part_iri

_ALLOWED = ":/?#[]@!$&'()*+,;=-._~%"


class Naming:
    """The IRIs of the things of a crate: those of their records, their own if they have one, else below the execution."""

    def __init__(self, base: str, kinds: dict[str, str], execution: str | None = None) -> None:
        self.base, self.kinds, self.execution = base, kinds, execution

    def iri(self, name: str) -> str:
        """The IRI of a thing."""
        if name == self.execution:
            return self.base
        if name in self.kinds:
            return part_iri(self.base, self.kinds[name], name)
        if is_absolute(name) and not name.startswith("_:"):
            return safe_iri(name)
        return part_iri(self.base, "entity", name.removeprefix("_:"))


def safe_iri(iri: str) -> str:
    """The IRI with what no IRI may hold percent-encoded, and without credentials."""
    clean = redact_text(iri)
    return "".join(character if _allowed(character) else quote(character, safe="") for character in clean)


def _allowed(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in _ALLOWED
    return ord(character) > 159 and not character.isspace()


def statements(crate: Crate, naming: Naming) -> Iterator[Statement]:
    """All triples of the crate that no record of ours holds."""
    for name, properties in crate.things.items():
        label = crate.text(name, "name")
        for predicate, values in properties.items():
            if (name, predicate) in crate.mapped:
                continue
            called = label if predicate in (SCHEMA + "value", SCHEMA + "defaultValue") else None
            for value in values:
                yield Statement(
                    naming.iri(name), safe_iri(predicate), _object(predicate, value, called, naming)
                )


def _object(predicate: str, value: Value, called: str | None, naming: Naming) -> str | LiteralValue:
    if isinstance(value, LiteralValue):
        called = called or predicate.rstrip("/").replace("#", "/").rsplit("/", 1)[-1]
        return clean_literal(called, value)
    return safe_iri(value.name) if predicate == TYPE or value.name == NIL else naming.iri(value.name)


def facts(crate: Crate) -> Iterator[str]:
    """Each triple of the crate as a text, in no order that means anything."""
    for name, properties in crate.things.items():
        for predicate, values in properties.items():
            for value in values:
                said = (
                    value.name
                    if isinstance(value, Ref)
                    else f"{value.lexical}\x1f{value.datatype}\x1f{value.language}"
                )
                yield f"{name}\x1f{predicate}\x1f{said}"
