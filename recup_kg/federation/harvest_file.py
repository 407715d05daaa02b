"""What was harvested of a peer, as a file: gzipped N-Quads without blank nodes.

Each document of the peer is a graph `<address>#document=<its address>`. The graph `<address>#harvest` says when each was fetched,
from where, with what status, entity tag and date (HTTP vocabulary in RDF, https://www.w3.org/TR/HTTP-in-RDF10/), by what
version of ours, and what licence the source states, or that it states none.
"""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from urllib.parse import quote

import pyoxigraph
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Triple

from recup_kg import __version__
from recup_kg.errors import StoreError
from recup_kg.federation.harvest_rdf import TYPE, node
from recup_kg.vocab import DCTERMS, PROV, RDFS, SCHEMA, XSD

HTTP = "http://www.w3.org/2011/http#"
OAI = "http://www.openarchives.org/OAI/2.0/"
NO_LICENCE = "the source states no licence"

_HEADERS = ("ETag", "Last-Modified", "Link")
_TIME = NamedNode(XSD + "dateTime")


@dataclass(frozen=True, slots=True)
class Retrieval:
    """A request that brought documents; `status` is None for a local file."""

    url: str
    final: str
    started: str
    ended: str
    status: int | None
    etag: str | None = None
    modified: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A harvested document: its address, the request that brought it, and its triples without blank nodes."""

    source: str
    retrieval: str
    triples: tuple[Triple, ...]


@dataclass(slots=True)
class Harvest:
    """All of a peer. `remarks` say what was not followed; `resume` is what the next incremental harvest starts from."""

    address: str
    started: str = ""
    ended: str = ""
    documents: dict[str, Document] = field(default_factory=dict)
    retrievals: dict[str, Retrieval] = field(default_factory=dict)
    licences: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    resume: dict[str, str] = field(default_factory=dict)


def graph_of(address: str, source: str) -> str:
    """The name of the graph of a document."""
    return f"{address}#document={quote(source, safe='')}"


def write(path: Path, harvest: Harvest) -> None:
    """Put a harvest in the place of the one before, whole or not at all. Raises `StoreError`."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as stream:
        for lines in _graphs(harvest):
            stream.writelines(f"{quad} .\n".encode() for quad in lines)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # One process at a time has the lock of this harvest.
        unfinished = path.with_name(f".{path.name}")
        try:
            with unfinished.open("wb") as file:
                file.write(out.getvalue())
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"can't write {path}: {error.strerror}") from error


def read(path: Path, address: str) -> Harvest | None:
    """What was harvested before, None where nothing was. Raises `StoreError` for a damaged file."""
    if not path.exists():
        return None
    graphs: dict[str, list[Triple]] = {}
    for graph, triple in triples(path):
        graphs.setdefault(graph, []).append(triple)
    facts = _Facts(graphs.pop(f"{address}#harvest", []))
    return facts.harvest(address, graphs)


def summary(path: Path, address: str) -> Harvest | None:
    """The last harvest without its documents, None where nothing was harvested. Raises `StoreError` for a damaged file."""
    if not path.exists():
        return None
    end = f" <{address}#harvest> .\n".encode()
    try:
        with gzip.open(path) as stream:
            # They come first in the file.
            lines: list[bytes] = list(takewhile(lambda line: line.endswith(end), stream))
        found = pyoxigraph.parse(b"".join(lines), format=RdfFormat.N_QUADS)
        return replace(_Facts([quad.triple for quad in found]).harvest(address, {}), documents={})
    except (OSError, EOFError, SyntaxError, ValueError) as error:
        raise _damaged(path, error) from error


def triples(path: Path) -> list[tuple[str, Triple]]:
    """The triples of a harvest, each with the name of its graph. Raises `StoreError` for a damaged file."""
    try:
        found = pyoxigraph.parse(gzip.decompress(path.read_bytes()), format=RdfFormat.N_QUADS)
        return [(q.graph_name.value, q.triple) for q in found if isinstance(q.graph_name, NamedNode)]
    except (OSError, EOFError, SyntaxError, ValueError) as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> StoreError:
    return StoreError(f"{path} is damaged ({error}): remove it and harvest again")


def _graphs(harvest: Harvest) -> Iterator[list[Quad]]:
    yield sorted(_quads(f"{harvest.address}#harvest", _about(harvest)), key=str)
    for document in sorted(harvest.documents.values(), key=lambda item: item.source):
        graph = graph_of(harvest.address, document.source)
        yield sorted(_quads(graph, document.triples), key=str)


def _quads(graph: str, triples: Sequence[Triple]) -> Iterator[Quad]:
    name = NamedNode(graph)
    return (Quad(item.subject, item.predicate, item.object, name) for item in dict.fromkeys(triples))


