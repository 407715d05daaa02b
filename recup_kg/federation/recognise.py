"""What kind of peer is behind an address: by what it answers, not by how the address looks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from recup_kg.errors import MalformedSource, SourceError, UnknownFormat, UsageError
from recup_kg.federation.fetching import ANYTHING, NotThere, Source, now, path_of, plain
from recup_kg.federation.harvest_readers import READERS, Reader
from recup_kg.federation.peers import Peer
from recup_kg.federation.readers import void
from recup_kg.federation.readers.page import Found, Page

_LONGEST = 40
# Virtuoso answers ASK in Turtle too if it may, and malformed.
_ASKED = "application/sparql-results+json, application/sparql-results+xml;q=0.9"


def address_of(given: str) -> str:
    """What a user names, as an address: an http(s) URL as it is, a path as `file:` URL. Raises `UsageError`."""
    if given.startswith(("http://", "https://")):
        if "@" in urlsplit(given).netloc:
            raise UsageError("an address with a user or password: what peers hold must be public")
        return plain(given)
    if "://" in given:
        raise UsageError(f"{given} is neither an http(s) address nor a path")
    path = Path(given).resolve()
    if not path.exists():
        raise UsageError(f"there is no file or folder {given}; an address begins with http:// or https://")
    return path.as_uri() + ("/" if path.is_dir() else "")


def recognise(address: str, source: Source, *, name: str | None, taken: Collection[str]) -> Peer:
    """The peer at an address (see `address_of`), called `name` or after its host.

    Raises `SourceError`: it can't be reached, is malformed, or is no peer of a known kind; the message then says what was tried.
    """
    tried: list[str] = []
    for reader, found in _candidates(address, source, tried):
        return Peer(
            name=name or _free(_name(address), taken),
            address=found.address,
            kind=reader.KIND,
            title=found.title,
            licence=found.licence,
            publisher=found.publisher,
            endpoint=found.endpoint or _endpoint(reader, found.address, source),
            added=now(),
        )
    kinds = ", ".join(reader.NAME for reader in READERS)
    raise UnknownFormat(address, f"is none of: {kinds}", advice=f"tried {'; '.join(tried)}")


def _endpoint(reader: Reader, address: str, source: Source) -> str | None:
    """What the VoID file of a host says of its SPARQL endpoint, where the peer is all of the host."""
    if reader.KIND not in ("fdp", "dcat") or urlsplit(address).path not in ("", "/"):
        return None
    for probe in void.probes(address):
        page = _page(probe, source, [])
        found = _of_probe(void, page, [""]) if page else None
        if found is not None:
            return found.endpoint
    return None


def _candidates(address: str, source: Source, tried: list[str]) -> Iterator[tuple[Reader, Found]]:
    """What the address itself turns out to be, then what is found at the probes."""
    page = None if _is_folder(address) else _page(address, source, tried)
    for reader in READERS if page else ():
        found = reader.recognised(page) if page else None
        if found is not None:
            yield reader, found
    for reader in READERS:
        for probe in reader.probes(address):
            page = _page(probe, source, tried)
            found = _of_probe(reader, page, tried) if page else None
            if found is not None:
                yield reader, found


def _of_probe(reader: Reader, page: Page, tried: list[str]) -> Found | None:
    """A probe that is malformed is no peer: some servers answer anything with something."""
    try:
        return reader.recognised(page)
    except MalformedSource as error:
        tried[-1] = str(error)
        return None


def _page(address: str, source: Source, tried: list[str]) -> Page | None:
    try:
        response = source.get(address, _ASKED if "?query=" in address else ANYTHING)
    except NotThere as error:
        tried.append(f"{address} ({error.problem})")
        return None
    except SourceError as error:
        # Nobody answers there at all: further addresses on that host won't either.
        if not error.problem.startswith("answered "):
            raise
        tried.append(f"{address} ({error.problem})")
        return None
    tried.append(f"{address} ({response.media_type})")
    return Page(response)


def _is_folder(address: str) -> bool:
    return urlsplit(address).scheme == "file" and path_of(address).is_dir()


def _name(address: str) -> str:
    """A name from the host, and the last segment of the path where there is one."""
    parts = urlsplit(address)
    last = parts.path.rstrip("/").rpartition("/")[2]
    text = last if parts.scheme == "file" else f"{parts.hostname}-{last}" if last else str(parts.hostname)
    text = re.sub(r"\.(ttl|jsonld|json|rdf|xml|zip|nt)$", "", text)
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-.")[:_LONGEST].strip("-.") or "peer"


def _free(name: str, taken: Collection[str]) -> str:
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name}-{number}"
    return candidate
