"""From one RDF document to those that it names, and the pages of what comes in pages."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence

from pyoxigraph import Triple

from recup_kg.federation.fetching import plain
from recup_kg.federation.harvest_rdf import objects
from recup_kg.federation.harvest_session import Session

Follow = Callable[[Sequence[Triple]], Iterable[str]]

HYDRA = "http://www.w3.org/ns/hydra/core#"
LDP = "http://www.w3.org/ns/ldp#"
AS = "https://www.w3.org/ns/activitystreams#"
NEXT = (HYDRA + "next", HYDRA + "nextPage", LDP + "nextPage", AS + "next")
"""To the next page: Hydra (nextPage, of its draft, is what ckanext-dcat writes, as a text), LDP paging, ActivityStreams."""


def crawl(session: Session, start: str, follow: Follow) -> tuple[Triple, ...]:
    """Keep the document at `start` and all that `follow` and the links between pages lead to; what the first says."""
    first = session.document(start, first=True) or ()
    seen = {plain(start)}
    waiting = deque([(plain(start), first)])
    while waiting:
        source, said = waiting.popleft()
        for target in _targets(session, source, said, follow):
            if target in seen:
                continue
            seen.add(target)
            found = session.document(target)
            if found is not None:
                waiting.append((target, found))
    return first


def _targets(session: Session, source: str, said: Sequence[Triple], follow: Follow) -> list[str]:
    final = session.now.retrievals[session.now.documents[source].retrieval].final
    pages = [*objects(said, None, NEXT)]
    header = session.next_page(source)
    if header:
        pages.append(header)
    links = (session.link(final, target) for target in (*pages, *follow(said)))
    return [link for link in dict.fromkeys(links) if link]
