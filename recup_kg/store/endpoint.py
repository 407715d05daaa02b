"""The three URLs of a SPARQL 1.1 server, from the one that a user names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, unquote, urljoin, urlsplit, urlunsplit

from recup_kg.errors import StoreError

UPDATE_VARIABLE = "RECUP_UPDATE_URL"
GRAPHS_VARIABLE = "RECUP_GRAPHS_URL"

# The last part of the path: how the URLs for updates and for the Graph Store Protocol are called beside it.
_LAYOUTS = {
    "query": ("update", "store"),
    "sparql": ("update", "data"),
}
_VIRTUOSO = ("sparql-auth", "sparql-graph-crud-auth")
_OURS = frozenset(("update", "graphs"))


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to send queries, updates and whole graphs; user and password for HTTP Basic authentication."""

    query: str
    update: str
    graphs: str
    user: str | None = None
    password: str | None = None


def endpoint(url: str, environment: Mapping[str, str]) -> Endpoint:
    """The endpoint of a URL.

    `…/query` (Oxigraph, Fuseki) has `…/update` and `…/store` beside it, `…/sparql` (Fuseki) `…/update` and `…/data`,
    `…/repositories/NAME` (RDF4J, GraphDB) `…/statements` and `…/rdf-graphs/service` below it; any other URL is the base of
    `query`, `update` and `store`. The parameters `update` and `graphs` of the URL, then RECUP_UPDATE_URL and
    RECUP_GRAPHS_URL, say otherwise. Raises `StoreError` where the URL is none.
    """
    plain, user, password = _split(url)
    plain, said = _parameters(plain)
    query, update, graphs = _derived(plain)
    update = said.get("update") or environment.get(UPDATE_VARIABLE) or update
    graphs = said.get("graphs") or environment.get(GRAPHS_VARIABLE) or graphs
    return Endpoint(query, urljoin(query, update), urljoin(query, graphs), user, password)


def of_virtuoso(found: Endpoint, url: str, environment: Mapping[str, str]) -> Endpoint:
    """The endpoint of a Virtuoso: unless somebody has said otherwise, it has `/sparql-auth` and `/sparql-graph-crud-auth`
    beside `/sparql`, which ask who is there.
    """
    said = _parameters(_split(url)[0])[1]
    update, graphs = (urljoin(found.query, name) for name in _VIRTUOSO)
    if not (said.get("update") or environment.get(UPDATE_VARIABLE)):
        found = replace(found, update=update)
    if not (said.get("graphs") or environment.get(GRAPHS_VARIABLE)):
        found = replace(found, graphs=graphs)
    return found


def _split(url: str) -> tuple[str, str | None, str | None]:
    """The URL without user and password, and these."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise StoreError(f"{url} is not a URL: {error}") from error
    if not host:
        raise StoreError(f"{url} is not a URL: it names no host")
    plain = urlunsplit(parts._replace(netloc=parts.netloc.rsplit("@", 1)[-1], fragment=""))
    user, password = parts.username, parts.password
    return plain, unquote(user) if user else None, unquote(password) if password else None


def _parameters(url: str) -> tuple[str, dict[str, str]]:
    """The URL without the parameters that are ours, and these."""
    parts = urlsplit(url)
    ours = {name: values[-1] for name, values in parse_qs(parts.query).items() if name in _OURS}
    theirs = [item for item in parts.query.split("&") if item.split("=", 1)[0] not in _OURS]
    return urlunsplit(parts._replace(query="&".join(theirs))), ours


def _derived(url: str) -> tuple[str, str, str]:
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    above, _, last = path.rpartition("/")

    def at(new: str) -> str:
        return urlunsplit(parts._replace(path=new))

    if last in _LAYOUTS:
        update, graphs = _LAYOUTS[last]
        return at(path), at(f"{above}/{update}"), at(f"{above}/{graphs}")
    if above.endswith("/repositories"):
        return at(path), at(f"{path}/statements"), at(f"{path}/rdf-graphs/service")
    return at(f"{path}/query"), at(f"{path}/update"), at(f"{path}/store")
