"""Peers of each kind, as pages of a site."""

from __future__ import annotations

import json
from collections.abc import Mapping

from tests.federation.harvest_server import Reply, Site

PREFIXES = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix ldp: <http://www.w3.org/ns/ldp#> . @prefix hydra: <http://www.w3.org/ns/hydra/core#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix fdpo: <https://w3id.org/fdp/fdp-o#> .
@prefix sd: <http://www.w3.org/ns/sparql-service-description#> . @prefix void: <http://rdfs.org/ns/void#> .
"""
OAI = "http://www.openarchives.org/OAI/2.0/"
DC = "http://purl.org/dc/elements/1.1/"


def turtle(text: str, *, etag: bool = True, **headers: str) -> Reply:
    return Reply(PREFIXES + text, "text/turtle", etag=etag, headers=headers)


def catalogue(site: Site, pages: int = 3, per_page: int = 2) -> None:
    """A catalogue in pages, as ckanext-dcat writes them: the next page is a text."""
    for page in range(1, pages + 1):
        here = f"{site.url}/catalog.ttl?page={page}"
        datasets = [f"<{site.url}/dataset/{page}-{number}>" for number in range(per_page)]
        text = (
            f"<{site.url}/> a dcat:Catalog ; dct:title 'A paged site' ; dct:license <http://l.example/by> ; "
        )
        text += f"dcat:dataset {', '.join(datasets)} .\n"
        text += "".join(
            f"{name} a dcat:Dataset ; dct:title 'Données {page}-{number}' ; dct:creator [ foaf:name 'Ada' ] .\n"
            for number, name in enumerate(datasets)
        )
        if page < pages:
            text += f"<{here}> a hydra:PagedCollection ; hydra:nextPage '{site.url}/catalog.ttl?page={page + 1}' .\n"
        site.pages[f"/catalog.ttl?page={page}"] = turtle(text)
    site.pages["/catalog.ttl"] = site.pages["/catalog.ttl?page=1"]


def fair_data_point(site: Site) -> None:
    """A tree in which each way down leads to something that no other leads to."""
    base = site.url
    site.pages["/fdp"] = turtle(
        f"<{base}/fdp> a fdpo:MetadataService ; dct:title 'A data point' ; dct:license <http://l.example/cc0> ; "
        f"ldp:contains <{base}/fdp/first> .\n"
        f"<{base}/fdp/catalog/> a ldp:DirectContainer ; ldp:membershipResource <{base}/fdp> ; "
        "ldp:hasMemberRelation fdpo:metadataCatalog ."
    )
    # Only named above: tells its members here.
    site.pages["/fdp/catalog/"] = turtle(
        f"<{base}/fdp/catalog/> a ldp:DirectContainer ; ldp:contains <{base}/fdp/second> ."
    )
    site.pages["/fdp/first"] = turtle(
        f"<{base}/fdp/first> a dcat:Catalog ; dct:title 'First' ; dcat:dataset <{base}/fdp/apples> ."
    )
    site.pages["/fdp/second"] = turtle(
        f"<{base}/fdp/second> a dcat:Catalog ; dct:title 'Second' ; <http://x.example/holds> <{base}/fdp/pears> .\n"
        f"<{base}/fdp/second/holds/> a ldp:DirectContainer ; ldp:membershipResource <{base}/fdp/second> ; "
        f"ldp:hasMemberRelation <http://x.example/holds> ; ldp:contains <{base}/fdp/pears> ."
    )
    site.pages["/fdp/apples"] = turtle(
        f"<{base}/fdp/apples> a dcat:Dataset ; dct:title 'Apples' ; dcat:distribution <{base}/fdp/apples.csv> ."
    )
    site.pages["/fdp/pears"] = turtle(f"<{base}/fdp/pears> a dcat:Dataset ; dct:title 'Pears' .")
    site.pages["/fdp/apples.csv"] = Reply("a,b\n", "text/csv")


class Repository:
    """An OAI-PMH repository: records by identifier (None: deleted), two in each answer, a counter as its clock."""

    def __init__(self, site: Site, deleted: str = "persistent") -> None:
        self.records: dict[str, tuple[str | None, int]] = {}
        self.clock = 1
        self.deleted = deleted
        self.requests: list[Mapping[str, str]] = []
        site.pages["/oai"] = self._answer

    def put(self, identifier: str, title: str | None) -> None:
        self.clock += 1
        self.records[identifier] = (title, self.clock)

    def date(self, clock: int) -> str:
        return f"2026-01-01T00:00:{clock:02}Z"

    def _answer(self, request: Mapping[str, str]) -> Reply:
        self.requests.append(request)
        self.clock += 1
        verb = request.get("verb")
        if verb == "Identify":
            body = (
                f"<Identify><repositoryName>A repository</repositoryName><deletedRecord>{self.deleted}</deletedRecord>"
                "<granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>"
            )
        elif verb == "ListMetadataFormats":
            form = "<metadataFormat><metadataPrefix>oai_dc</metadataPrefix></metadataFormat>"
            body = f"<ListMetadataFormats>{form}</ListMetadataFormats>"
        elif verb == "ListRecords":
            body = self._records(request)
        else:
            body = '<error code="badVerb">no such verb</error>'
        return self.wrapped(body)

    def wrapped(self, body: str) -> Reply:
        text = (
            f'<?xml version="1.0"?><OAI-PMH xmlns="{OAI}"><responseDate>{self.date(self.clock)}</responseDate>'
            f"<request/>{body}</OAI-PMH>"
        )
        return Reply(text, "text/xml")

    def _records(self, request: Mapping[str, str]) -> str:
        since, start = request.get("from", ""), 0
        if "resumptionToken" in request:
            since, _, number = request["resumptionToken"].partition("|")
            start = int(number)
        found = [
            (name, title, clock)
            for name, (title, clock) in self.records.items()
            if self.date(clock) >= since and (title is not None or self.deleted != "no")
        ]
        if not found:
            return '<error code="noRecordsMatch"/>'
        text = "".join(self._record(*item) for item in found[start : start + 2])
        token = f"{since}|{start + 2}" if start + 2 < len(found) else ""
        return f"<ListRecords>{text}<resumptionToken>{token}</resumptionToken></ListRecords>"

    def _record(self, name: str, title: str | None, clock: int) -> str:
        header = f"<identifier>{name}</identifier><datestamp>{self.date(clock)}</datestamp>"
        if title is None:
            return f'<record><header status="deleted">{header}</header></record>'
        return (
            f"<record><header>{header}</header><metadata>"
            f'<oai_dc:dc xmlns:oai_dc="{OAI}oai_dc/" xmlns:dc="{DC}"><dc:title>{title}</dc:title>'
            f"<dc:creator>Curie, Marie</dc:creator><dc:rights>CC0</dc:rights></oai_dc:dc></metadata></record>"
        )


def ckan(site: Site, packages: list[dict[str, object]]) -> None:
    """The action API alone."""

    def search(request: Mapping[str, str]) -> Reply:
        start, rows = int(request.get("start", 0)), int(request.get("rows", 10))
        found = {"count": len(packages), "results": packages[start : start + rows]}
        return Reply(json.dumps({"success": True, "result": found}), "application/json")

    site.pages["/api/3/action/package_search"] = search


def crate(name: str = "A crate", context: object = "https://w3id.org/ro/crate/1.1/context") -> str:
    root = {"@id": "./", "@type": "Dataset", "name": name, "license": {"@id": "http://l.example/mit"}}
    about = {"@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"}}
    return json.dumps({"@context": context, "@graph": [about, root]})
