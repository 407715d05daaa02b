"""What is measured of tasks: the properties that the ontology calls measurements, and those that are derived from a graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import pyoxigraph

from recup_kg import resources
from recup_kg.measurements import Measurement
from recup_kg.vocab import QUDT, QUDT_UNIT, RDF, RDFS, RECUP

INPUT_SIZE = RECUP + "inputSize"
OUTPUT_SIZE = RECUP + "outputSize"
INPUT_COUNT = RECUP + "inputCount"
OUTPUT_COUNT = RECUP + "outputCount"
WAIT = RECUP + "waitTime"
FETCH = RECUP + "fetchTime"
ACCESSES = tuple(
    RECUP + name
    for name in ("readCount", "writeCount", "accessReadBytes", "accessWrittenBytes", "accessTime")
)
FILES = (INPUT_SIZE, OUTPUT_SIZE, INPUT_COUNT, OUTPUT_COUNT)
_KIND = RECUP + "MeasurementProperty"
_COUNTER = RECUP + "Counter"
_SYMBOLS = {
    "SEC": "s",
    "MilliSEC": "ms",
    "BYTE": "bytes",
    "MegaBYTE": "MB",
    "PERCENT": "%",
    "KiloW-HR": "kWh",
    "W": "W",
    "BYTE-PER-SEC": "bytes/s",
}
"""How results write units of QUDT; numbers of things have none."""


@cache
def stated() -> Mapping[str, Measurement]:
    """The properties of tasks that the ontology calls measurements, by IRI."""
    return _terms(_KIND)


@cache
def counters() -> Mapping[str, Measurement]:
    """The counters of tools that files of the ontology describe, by IRI."""
    return _terms(_COUNTER)


@cache
def added_up() -> frozenset[str]:
    """The counters whose value over several records is their sum."""
    aggregation = pyoxigraph.NamedNode(RECUP + "aggregation")
    quads = _ontology().quads_for_pattern(None, aggregation, pyoxigraph.Literal("sum"), None)
    return frozenset(quad.subject.value for quad in quads if isinstance(quad.subject, pyoxigraph.NamedNode))


@cache
def derived() -> Mapping[str, Measurement]:
    """What follows from the files, times and accesses of a task, by IRI."""
    known = _described((*FILES, WAIT, FETCH, *ACCESSES))
    return {measurement.iri: measurement for measurement in known}


def every() -> dict[str, Measurement]:
    """All of these, by IRI."""
    return {**counters(), **stated(), **derived()}


def unit_symbol(iri: str) -> str | None:
    """How a unit of QUDT is written beside a number, None where the number counts things."""
    name = iri.removeprefix(QUDT_UNIT)
    return None if name in ("NUM", "UNITLESS") else _SYMBOLS.get(name, name)


@cache
def _ontology() -> pyoxigraph.Store:
    store = pyoxigraph.Store()
    for path in sorted(resources.path("ontology").glob("*.ttl")):
        store.bulk_load(path=path, format=pyoxigraph.RdfFormat.TURTLE, lenient=True)
    return store


def _terms(kind: str) -> Mapping[str, Measurement]:
    quads = _ontology().quads_for_pattern(
        None, pyoxigraph.NamedNode(RDF + "type"), pyoxigraph.NamedNode(kind), None
    )
    names = sorted(quad.subject.value for quad in quads if isinstance(quad.subject, pyoxigraph.NamedNode))
    return {measurement.iri: measurement for measurement in _described(names)}


def _described(names: Iterable[str]) -> Iterable[Measurement]:
    for iri in names:
        label, unit = _value(iri, RDFS + "label"), _value(iri, QUDT + "hasUnit")
        yield Measurement(iri, label or iri.rsplit("#", 1)[-1], None if unit is None else unit_symbol(unit))


def _value(iri: str, predicate: str) -> str | None:
    quads = _ontology().quads_for_pattern(
        pyoxigraph.NamedNode(iri), pyoxigraph.NamedNode(predicate), None, None
    )
    return next((str(getattr(quad.object, "value", quad.object)) for quad in quads), None)
