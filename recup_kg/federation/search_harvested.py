"""What of a harvest can be found: catalogues, datasets, services, series, crates, executions, records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pyoxigraph import Literal, NamedNode

from recup_kg.federation import harvest_file
from recup_kg.federation.harvest_rdf import DC, LICENCES, TITLES
from recup_kg.federation.search_items import Item
from recup_kg.vocab import DCAT, DCTERMS, FOAF, RDF, RDFS, RECUP, SCHEMA

Facts = Mapping[str, Sequence[str]]

_TYPE = RDF + "type"
# In this order where a thing is several.
_KINDS = {
    RECUP + "Execution": "run",
    RECUP + "Workflow": "workflow",
    DCAT + "Catalog": "catalogue",
    DCAT + "DatasetSeries": "series",
    DCAT + "DataService": "service",
    DCAT + "Dataset": "dataset",
    SCHEMA + "Dataset": "dataset",
    "http://rdfs.org/ns/void#Dataset": "dataset",
}
_TITLES = TITLES
_DESCRIPTIONS = (DCTERMS + "description", DC + "description", SCHEMA + "description", RDFS + "comment")
_KEYWORDS = (DCAT + "keyword", SCHEMA + "keywords", DC + "subject", DCTERMS + "subject", DCAT + "theme")
_CREATORS = tuple(
    space + name
    for space in (DCTERMS, DC, SCHEMA)
    for name in ("creator", "contributor", "publisher", "author")
)
_IDENTIFIERS = (
    DCTERMS + "identifier",
    DC + "identifier",
    SCHEMA + "identifier",
    "http://www.w3.org/ns/adms#identifier",
)
_PAGES = (DCAT + "landingPage", FOAF + "page", SCHEMA + "url")
_NAMES = (*TITLES, "http://www.w3.org/2006/vcard/ns#fn", SCHEMA + "value")
_VALUES = (*_NAMES, *_IDENTIFIERS, "http://www.w3.org/2004/02/skos/core#notation")


def state(path: Path) -> str:
    """A text that changes when a harvest does; empty where there is none."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return ""
    return f"{found.st_mtime_ns} {found.st_size} {found.st_ino}"


def items(path: Path, address: str) -> Iterator[Item]:
    """The things of a harvest that have a title or a type of interest; what several documents say of one is taken together."""
    said: dict[str, dict[str, list[str]]] = {}
    about = f"{address}#harvest"
    for graph, quad in harvest_file.triples(path):
        if graph == about or not isinstance(quad.object, NamedNode | Literal):
            continue
        if isinstance(quad.subject, NamedNode):
            values = said.setdefault(quad.subject.value, {}).setdefault(quad.predicate.value, [])
            if quad.object.value not in values:
                values.append(quad.object.value)
    for name, facts in said.items():
        kind = _kind(facts)
        if kind is not None:
            yield _item(name, kind, said, address)


def _kind(facts: Facts) -> str | None:
    types = set(facts.get(_TYPE, ()))
    for iri, kind in _KINDS.items():
        if iri in types:
            return kind
    # A record of Dublin Core has no type that says what it is.
    return "record" if DC + "title" in facts or (not types and DCTERMS + "title" in facts) else None


def _item(name: str, kind: str, said: Mapping[str, Facts], address: str) -> Item:
    facts = said[name]
    titles = list(_values(facts, _TITLES))
    page = next(_values(facts, _PAGES), None) or (name if name.startswith("http") else None)
    if page is None or page.startswith(f"{address}#"):
        page = address if address.startswith("http") else None
    people = _with_names(_values(facts, _CREATORS), said, address)
    identifiers = _with_names(_values(facts, _IDENTIFIERS), said, address)
    keywords = _with_names(_values(facts, _KEYWORDS), said, address)
    shown = "" if name.startswith(f"{address}#") else name
    return Item(
        kind=kind,
        title=titles[0] if titles else name,
        iri=name,
        page=page,
        licence=_licence(facts, said),
        identifiers="\n".join(filter(None, (shown, *identifiers))),
        keywords="\n".join(keywords),
        body="\n".join((*titles[1:], *_values(facts, _DESCRIPTIONS), *people)),
    )


def _licence(facts: Facts, said: Mapping[str, Facts]) -> str | None:
    """What is stated of the thing; where nothing is, what its distributions state, if they all state the same."""
    for predicate in LICENCES:
        if predicate in facts:
            return ", ".join(facts[predicate])
    parts = facts.get(DCAT + "distribution", ())
    stated = {next(_values(said.get(part, {}), LICENCES), None) for part in parts}
    return stated.pop() if len(stated) == 1 else None


def _values(facts: Facts, predicates: Iterable[str]) -> Iterator[str]:
    return (value for predicate in predicates for value in facts.get(predicate, ()))


def _with_names(values: Iterable[str], said: Mapping[str, Facts], address: str) -> Iterator[str]:
    """The values, with the names of those that are things; IRIs that we made up are left out."""
    for value in values:
        if not value.startswith(f"{address}#genid-"):
            yield value
        yield from _values(said.get(value, {}), _VALUES)
