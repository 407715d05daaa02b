"""A DCAT catalogue (https://www.w3.org/TR/vocab-dcat-3/) in RDF, in pages or not; CKAN's `catalog.ttl` (ckanext-dcat) too.

What the catalogue names without describing it, on the same host, is fetched from its own address.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from pyoxigraph import NamedNode, Triple

from recup_kg.federation.harvest_rdf import LICENCES, TITLES, TYPE, first, objects, typed
from recup_kg.federation.harvest_session import Session
from recup_kg.federation.peers import Kind
from recup_kg.federation.readers.crawl import crawl
from recup_kg.federation.readers.page import Found, Page
from recup_kg.vocab import DCAT, DCTERMS, FOAF, SCHEMA

KIND: Kind = "dcat"
NAME = "DCAT catalogue"

CATALOGUE = DCAT + "Catalog"
DESCRIBED = tuple(DCAT + name for name in ("Dataset", "DatasetSeries", "DataService", "Resource"))
VOID = "http://rdfs.org/ns/void#"
_MEMBERS = tuple(DCAT + name for name in ("dataset", "catalog", "service", "record", "resource"))
_SPARQL = ("https://www.w3.org/TR/sparql11-protocol/", "http://www.w3.org/TR/sparql11-protocol/")


def recognised(page: Page) -> Found | None:
    """A document with terms of DCAT; a VoID file that only borrows some is none."""
    said = page.triples
    if said is None or not (typed(said, CATALOGUE, *DESCRIBED) or any(map(_of_dcat, said))):
        return None
    if typed(said, VOID + "DatasetDescription") and not typed(said, CATALOGUE):
        return None
    if typed(said, VOID + "Dataset") and not typed(said, CATALOGUE, *DESCRIBED):
        return None
    return found(page.address, said, root(page.address, said))


def probes(address: str) -> Iterable[str]:
    """Where CKAN and static sites have their catalogue."""
    base = address.rstrip("/")
    if urlsplit(address).scheme in ("http", "https") and not urlsplit(address).query:
        yield from (f"{base}/catalog.{ending}" for ending in ("ttl", "jsonld", "rdf"))


def harvest(session: Session) -> None:
    """All pages, and what they name without describing it."""
    said = crawl(session, session.address, _undescribed)
    session.licences(objects(said, root(session.address, said), LICENCES))


def root(address: str, said: Sequence[Triple]) -> str | None:
    """The IRI of the catalogue that a document is about: the one of its address, or one that no other contains."""
    catalogues = typed(said, CATALOGUE) or typed(said, *DESCRIBED)
    inner = set(objects(said, None, (DCAT + "catalog", DCAT + "dataset")))
    outer = [name for name in catalogues if name not in inner] or catalogues
    return next(
        (name for name in catalogues if name in (address, address.rstrip("/"))), next(iter(outer), None)
    )


def found(address: str, said: Sequence[Triple], name: str | None) -> Found:
    """What a document says of the peer whose root is called `name`."""
    if name is None:
        return Found(address)
    publisher = first(said, name, (DCTERMS + "publisher",))
    named = first(said, publisher, (FOAF + "name", SCHEMA + "name")) if publisher else None
    return Found(
        address,
        first(said, name, TITLES),
        first(said, name, LICENCES),
        named or publisher,
        _endpoint(said),
    )


def _endpoint(said: Sequence[Triple]) -> str | None:
    """The SPARQL endpoint that a data service of the document says that it is."""
    for service in typed(said, DCAT + "DataService"):
        if set(objects(said, service, (DCTERMS + "conformsTo",))) & set(_SPARQL):
            return first(said, service, (DCAT + "endpointURL",))
    return first(said, None, (VOID + "sparqlEndpoint",))


def _of_dcat(item: Triple) -> bool:
    kind = item.object.value if isinstance(item.object, NamedNode) and item.predicate == TYPE else ""
    return item.predicate.value.startswith(DCAT) or kind.startswith(DCAT)


def _undescribed(said: Sequence[Triple]) -> Iterable[str]:
    described = {item.subject.value for item in said if isinstance(item.subject, NamedNode)}
    members = (item.object for item in said if item.predicate.value in _MEMBERS)
    yield from (name.value for name in members if isinstance(name, NamedNode) and name.value not in described)
