"""A CKAN site that offers its API only (https://docs.ckan.org/en/latest/api/), its packages as DCAT.

The properties are those to which ckanext-dcat maps them (https://docs.ckan.org/projects/ckanext-dcat/en/latest/mapping/); what a
package leaves empty is absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, urlsplit

from pyoxigraph import BlankNode, NamedNode, Triple

from recup_kg.errors import MalformedSource
from recup_kg.federation.harvest_rdf import TYPE, json_of, literal, node
from recup_kg.federation.harvest_session import Session
from recup_kg.federation.peers import Kind
from recup_kg.federation.readers.page import Found, Page
from recup_kg.vocab import DCAT, DCTERMS, FOAF

KIND: Kind = "ckan"
NAME = "CKAN API"

ROWS = 100
"""Packages in one answer; CKAN gives 1000 at most."""
_SEARCH = "/api/3/action/package_search"
_TEXTS = {
    "title": DCTERMS + "title",
    "notes": DCTERMS + "description",
    "name": DCTERMS + "identifier",
    "version": DCAT + "version",
    "metadata_created": DCTERMS + "issued",
    "metadata_modified": DCTERMS + "modified",
}
_RESOURCE_TEXTS = {
    "name": DCTERMS + "title",
    "description": DCTERMS + "description",
    "format": DCTERMS + "format",
    "mimetype": DCAT + "mediaType",
}


def recognised(page: Page) -> Found | None:
    """The answer of the action API."""
    if "/api/3/action/" not in page.address or not isinstance(page.json, dict) or "success" not in page.json:
        return None
    return Found(page.address.split("/api/3/", 1)[0] + "/")


def probes(address: str) -> Iterable[str]:
    """The API of the site."""
    if urlsplit(address).scheme in ("http", "https") and not urlsplit(address).query:
        yield f"{address.rstrip('/')}{_SEARCH}?rows=0"


def harvest(session: Session) -> None:
    """All packages, `ROWS` at a time."""
    site = session.address.rstrip("/")
    start, total = 0, 1
    licences: dict[str, None] = {}
    while start < total:
        url = f"{site}{_SEARCH}?rows={ROWS}&start={start}&sort={quote('id asc')}"
        response = session.source.get(url, "application/json")
        total, packages = _result(url, json_of(url, response.body))
        if not packages:
            break
        said = [triple for package in packages for triple in _package(site, package)]
        session.keep(response.url, response, said)
        licences.update(dict.fromkeys(p["license_url"] for p in packages if _stated(p.get("license_url"))))
        start += len(packages)
    # One licence for the site is only stated where all packages have the same.
    if len(licences) == 1:
        session.remark(f"licences are stated by package: {next(iter(licences))}")
    elif licences:
        session.remark(f"licences are stated by package, {len(licences)} different ones")


def _result(url: str, answer: Any) -> tuple[int, list[dict[str, Any]]]:
    if not isinstance(answer, dict) or not isinstance(answer.get("result"), dict):
        said = answer.get("error") if isinstance(answer, dict) else None
        problem = f"the CKAN API says {said}" if said else "no answer of the CKAN API"
        raise MalformedSource(url, problem)
    count, results = answer["result"].get("count"), answer["result"].get("results")
    if not isinstance(count, int) or not isinstance(results, list):
        raise MalformedSource(url, "no count and results in it", where="$.result")
    for index, item in enumerate(results):
        if not isinstance(item, dict) or not _stated(item.get("id")):
            raise MalformedSource(url, "a package without id", where=f"$.result.results[{index}]")
    return count, results


def _package(site: str, package: dict[str, Any]) -> Iterator[Triple]:
    name = NamedNode(f"{site}/dataset/{quote(package['id'], safe='')}")
    yield Triple(name, TYPE, NamedNode(DCAT + "Dataset"))
    yield from _texts(name, package, _TEXTS)
    for tag in _dicts(package.get("tags")):
        if _stated(tag.get("name")):
            yield Triple(name, NamedNode(DCAT + "keyword"), literal(tag["name"]))
    for member, predicate in (("url", DCAT + "landingPage"), ("license_url", DCTERMS + "license")):
        if _stated(package.get(member)):
            yield Triple(name, NamedNode(predicate), node(package[member]) or literal(package[member]))
    if not _stated(package.get("license_url")) and _stated(package.get("license_title")):
        yield Triple(name, NamedNode(DCTERMS + "rights"), literal(package["license_title"]))
    if _stated(package.get("author")):
        yield from _agent(name, DCTERMS + "creator", package["author"])
    organisation = package.get("organization")
    if isinstance(organisation, dict) and _stated(organisation.get("title")):
        yield from _agent(name, DCTERMS + "publisher", organisation["title"])
    for resource in _dicts(package.get("resources")):
        yield from _resource(name, resource)


def _resource(package: NamedNode, resource: dict[str, Any]) -> Iterator[Triple]:
    if not _stated(resource.get("id")):
        return
    name = NamedNode(f"{package.value}/resource/{quote(resource['id'], safe='')}")
    yield Triple(package, NamedNode(DCAT + "distribution"), name)
    yield Triple(name, TYPE, NamedNode(DCAT + "Distribution"))
    yield from _texts(name, resource, _RESOURCE_TEXTS)
    address = node(resource["url"]) if _stated(resource.get("url")) else None
    if address is not None:
        yield Triple(name, NamedNode(DCAT + "accessURL"), address)


def _agent(package: NamedNode, predicate: str, name: str) -> Iterator[Triple]:
    agent = BlankNode()
    yield Triple(package, NamedNode(predicate), agent)
    yield Triple(agent, NamedNode(FOAF + "name"), literal(name))


def _texts(name: NamedNode, item: dict[str, Any], terms: dict[str, str]) -> Iterator[Triple]:
    for member, predicate in terms.items():
        if _stated(item.get(member)):
            yield Triple(name, NamedNode(predicate), literal(item[member]))


def _dicts(value: Any) -> Iterator[dict[str, Any]]:
    return (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())


def _stated(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
