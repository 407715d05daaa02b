"""What our records don't cover of a crate, as statements in the crate's own terms."""

from __future__ import annotations

from collections.abc import Iterator

from recup_kg.converters.rocrate.crate import Crate
from recup_kg.converters.rocrate.expand import NIL, TYPE, Ref, Value
from recup_kg.evidence.statements import (
    LiteralValue,
    Naming,
    Statement,
    clean_literal,
    local_name,
    safe_iri,
)
from recup_kg.vocab import SCHEMA

_VALUES = (SCHEMA + "value", SCHEMA + "defaultValue")


def statements(crate: Crate, naming: Naming) -> Iterator[Statement]:
    """All triples of the crate that no record of ours holds."""
    for name, properties in crate.things.items():
        label = crate.text(name, "name")
        for predicate, values in properties.items():
            if (name, predicate) in crate.mapped:
                continue
            called = label if label and predicate in _VALUES else local_name(predicate)
            for value in values:
                yield Statement(
                    naming.iri(name), safe_iri(predicate), _object(predicate, value, called, naming)
                )


def facts(crate: Crate) -> Iterator[str]:
    """Each triple of the crate as a text, in no order that means anything."""
    for name, properties in crate.things.items():
        for predicate, values in properties.items():
            for value in values:
                if isinstance(value, Ref):
                    yield f"{name}\x1f{predicate}\x1f{value.name}"
                else:
                    yield f"{name}\x1f{predicate}\x1f{value.lexical}\x1f{value.datatype}\x1f{value.language}"


def _object(predicate: str, value: Value, called: str, naming: Naming) -> str | LiteralValue:
    if isinstance(value, LiteralValue):
        return clean_literal(called, value)
    return safe_iri(value.name) if predicate == TYPE or value.name == NIL else naming.iri(value.name)
