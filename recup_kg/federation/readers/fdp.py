"""A FAIR Data Point (https://specs.fairdatapoint.org/): layers of metadata, one document each.

There are three ways down, and servers offer any of them: the `ldp:contains` of containers; `ldp:contains` of the root and then
`dcat:dataset` and alike; and the relation that a container says its members have (`ldp:hasMemberRelation`). All are followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pyoxigraph import NamedNode, Triple

from recup_kg.federation.harvest_rdf import LICENCES, objects, typed
from recup_kg.federation.harvest_session import Session
from recup_kg.federation.peers import Kind
from recup_kg.federation.readers import dcat
from recup_kg.federation.readers.crawl import LDP, crawl
from recup_kg.federation.readers.page import Found, Page
from recup_kg.vocab import DCAT

KIND: Kind = "fdp"
NAME = "FAIR Data Point"

_FDP = ("https://w3id.org/fdp/fdp-o#", "http://rdf.biosemantics.org/ontologies/fdp-o#")
_R3D = "http://www.re3data.org/schema/3-0#"
_ROOTS = (
    *(name + kind for name in _FDP for kind in ("MetadataService", "FAIRDataPoint")),
    _R3D + "Repository",
)
_CONTAINERS = tuple(LDP + name for name in ("Container", "BasicContainer", "DirectContainer"))
_DOWN = (
    LDP + "contains",
    LDP + "member",
    *(name + "metadataCatalog" for name in _FDP),
    _R3D + "dataCatalog",
    *(DCAT + name for name in ("catalog", "dataset", "distribution", "service", "accessService", "record")),
)


def recognised(page: Page) -> Found | None:
    """A document with the metadata service of a FAIR Data Point, or an LDP container that is no catalogue itself."""
    said = page.triples
    if said is None:
        return None
    roots = typed(said, *_ROOTS) or _bare(page.address, said)
    if not roots:
        return None
    return dcat.found(page.address, said, _root(page.address, roots))


def probes(address: str) -> Iterable[str]:
    """None: a FAIR Data Point is at the address that it gives."""
    return ()


def harvest(session: Session) -> None:
    """The root and all layers below it."""
    said = crawl(session, session.address, _down)
    roots = typed(said, *_ROOTS) or _bare(session.address, said)
    session.licences(objects(said, _root(session.address, roots) if roots else None, LICENCES))


def _root(address: str, roots: Sequence[str]) -> str:
    return next((name for name in roots if name.rstrip("/") == address.rstrip("/")), roots[0])


def _bare(address: str, said: Sequence[Triple]) -> list[str]:
    """What early servers answer: a container that contains catalogues, and no type of FDP-O."""
    if typed(said, dcat.CATALOGUE, *dcat.DESCRIBED):
        return []
    return [name for name in typed(said, *_CONTAINERS) if list(objects(said, name, (LDP + "contains",)))]


def _down(said: Sequence[Triple]) -> Iterable[str]:
    yield from objects(said, None, _DOWN)
    relations = tuple(objects(said, None, (LDP + "hasMemberRelation",)))
    yield from objects(said, None, relations)
    # A container that is only named here tells its members at its own address.
    containers = {
        item.subject.value
        for item in said
        if item.predicate.value == LDP + "membershipResource" and isinstance(item.subject, NamedNode)
    }
    filled = {
        item.subject.value
        for item in said
        if item.predicate.value == LDP + "contains" and isinstance(item.subject, NamedNode)
    }
    yield from sorted(containers - filled)
