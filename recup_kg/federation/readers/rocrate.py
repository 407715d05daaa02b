"""An RO-Crate (https://www.researchobject.org/ro-crate/): a folder, a zip, or the address of either or of its metadata file."""

from __future__ import annotations

import io
import uuid
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urljoin, urlsplit

from pyoxigraph import Triple

from recup_kg.converters.rocrate.crate import DESCRIPTORS
from recup_kg.errors import MalformedSource
from recup_kg.federation.fetching import Response, path_of
from recup_kg.federation.harvest_rdf import LICENCES, TITLES, first, json_of, objects, triples
from recup_kg.federation.harvest_session import Session
from recup_kg.federation.peers import Kind
from recup_kg.federation.readers.page import Found, Page
from recup_kg.vocab import SCHEMA

KIND: Kind = "ro-crate"
NAME = "RO-Crate"

_LARGEST = 1 << 28
_ACCEPT = "application/ld+json, application/json;q=0.9, application/zip;q=0.9, */*;q=0.1"


def recognised(page: Page) -> Found | None:
    """The metadata of a crate, or an archive that holds one."""
    if page.is_zip:
        said, base = _of_zip(page.response)
    elif _is_crate(page.json):
        said, base = _of_metadata(page.response)
    else:
        return None
    name = _root(said, base)
    publisher = first(said, name, (SCHEMA + "publisher",))
    named = first(said, publisher, (SCHEMA + "name",)) if publisher else None
    return Found(page.address, first(said, name, TITLES), first(said, name, LICENCES), named or publisher)


def probes(address: str) -> Iterable[str]:
    """The metadata file in the folder that the address may be."""
    parts = urlsplit(address)
    if parts.query or (parts.scheme == "file" and not path_of(address).is_dir()):
        return
    yield from (f"{address.rstrip('/')}/{name}" for name in DESCRIPTORS)


def harvest(session: Session) -> None:
    """What the metadata file states."""
    old = session.before
    known = old.retrievals.get(session.address) if old else None
    response = session.source.get(
        session.address,
        _ACCEPT,
        etag=known.etag if known else None,
        modified=known.modified if known else None,
    )
    if response.status == 304 and old is not None:
        session.take_over(session.address)
        session.licences(old.licences)
        return
    is_zip = response.body.startswith(b"PK\x03\x04")
    said, base = _of_zip(response) if is_zip else _of_metadata(response)
    session.keep(session.address, response, said)
    session.licences(objects(said, _root(said, base), LICENCES))


def _is_crate(document: Any) -> bool:
    graph = document.get("@graph") if isinstance(document, dict) else None
    return isinstance(graph, list) and any(
        isinstance(item, dict) and PurePosixPath(str(item.get("@id"))).name in DESCRIPTORS for item in graph
    )


def _of_metadata(response: Response) -> tuple[list[Triple], str]:
    if not _is_crate(json_of(response.url, response.body)):
        raise MalformedSource(response.url, "no metadata of an RO-Crate", advice="remove this peer")
    base = urljoin(response.final, ".")
    return triples(response.url, "application/ld+json", response.body, base), base


def _of_zip(response: Response) -> tuple[list[Triple], str]:
    """The metadata nearest to the root of the archive; its paths are below an arcp IRI of the archive's address.

    See https://datatracker.ietf.org/doc/html/draft-soilandreyes-arcp-03, 4.1.
    """
    url = response.url
    try:
        with zipfile.ZipFile(io.BytesIO(response.body)) as archive:
            names = [name for name in archive.namelist() if PurePosixPath(name).name in DESCRIPTORS]
            entry = min(names, key=lambda name: (name.count("/"), name), default=None)
            if entry is None:
                raise MalformedSource(url, "a zip without ro-crate-metadata.json: no RO-Crate")
            with archive.open(entry) as stream:
                text = stream.read(_LARGEST + 1)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError) as error:
        raise MalformedSource(url, f"a zip that can't be unpacked: {error}") from error
    if len(text) > _LARGEST:
        raise MalformedSource(url, f"more than {_LARGEST >> 20} MiB of metadata", where=entry)
    folder = entry.rpartition("/")[0]
    base = f"arcp://uuid,{uuid.uuid5(uuid.NAMESPACE_URL, url)}/{folder + '/' if folder else ''}"
    return triples(url, "application/ld+json", text, base), base


def _root(said: Sequence[Triple], base: str) -> str:
    """The IRI of the root data entity: what the descriptor is about, else the folder."""
    for name in DESCRIPTORS:
        about = first(said, urljoin(base, name) if "://" in base else name, (SCHEMA + "about",))
        if about:
            return about
    for item in said:
        if item.predicate.value == SCHEMA + "about" and str(item.subject).strip("<>").endswith(DESCRIPTORS):
            return str(getattr(item.object, "value", base))
    return base
