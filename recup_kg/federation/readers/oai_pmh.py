"""An OAI-PMH 2.0 repository: https://www.openarchives.org/OAI/openarchivesprotocol.html.

The richest format that it offers is asked for: DCAT, DataCite, else Dublin Core. A later harvest asks for what changed since the
one before, where the repository keeps track of deleted records for good (`persistent`, section 2.5.1), else for everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import quote, urlencode, urlsplit
from xml.etree.ElementTree import Element

from recup_kg.errors import MalformedSource, SourceError
from recup_kg.federation.fetching import Response
from recup_kg.federation.harvest_rdf import LICENCES, first
from recup_kg.federation.harvest_session import Session
from recup_kg.federation.peers import Kind
from recup_kg.federation.readers.oai_records import DATACITE, record
from recup_kg.federation.readers.page import Found, Page, xml_of

KIND: Kind = "oai-pmh"
NAME = "OAI-PMH repository"

OAI = "{http://www.openarchives.org/OAI/2.0/}"
_ACCEPT = "text/xml, application/xml;q=0.9"
_LAST = "responseDate"
_PREFIX = "metadataPrefix"


def recognised(page: Page) -> Found | None:
    """The answer in which a repository identifies itself."""
    root = page.xml
    if root is None or root.find(f"{OAI}Identify") is None:
        return None
    address = page.address.split("?", 1)[0]
    return Found(address, _text(root, f"{OAI}Identify/{OAI}repositoryName"))


def probes(address: str) -> Iterable[str]:
    """The request by which a repository identifies itself."""
    base, _, query = address.partition("?")
    if urlsplit(address).scheme in ("http", "https") and (not query or "verb=" in query):
        yield f"{base}?verb=Identify"


def harvest(session: Session) -> None:
    """All records, or what changed since the last time."""
    identity = _ask(session, {"verb": "Identify"})[1]
    prefix = _format(session)
    since = _since(session, identity, prefix)
    request = {"verb": "ListRecords", _PREFIX: prefix, **({"from": since} if since else {})}
    if since and session.before:
        for source in session.before.documents:
            session.take_over(source)
    tokens: set[str] = set()
    session.now.resume = {_PREFIX: prefix}
    while request:
        response, root = _ask(session, request)
        session.now.resume.setdefault(_LAST, _text(root, f"{OAI}{_LAST}") or "")
        token = _records(session, response, root, prefix)
        if token in tokens:
            raise MalformedSource(response.url, f"the resumption token {token!r} came before: a circle")
        tokens.add(token)
        request = {"verb": "ListRecords", "resumptionToken": token} if token else {}
    _drop_retrievals(session)
    _note_licences(session)


def _ask(session: Session, request: dict[str, str]) -> tuple[Response, Element]:
    response = session.source.get(f"{session.address}?{urlencode(request)}", _ACCEPT)
    root = xml_of(response)
    if root.tag != f"{OAI}OAI-PMH":
        raise MalformedSource(response.url, f"no answer of OAI-PMH, but <{root.tag.rpartition('}')[2]}>")
    for error in root.findall(f"{OAI}error"):
        code = error.get("code")
        if code != "noRecordsMatch":
            said = " ".join((error.text or "").split())
            raise SourceError(response.url, f"the repository says {code}{': ' + said if said else ''}")
    return response, root


def _format(session: Session) -> str:
    """The metadata prefix to ask for; every repository has oai_dc (section 3.4)."""
    root = _ask(session, {"verb": "ListMetadataFormats"})[1]
    offered = [
        (_text(item, f"{OAI}{_PREFIX}") or "", _text(item, f"{OAI}metadataNamespace") or "")
        for item in root.iter(f"{OAI}metadataFormat")
    ]
    for prefix, _ in offered:
        if "dcat" in prefix.lower():
            return prefix
    for prefix, namespace in offered:
        if namespace.startswith(DATACITE):
            return prefix
    return "oai_dc"


def _since(session: Session, identity: Element, prefix: str) -> str | None:
    """From when on to ask, by the repository's own clock and in its granularity; None for everything."""
    before = session.before.resume if session.before else {}
    deleted = _text(identity, f"{OAI}Identify/{OAI}deletedRecord")
    last = before.get(_LAST)
    if not last or deleted != "persistent" or before.get(_PREFIX) != prefix:
        return None
    by_day = (_text(identity, f"{OAI}Identify/{OAI}granularity") or "") == "YYYY-MM-DD"
    return last[:10] if by_day else last


def _records(session: Session, response: Response, root: Element, prefix: str) -> str:
    """Keep the records of one answer, drop those that it says are deleted; the token of the next answer or ''."""
    for item in root.iterfind(f"{OAI}ListRecords/{OAI}record"):
        header = item.find(f"{OAI}header")
        identifier = _text(item, f"{OAI}header/{OAI}identifier")
        if header is None or not identifier:
            raise MalformedSource(response.url, "a record without identifier")
        session.count(response.url)
        request = {"verb": "GetRecord", _PREFIX: prefix, "identifier": identifier}
        source = f"{session.address}?{urlencode(request, quote_via=quote)}"
        session.drop(source)
        metadata = item.find(f"{OAI}metadata/*")
        if header.get("status") == "deleted":
            continue
        if metadata is None:
            raise MalformedSource(response.url, "neither metadata nor deleted", where=identifier)
        session.keep(source, response, record(source, identifier, metadata))
    return _text(root, f"{OAI}ListRecords/{OAI}resumptionToken") or ""


def _drop_retrievals(session: Session) -> None:
    """Requests that brought nothing that is still here."""
    used = {item.retrieval for item in session.now.documents.values()}
    session.now.retrievals = {url: item for url, item in session.now.retrievals.items() if url in used}


def _note_licences(session: Session) -> None:
    """Rights are stated record by record; one for all is only said where all say the same."""
    stated = {first(item.triples, None, LICENCES) for item in session.now.documents.values()}
    if len(stated) == 1:
        session.licences(_present(stated))
    elif stated - {None}:
        session.remark(f"licences are stated by record, {len(stated - {None})} different ones")


def _present(values: Iterable[str | None]) -> Iterator[str]:
    return (value for value in values if value is not None)


def _text(element: Element, path: str) -> str | None:
    return (element.findtext(path) or "").strip() or None
