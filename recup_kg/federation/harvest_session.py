"""One harvest of one peer: what is fetched now, and what was there before."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urljoin

from pyoxigraph import Triple

from recup_kg.errors import SourceError, UnknownFormat
from recup_kg.federation.fetching import RDF, Elsewhere, Limits, NotThere, Response, Source, origin, plain
from recup_kg.federation.harvest_blank import skolemised
from recup_kg.federation.harvest_file import Document, Harvest, Retrieval, graph_of
from recup_kg.federation.harvest_rdf import TYPES, triples

_MOST_REMARKS = 100


class Session:
    """What a reader harvests with. `now` becomes the peer's harvest when the reader is done, and only then."""

    def __init__(self, address: str, source: Source, before: Harvest | None, limits: Limits) -> None:
        self.address = address
        self.limits = limits
        self.source = source
        self.before = before
        self.now = Harvest(address)
        self.unchanged: set[str] = set()
        self._counted = 0
        self._origins = {origin(address)}

    def document(self, url: str, *, first: bool = False) -> tuple[Triple, ...] | None:
        """An RDF document, kept; None, with a remark, for one that is not there or is no RDF, unless it is the first."""
        source = plain(url)
        old = self._old(source)
        retrieval = self.before.retrievals[old.retrieval] if self.before and old else None
        try:
            response = self.source.get(
                source,
                RDF,
                etag=retrieval.etag if retrieval else None,
                modified=retrieval.modified if retrieval else None,
                types=None if first else TYPES,
                within=None if first else self._origins,
            )
            if first:
                self._origins.add(origin(response.final))
            if response.status == 304 and old and retrieval:
                return self._again(old, retrieval)
            if response.unread:
                raise UnknownFormat(source, f"is no RDF ({response.media_type})")
            found = triples(source, response.media_type, response.body, response.final)
        except (NotThere, Elsewhere, UnknownFormat) as error:
            if first:
                raise
            self.remark(f"not harvested: {error}")
            return None
        return self.keep(source, response, found)

    def keep(self, source: str, response: Response, found: Iterable[Triple]) -> tuple[Triple, ...]:
        """Keep what a document says, as it came with a response; its triples without blank nodes."""
        said = tuple(skolemised(found, graph_of(self.address, source), self.address))
        retrieval = _retrieval(response)
        self.now.retrievals[retrieval.url] = retrieval
        self.now.documents[source] = Document(source, retrieval.url, said)
        old = self._old(source)
        if old is not None and set(old.triples) == set(said):
            self.unchanged.add(source)
        return said

    def drop(self, source: str) -> None:
        """Forget a document that is no longer there, or that comes anew."""
        self.now.documents.pop(source, None)
        self.unchanged.discard(source)

    def count(self, about: str) -> None:
        """One more document, where one answer brings many. Raises `SourceError` where that is one too many."""
        self._counted += 1
        if self._counted > self.limits.documents:
            problem = f"more than {self.limits.documents} documents"
            raise SourceError(about, problem, advice="allow more with --documents")

    def take_over(self, source: str) -> None:
        """Keep a document as it was before."""
        old = self._old(source)
        if old is not None and self.before is not None:
            self._again(old, self.before.retrievals[old.retrieval])

    def link(self, base: str, target: str) -> str | None:
        """An absolute address that may be followed: on the host of the peer. None, with a remark, for any other."""
        url = plain(urljoin(base, target))
        if not url.startswith(("http://", "https://")):
            return None
        if origin(url) in self._origins:
            return url
        self.remark(f"not followed, as it is on another host: {url}")
        return None

    def remark(self, text: str) -> None:
        """Note what is not in the harvest, and why."""
        if text in self.now.remarks or len(self.now.remarks) >= _MOST_REMARKS:
            return
        self.now.remarks = (*self.now.remarks, text)

    def licences(self, stated: Iterable[str]) -> None:
        """Note what licences the source states for what it publishes."""
        named = (text for text in stated if not text.startswith(f"{self.address}#genid-"))
        self.now.licences = tuple(dict.fromkeys((*self.now.licences, *named)))

    def next_page(self, source: str) -> str | None:
        """The target of the `Link` header of a document that is kept."""
        item = self.now.retrievals[self.now.documents[source].retrieval]
        body = Response(item.url, item.final, None, "", b"", None, None, item.link, item.started, item.ended)
        return body.next_page()

    def _old(self, source: str) -> Document | None:
        return self.before.documents.get(source) if self.before else None

    def _again(self, old: Document, retrieval: Retrieval) -> tuple[Triple, ...]:
        self.now.documents[old.source] = old
        self.now.retrievals[retrieval.url] = retrieval
        self.unchanged.add(old.source)
        return old.triples


def _retrieval(response: Response) -> Retrieval:
    return Retrieval(
        response.url,
        response.final,
        response.started,
        response.ended,
        response.status,
        response.etag,
        response.modified,
        response.link,
    )