def _about(harvest: Harvest) -> list[Triple]:
    address = harvest.address
    activity, agent = f"{address}#harvest", f"{address}#recup-kg"
    said: list[tuple[str, str, object]] = [
        (agent, "a", PROV + "SoftwareAgent"),
        (agent, SCHEMA + "name", Literal("RECUP-KG")),
        (agent, SCHEMA + "softwareVersion", Literal(__version__)),
        (activity, "a", PROV + "Activity"),
        (activity, PROV + "used", address),
        (activity, PROV + "wasAssociatedWith", agent),
        (activity, PROV + "startedAtTime", Literal(harvest.started, datatype=_TIME)),
        (activity, PROV + "endedAtTime", Literal(harvest.ended, datatype=_TIME)),
    ]
    for licence in harvest.licences:
        said.append((activity, DCTERMS + "license" if node(licence) else DCTERMS + "rights", licence))
    texts = (*harvest.remarks, *(() if harvest.licences else (NO_LICENCE,)))
    said.extend((activity, RDFS + "comment", Literal(text)) for text in texts)
    said.extend((activity, OAI + name, Literal(value)) for name, value in harvest.resume.items())
    for retrieval in harvest.retrievals.values():
        said.extend(_about_retrieval(address, retrieval))
    for document in harvest.documents.values():
        graph = graph_of(address, document.source)
        said.append((graph, "a", PROV + "Entity"))
        said.append((graph, PROV + "wasDerivedFrom", document.source))
        said.append((graph, PROV + "wasGeneratedBy", _retrieval_iri(address, document.retrieval)))
    return [_triple(*item) for item in said]


def _about_retrieval(address: str, item: Retrieval) -> Iterator[tuple[str, str, object]]:
    name = _retrieval_iri(address, item.url)
    yield name, "a", PROV + "Activity"
    yield name, DCTERMS + "isPartOf", f"{address}#harvest"
    yield name, PROV + "wasAssociatedWith", f"{address}#recup-kg"
    yield name, PROV + "used", item.url
    yield name, PROV + "startedAtTime", Literal(item.started, datatype=_TIME)
    yield name, PROV + "endedAtTime", Literal(item.ended, datatype=_TIME)
    if item.final != item.url:
        yield name, HTTP + "absoluteURI", Literal(item.final)
    if item.status is not None:
        yield name, HTTP + "statusCodeValue", Literal(item.status)
    for header, value in zip(_HEADERS, (item.etag, item.modified, item.link), strict=True):
        if value is not None:
            yield name, HTTP + "headers", f"{name}&header={header}"
            yield f"{name}&header={header}", "a", HTTP + "ResponseHeader"
            yield f"{name}&header={header}", HTTP + "fieldName", Literal(header)
            yield f"{name}&header={header}", HTTP + "fieldValue", Literal(value)


def _retrieval_iri(address: str, url: str) -> str:
    return f"{address}#retrieval={quote(url, safe='')}"


def _triple(subject: str, predicate: str, value: object) -> Triple:
    iri = TYPE if predicate == "a" else NamedNode(predicate)
    if isinstance(value, Literal):
        return Triple(NamedNode(subject), iri, value)
    return Triple(NamedNode(subject), iri, node(str(value)) or Literal(str(value)))


class _Facts:
    """The graph of the harvest, by subject and property."""

    def __init__(self, triples: Sequence[Triple]) -> None:
        self.said: dict[str, dict[str, list[str]]] = {}
        for item in triples:
            if isinstance(item.subject, NamedNode) and isinstance(item.object, NamedNode | Literal):
                values = self.said.setdefault(item.subject.value, {})
                values.setdefault(item.predicate.value, []).append(item.object.value)

    def one(self, subject: str, predicate: str) -> str | None:
        return next(iter(self.said.get(subject, {}).get(predicate, ())), None)

    def harvest(self, address: str, graphs: dict[str, list[Triple]]) -> Harvest:
        """The harvest that it is about."""
        activity = f"{address}#harvest"
        about = self.said.get(activity, {})
        urls = {name: self.one(name, PROV + "used") for name in self.said if "#retrieval=" in name}
        found = Harvest(address, self.one(activity, PROV + "startedAtTime") or "")
        found.ended = self.one(activity, PROV + "endedAtTime") or ""
        found.licences = tuple(about.get(DCTERMS + "license", []) + about.get(DCTERMS + "rights", []))
        found.remarks = tuple(text for text in about.get(RDFS + "comment", []) if text != NO_LICENCE)
        found.resume = {
            name.removeprefix(OAI): values[0] for name, values in about.items() if name.startswith(OAI)
        }
        for name, url in urls.items():
            if url is not None and "&header=" not in name:
                found.retrievals[url] = self._retrieval(name, url)
        for graph, subject in self.said.items():
            source = next(iter(subject.get(PROV + "wasDerivedFrom", ())), None)
            made = urls.get(next(iter(subject.get(PROV + "wasGeneratedBy", ())), ""))
            if source is not None and made is not None:
                found.documents[source] = Document(source, made, tuple(graphs.get(graph, ())))
        return found

    def _retrieval(self, name: str, url: str) -> Retrieval:
        status = self.one(name, HTTP + "statusCodeValue")
        etag, modified, link = (
            self.one(f"{name}&header={header}", HTTP + "fieldValue") for header in _HEADERS
        )
        return Retrieval(
            url,
            self.one(name, HTTP + "absoluteURI") or url,
            self.one(name, PROV + "startedAtTime") or "",
            self.one(name, PROV + "endedAtTime") or "",
            None if status is None else int(status),
            etag,
            modified,
            link,
        )
