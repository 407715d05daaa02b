"""How a record becomes a description in a graph: a table for each class of records.

A field's value None gives no triple, a tuple one triple for each entry.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from recup_kg.rdf import terms
from recup_kg.records import Timestamp
from recup_kg.vocab import DCTERMS, PROV, RECUP, counter_iri, part_iri

Fact = tuple[str, str | None]
Facts: TypeAlias = Callable[[str, Any, Any], Iterable[Fact]]
"""From the IRI that the record hangs below, the field's value, and the record: the facts."""

_CANONICAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d*[1-9])?(?:Z|[+-](?!00:00)\d\d:\d\d)?")
WRITTEN = {
    PROV + "startedAtTime": RECUP + "startedAsWritten",
    PROV + "endedAtTime": RECUP + "endedAsWritten",
    DCTERMS + "created": RECUP + "createdAsWritten",
    PROV + "atTime": RECUP + "timeAsWritten",
    RECUP + "submittedAtTime": RECUP + "submittedAsWritten",
    RECUP + "reportedStart": RECUP + "reportedStartAsWritten",
    RECUP + "reportedEnd": RECUP + "reportedEndAsWritten",
}
"""Where the source's own spelling of a time goes."""


@dataclass(frozen=True, slots=True)
class ClassMapping:
    """What a class of records is in the graph: the segment `kind` of its IRIs, its `types`, and the facts of its fields.

    A field that is not in `fields` must be listed in `internal`: the writer refuses a class with a field that it forgets.
    """

    record: type
    kind: str
    types: tuple[str, ...]
    fields: Mapping[str, Facts]
    internal: frozenset[str] = frozenset({"identifier"})


def text(predicate: str) -> Facts:
    """A plain string."""
    return _each(predicate, terms.text)


def integer(predicate: str) -> Facts:
    """An xsd:integer."""
    return _each(predicate, terms.integer)


def double(predicate: str) -> Facts:
    """An xsd:double."""
    return _each(predicate, terms.double)


def number(predicate: str) -> Facts:
    """An xsd:integer for a whole number, else an xsd:double."""
    return _each(predicate, terms.number)


def boolean(predicate: str) -> Facts:
    """An xsd:boolean."""
    return _each(predicate, terms.boolean)


def flag(predicate: str) -> Facts:
    """An xsd:boolean where it is true, nothing where it is not."""
    return lambda base, value, record: ((predicate, terms.boolean(True)),) if value else ()


def iri(predicate: str) -> Facts:
    """An IRI that the record itself holds."""
    return _each(predicate, terms.foreign_iri)


def term(predicate: str) -> Facts:
    """An individual of our ontology, by its local name."""
    return _each(predicate, lambda name: terms.iri(RECUP + name))


def json_value(predicate: str) -> Facts:
    """An rdf:JSON literal of the whole value, tuples as arrays."""

    def facts(base: str, value: Any, record: Any) -> Iterable[Fact]:
        if value is not None:
            yield predicate, terms.json_text(json.dumps(value, ensure_ascii=False, allow_nan=False))

    return facts


def value(predicate: str) -> Facts:
    """A literal of the value's own type: boolean, integer, double or string."""
    return _each(predicate, _literal)


def link(predicate: str, kind: str) -> Facts:
    """Another record, by its identifier and the `kind` of its class."""

    def facts(base: str, value: Any, record: Any) -> Iterable[Fact]:
        return ((predicate, terms.iri(part_iri(base, kind, name))) for name in _values(value))

    return facts


def time(predicate: str) -> Facts:
    """The time, and the source's spelling of it where a store would not give that back letter by letter."""
    if predicate not in WRITTEN:
        raise TypeError(f"{predicate}: WRITTEN in recup_kg/rdf/mapping.py has no property for its spelling")

    def facts(base: str, value: Any, record: Any) -> Iterable[Fact]:
        return time_facts(predicate, value)

    return facts


def counters(base: str, value: Sequence[tuple[str, int | float]], record: Any) -> Iterable[Fact]:
    """Each counter as a property of its tool's namespace; the record has a field `tool`."""
    return ((counter_iri(record.tool, name), terms.number(count)) for name, count in value)


def pairs(predicate: str) -> Facts:
    """Pairs of texts, as `name=value` each."""
    return _each(predicate, lambda pair: terms.text(f"{pair[0]}={pair[1]}"))


def time_facts(predicate: str, stamp: Timestamp | None) -> Iterator[Fact]:
    """The facts of a time; see `time`."""
    if stamp is None:
        return
    if stamp.iso is not None:
        yield predicate, terms.date_time(stamp.iso)
    if stamp.iso != stamp.written or not _CANONICAL_TIME.fullmatch(stamp.written):
        yield WRITTEN[predicate], terms.text(stamp.written)


def _each(predicate: str, render: Callable[[Any], str]) -> Facts:
    def facts(base: str, value: Any, record: Any) -> Iterable[Fact]:
        return ((predicate, render(item)) for item in _values(value))

    return facts


def _values(value: Any) -> Iterable[Any]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def _literal(item: str | int | float | bool) -> str:
    if isinstance(item, bool):
        return terms.boolean(item)
    return terms.text(item) if isinstance(item, str) else terms.number(item)
