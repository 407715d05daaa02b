"""A SPARQL 1.1 endpoint: what it says of catalogues, datasets, services and executions, page by page.

Recognised by its service description (https://www.w3.org/TR/sparql11-service-description/), or by its answer to `ASK {}`.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from recup_kg.errors import SourceError
from recup_kg.federation.fetching import origin
from recup_kg.federation.harvest_rdf import LICENCES, TITLES, first, objects, triples, typed
from recup_kg.federation.harvest_session import Session
from recup_kg.federation.peers import Kind
from recup_kg.federation.readers.page import Found, Page
from recup_kg.vocab import DCAT, DCTERMS, FOAF, RDFS, RECUP, SCHEMA

KIND: Kind = "sparql"
NAME = "SPARQL endpoint"

PAGE = 100
"""Things in one answer: many servers cut an answer at some thousand rows without saying so."""

_SD = "http://www.w3.org/ns/sparql-service-description#"
_TYPES = (
    *(DCAT + name for name in ("Catalog", "Dataset", "DatasetSeries", "DataService", "Distribution")),
    "http://rdfs.org/ns/void#Dataset",
    *(RECUP + name for name in ("Execution", "Workflow")),
)
_NAMES = (FOAF + "name", SCHEMA + "name", RDFS + "label", "http://www.w3.org/2006/vcard/ns#fn")
_OTHERS = (DCTERMS + "creator", DCTERMS + "publisher", DCAT + "contactPoint")
_QUERY = """CONSTRUCT { ?s ?p ?o . ?o ?q ?v } WHERE {
  { SELECT DISTINCT ?s WHERE {
      VALUES ?t { %(types)s } { ?s a ?t } UNION { GRAPH ?g { ?s a ?t } } FILTER(isIRI(?s))
    } ORDER BY ?s LIMIT %(page)d OFFSET %(offset)d }
  { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } }
  OPTIONAL {
    VALUES ?p { %(others)s } VALUES ?q { %(names)s } { ?o ?q ?v } UNION { GRAPH ?h { ?o ?q ?v } }
  }
}"""
_ACCEPT = "application/n-triples, text/turtle;q=0.9"


def recognised(page: Page) -> Found | None:
    """A service description of an endpoint, or the answer to an ASK query."""
    if _answers_ask(page):
        return Found(_without_query(page.address), endpoint=_without_query(page.address))
    said = page.triples
    services = typed(said, _SD + "Service") if said is not None else []
    if said is None:
        return None
    endpoint = first(said, None, (_SD + "endpoint",))
    if endpoint is None and not services:
        return None
    # Virtuoso states a host that is none where nobody configured it: then the address itself is asked.
    if endpoint is not None and origin(endpoint) != origin(page.address):
        return None
    about = services[0] if services else endpoint
    dataset = first(said, about, (_SD + "defaultDataset",))
    return Found(
        endpoint or page.address,
        first(said, about, TITLES) or (first(said, dataset, TITLES) if dataset else None),
        first(said, about, LICENCES) or (first(said, dataset, LICENCES) if dataset else None),
        endpoint=endpoint or page.address,
    )


def probes(address: str) -> Iterable[str]:
    """The address with a query, if it has none."""
    if urlsplit(address).scheme in ("http", "https") and not urlsplit(address).query:
        yield f"{address}?query={quote('ASK {}')}"
        if urlsplit(address).path in ("", "/"):
            yield f"{address.rstrip('/')}/sparql?query={quote('ASK {}')}"


def harvest(session: Session) -> None:
    """Everything of the types that are of interest, `PAGE` things at a time."""
    offset, full = 0, True
    while full:
        query = _QUERY % {
            "types": _listed(_TYPES),
            "names": _listed(_NAMES),
            "others": _listed(_OTHERS),
            "page": PAGE,
            "offset": offset,
        }
        response = session.source.get(f"{session.address}?query={quote(query)}", _ACCEPT)
        if response.media_type not in ("application/n-triples", "text/turtle", "text/plain"):
            problem = f"answered a CONSTRUCT query with {response.media_type}"
            raise SourceError(session.address, problem, advice="a SPARQL 1.1 endpoint is needed there")
        kind = "text/turtle" if response.media_type == "text/turtle" else "application/n-triples"
        said = triples(session.address, kind, response.body, session.address)
        if not said:
            break
        session.keep(f"{session.address}#things-from-{offset}", response, said)
        for name in typed(said, DCAT + "Catalog"):
            session.licences(objects(said, name, LICENCES))
        full = len(typed(said, *_TYPES)) >= PAGE
        offset += PAGE


def _listed(names: Iterable[str]) -> str:
    return " ".join(f"<{name}>" for name in names)


def _answers_ask(page: Page) -> bool:
    if page.response.media_type == "application/sparql-results+json" or (
        page.response.media_type == "application/json" and "query=" in page.address
    ):
        said = page.json
        # The second is how Virtuoso 7.2 spells it.
        return isinstance(said, dict) and (
            isinstance(said.get("boolean"), bool) or said.get("head", {}).get("vars") == ["__ASK_RETVAL"]
        )
    if page.response.media_type == "application/sparql-results+xml" and page.xml is not None:
        return page.xml.find("{http://www.w3.org/2005/sparql-results#}boolean") is not None
    return False


def _without_query(address: str) -> str:
    return address.split("?", 1)[0]
