"""All that is known of a task, a file or any other thing of a run, and which source says it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from recup_kg.api.values import KnownFact
from recup_kg.errors import UnknownRun
from recup_kg.store import Entry, Store
from recup_kg.store.registry import iri
from recup_kg.store.table import Value
from recup_kg.vocab import BASE, PREFIXES, prefixes_turtle

_NAMES = "dcterms:identifier rdfs:label recup:path recup:logicalName recup:nodeName schema:name recup:address"
_EXACT = """
SELECT DISTINCT ?thing WHERE {
  VALUES ?graph { %(graphs)s }
  VALUES ?name { %(names)s }
  GRAPH ?graph { ?thing ?name ?text }
  FILTER (%(test)s)
} ORDER BY ?thing LIMIT 21"""
_SAID = """
SELECT ?thing ?property ?value ?label ?unit ?source WHERE {
  VALUES ?graph { %(graphs)s }
  VALUES ?thing { %(things)s }
  GRAPH ?graph { ?thing ?property ?value }
  FILTER (?property NOT IN (recup:canonicalId, recup:localSignature, recup:neighbourhoodSignature, recup:argumentSignature,
    recup:inputSignature, recup:outputSignature))
  FILTER (!(?property = rdf:type && ?value IN (prov:Entity, prov:Activity, wfprov:ProcessRun)))
  OPTIONAL { GRAPH ?named { ?value dcterms:identifier ?identifier } FILTER (isIRI(?value)) }
  OPTIONAL { GRAPH ?placed { ?value recup:path|recup:nodeName ?place } FILTER (isIRI(?value)) }
  OPTIONAL { GRAPH ?titled { ?value rdfs:label ?title } FILTER (isIRI(?value)) }
  BIND (COALESCE(?place, ?identifier, ?title) AS ?label)
  OPTIONAL { SELECT DISTINCT ?property ?unit { GRAPH ?terms { ?property qudt:hasUnit ?unit } } }
  OPTIONAL { GRAPH ?graph { ?graph prov:wasDerivedFrom ?file . ?file recup:fileName ?source } }
} ORDER BY ?thing ?property ?value"""
_SAID_OF = """
SELECT ?thing ?property ?other WHERE {
  VALUES ?graph { %(graphs)s }
  VALUES ?thing { %(things)s }
  GRAPH ?graph { ?other ?property ?thing }
} ORDER BY ?property ?other"""
_DETAILS = (
    "CounterRecord",
    "TaskFileAccess",
    "Link",
    "StateTransition",
    "Gap",
    "RecordingArtefact",
    "Unjoined",
)
"""Things that are there for the sake of another: their facts are shown with it."""
_MOST = 20
_SHOWN = 500


def about(store: Store, entry: Entry, name: str) -> tuple[KnownFact, ...]:
    """What is known of the things of that name (identifier, path, label, or IRI). Raises `UnknownRun` where there is none."""
    things = _find(store, entry, name)
    details = _details(store, entry, things)
    facts = _said(store, entry, things) + _said(store, entry, details[:_SHOWN])
    return tuple(dict.fromkeys(facts))


def _find(store: Store, entry: Entry, name: str) -> list[str]:
    if name.startswith(BASE):
        return [name]
    for test in (f"STR(?text) = {_literal(name)}", f"STRENDS(STR(?text), {_literal('/' + name)})"):
        found = [str(row["thing"]) for row in _rows(store, _EXACT, entry, (), test)]
        if len(found) > _MOST:
            raise UnknownRun(
                f"{name} is the name of more than {_MOST} things of {entry.name}: give more of it"
            )
        if found:
            return found
    raise UnknownRun(f"{entry.name} has no task, file or other thing called {name!r}")


def _details(store: Store, entry: Entry, things: Sequence[str]) -> list[str]:
    """The things whose facts belong to those of the given ones."""
    others = dict.fromkeys(str(row["other"]) for row in _rows(store, _SAID_OF, entry, things))
    if not others:
        return []
    kinds = " ".join(f"recup:{kind}" for kind in _DETAILS)
    graphs = " ".join(map(iri, entry.graphs))
    values = " ".join(map(iri, others))
    query = f"SELECT DISTINCT ?other {{ VALUES ?graph {{ {graphs} }} VALUES ?other {{ {values} }} VALUES ?kind {{ {kinds} }} "
    table = store.select(prefixes_turtle() + query + "GRAPH ?graph { ?other a ?kind } } ORDER BY ?other")
    return [str(value) for value in table.column("other")]


def _said(store: Store, entry: Entry, things: Sequence[str]) -> list[KnownFact]:
    if not things:
        return []
    return [
        KnownFact(
            subject=str(row["thing"]),
            property=_short(str(row["property"])),
            value=_text(row["label"] if row["label"] is not None else row["value"]),
            unit=None if row["unit"] is None else str(row["unit"]).rsplit("/", 1)[-1],
            source=str(row["source"] or "joined"),
        )
        for row in _rows(store, _SAID, entry, things)
    ]


def _rows(
    store: Store, query: str, entry: Entry, things: Iterable[str], test: str = ""
) -> Iterable[dict[str, Value]]:
    text = query % {
        "graphs": " ".join(map(iri, entry.graphs)),
        "things": " ".join(map(iri, things)),
        "names": _NAMES,
        "test": test,
    }
    return store.select(prefixes_turtle() + text).dicts()


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


def _short(property_iri: str) -> str:
    for prefix, namespace in PREFIXES.items():
        if property_iri.startswith(namespace):
            return f"{prefix}:{property_iri.removeprefix(namespace)}"
    return property_iri


def _text(value: Value) -> str:
    text = str(value)
    return _short(text) if text.startswith("http") else text
