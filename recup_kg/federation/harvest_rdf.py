"""RDF documents of others as triples: Turtle, N-Triples, N-Quads, TriG, RDF/XML, JSON-LD.

No context is fetched: those of RO-Crate and of Workflow Run RO-Crate are shipped, any other is refused. RDF/XML that declares
entities is refused, so nothing of it expands or reads a file. Names of graphs in a document are not kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import pyoxigraph
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple

from recup_kg.converters.rocrate.context import Context
from recup_kg.errors import MalformedSource, UnknownFormat
from recup_kg.vocab import DCTERMS, FOAF, RDFS, SCHEMA
from recup_kg.vocab import RDF as RDF_NS

TYPE = NamedNode(RDF_NS + "type")
DC = "http://purl.org/dc/elements/1.1/"
TITLES = (DCTERMS + "title", DC + "title", SCHEMA + "name", FOAF + "name", RDFS + "label")
LICENCES = (DCTERMS + "license", SCHEMA + "license", DCTERMS + "rights", DC + "rights")

FORMATS: dict[str, RdfFormat] = {
    "text/turtle": RdfFormat.TURTLE,
    "application/x-turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/n-quads": RdfFormat.N_QUADS,
    "application/trig": RdfFormat.TRIG,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
}
_VAGUE = (
    "application/octet-stream",
    "text/plain",
    "application/json",
    "application/xml",
    "text/xml",
    "binary/octet-stream",
)
TYPES = frozenset((*FORMATS, *_VAGUE))
"""Media types in which RDF may come."""

_NAMES = {
    RdfFormat.TURTLE: "Turtle",
    RdfFormat.N_TRIPLES: "N-Triples",
    RdfFormat.N_QUADS: "N-Quads",
    RdfFormat.TRIG: "TriG",
    RdfFormat.RDF_XML: "RDF/XML",
    RdfFormat.JSON_LD: "JSON-LD",
}
_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_XML_OR_JSON = ("application/json", "application/xml", "text/xml")
_ENDINGS = (".ttl", ".nt", ".turtle")
_TURTLE = re.compile(rb"(?:#[^\n]*\n\s*)*(?:@prefix|@base|prefix\s|base\s|<[^>\s]+>\s|\[|_:)", re.IGNORECASE)
_DEEPEST = 200


def triples(url: str, media_type: str, body: bytes, base: str) -> list[Triple]:
    """What a document says. Raises `UnknownFormat` where it is no RDF, `MalformedSource` where it is broken."""
    form = _form(media_type, body, PurePosixPath(urlsplit(base).path).suffix.lower())
    if form is None:
        raise UnknownFormat(url, f"is no RDF ({media_type})")
    text = body
    if form == RdfFormat.JSON_LD:
        text = _inlined(url, body)
    elif form == RdfFormat.RDF_XML and b"<!ENTITY" in body:
        raise MalformedSource(
            url, "RDF/XML that declares entities, which is refused", advice="write them out"
        )
    try:
        quads = list(pyoxigraph.parse(text, format=form, base_iri=base))
    except (SyntaxError, ValueError) as error:
        problem = f"malformed {_NAMES[form]}: {' '.join(str(error).split())}"
        raise MalformedSource(url, problem, advice="its publisher must repair it") from error
    return [quad.triple for quad in quads]


def json_of(url: str, body: bytes) -> Any:
    """A JSON document. Raises `MalformedSource`."""
    try:
        return json.loads(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise MalformedSource(url, "malformed JSON: not UTF-8", where=f"byte {error.start}") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise MalformedSource(url, f"malformed JSON: {error.msg}", where=where) from error
    except RecursionError as error:
        raise MalformedSource(url, "malformed JSON: nested too deep") from error


def typed(found: Iterable[Triple], *types: str) -> list[str]:
    """The IRIs of what is of one of the types, in the order of the document."""
    wanted = set(types)
    return list(
        dict.fromkeys(
            item.subject.value
            for item in found
            if item.predicate == TYPE
            and isinstance(item.object, NamedNode)
            and item.object.value in wanted
            and isinstance(item.subject, NamedNode)
        )
    )


def objects(found: Iterable[Triple], subject: str | None, predicates: Sequence[str]) -> Iterator[str]:
    """IRIs and texts that a subject (None: any) has for the predicates, those of the first predicate first."""
    by_predicate: dict[str, list[str]] = {name: [] for name in predicates}
    for item in found:
        if item.predicate.value not in by_predicate or isinstance(item.object, BlankNode | Triple):
            continue
        if subject is None or (isinstance(item.subject, NamedNode) and item.subject.value == subject):
            by_predicate[item.predicate.value].append(item.object.value)
    return (value for values in by_predicate.values() for value in dict.fromkeys(values))


def first(found: Iterable[Triple], subject: str | None, predicates: Sequence[str]) -> str | None:
    """The first of `objects`."""
    return next(objects(found, subject, predicates), None)


def literal(text: str) -> Literal:
    """A text as an xsd:string; what XML and RDF have no place for (half characters) is replaced."""
    return Literal(text.encode(errors="replace").decode())


def node(iri: str) -> NamedNode | None:
    """An absolute IRI, None for text that is none."""
    try:
        found = NamedNode(iri)
    except ValueError:
        return None
    return found if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:\S", iri) else None


def _form(media_type: str, body: bytes, suffix: str) -> RdfFormat | None:
    """The format: as the server says, unless it says nothing of use."""
    if media_type in FORMATS:
        return FORMATS[media_type]
    start = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if media_type not in _VAGUE or _HTML.match(start) or b"\0" in start or not start:
        return None
    if start.startswith((b"{", b"[{", b"[ ", b"[\n", b"[\r")):
        return RdfFormat.JSON_LD if re.search(rb'"@(?:context|graph|id|type)"', body) else None
    if re.match(rb"<(?:\?xml|!--|!DOCTYPE|\w+:RDF)\b|<!--", start):
        return RdfFormat.RDF_XML if b"http://www.w3.org/1999/02/22-rdf-syntax-ns#" in body else None
    if media_type in _XML_OR_JSON:
        return None
    return RdfFormat.TURTLE if suffix in _ENDINGS or _TURTLE.match(start) else None


def _inlined(url: str, body: bytes) -> bytes:
    return json.dumps(_with_contexts(url, json_of(url, body), 0)).encode()


def _with_contexts(url: str, value: Any, depth: int) -> Any:
    """The document with the terms of the contexts that it names."""
    if depth > _DEEPEST:
        raise MalformedSource(url, "malformed JSON-LD: nested too deep")
    if isinstance(value, list):
        return [_with_contexts(url, item, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _context(url, item) if key == "@context" else _with_contexts(url, item, depth + 1)
        for key, item in value.items()
    }


def _context(url: str, stated: Any) -> Any:
    if isinstance(stated, list):
        return [_context(url, item) for item in stated]
    if isinstance(stated, dict):
        if "@import" in stated:
            raise _refused(url, stated["@import"])
        return {key: _scoped(url, item) for key, item in stated.items()}
    if not isinstance(stated, str):
        return stated
    known = Context(stated)
    if known.unknown:
        raise _refused(url, stated)
    return dict(known.terms)


def _scoped(url: str, definition: Any) -> Any:
    """A term's definition, which may hold a context of its own (JSON-LD 1.1, 4.1.8)."""
    if isinstance(definition, dict) and "@context" in definition:
        return {**definition, "@context": _context(url, definition["@context"])}
    return definition


def _refused(url: str, context: object) -> MalformedSource:
    problem = f"JSON-LD with the context {context}, which is not shipped, and none is fetched"
    return MalformedSource(url, problem, advice="ask for Turtle, or for the terms written out")
