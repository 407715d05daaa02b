"""A file of any serialisation of PROV as triples of PROV-O (https://www.w3.org/TR/prov-o/).

RDF is parsed as it is. PROV-N, PROV-JSON, PROV-XML and PROV-JSONLD go through PyPI `prov`, which writes them as PROV-O.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph

from recup_kg.converters.sources import read_bytes
from recup_kg.errors import MalformedSource, MissingExtra

if TYPE_CHECKING:
    from prov.model import ProvDocument

RDF_FORMATS = {
    "turtle": pyoxigraph.RdfFormat.TRIG,
    "n-triples": pyoxigraph.RdfFormat.N_QUADS,
    "rdf-xml": pyoxigraph.RdfFormat.RDF_XML,
    "json-ld": pyoxigraph.RdfFormat.JSON_LD,
}
_WITH_GRAPHS = {"turtle": "trig", "n-triples": "n-quads"}
_LIBRARY = {"prov-n": "provn", "prov-json": "json", "prov-xml": "xml", "prov-jsonld": "jsonld"}
_EXTRA = "prov"
_PROV = b"http://www.w3.org/ns/prov#"
_NOT_DATA = re.compile(
    rb"owl#|owl:(?:Ontology|Class|ObjectProperty)|ns/shacl#|sh:NodeShape|w3id\.org/recup/|rdf-syntax-ns#Property|a rdf:Property"
)
_OWN = b"w3id.org/recup/ontology#"
_ACTED = re.compile(
    rb"(?:prov:|ns/prov#)(?:Activity|used|wasGeneratedBy|generated|wasAssociatedWith|startedAtTime|endedAtTime|wasInformedBy"
    rb"|qualified(?:Usage|Generation|Association|Start|End)|wasStartedBy|wasEndedBy|wasInvalidatedBy)\b"
    rb"|wfprov#?:?(?:WorkflowRun|ProcessRun)"
)
_DERIVED = re.compile(
    rb"(?:prov:|ns/prov#)(?:wasDerivedFrom|wasAttributedTo|specializationOf|Entity|Agent|Plan)\b"
)
_JSON_KINDS = re.compile(
    rb'"(?:activity|entity|agent|used|wasGeneratedBy|wasAssociatedWith|wasDerivedFrom|wasAttributedTo|bundle)"\s*:\s*\{'
)
_IN_JSON_LD = re.compile(
    rb'"(?:prov:|http://www\.w3\.org/ns/prov#)\w+"\s*:|"@type"\s*:\s*\[?[^\]}{]{0,400}"(?:prov:|http://www\.w3\.org/ns/prov#)'
)
"""A statement, and not only a term of a context."""
_NO_IRI = re.compile(r'[<>" {}|\\^`\x00-\x1f]')
_CROISSANT = b"mlcommons.org/croissant"
_DOCUMENT = re.compile(rb"(?:\s|//[^\n]*\n|/\*.*?\*/)*document\b", re.DOTALL)


def serialisation(start: bytes) -> str | None:
    """Which serialisation of PROV a file is, from its first bytes; None where it is none."""
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith((b"{", b"[")):
        return _json_kind(text)
    if text.startswith(b"<") and (b"<?xml" in text[:200] or b":document" in text or b"<rdf:RDF" in text):
        return _xml_kind(text)
    if _DOCUMENT.match(text):
        return (
            "prov-n"
            if re.search(rb"\b(?:entity|activity|agent|prefix|default|bundle|endDocument)\b", text)
            else None
        )
    if _PROV not in text or _NOT_DATA.search(text) or not _tells(text):
        return None
    return _rdf_kind(text)


def triples(path: Path, start: bytes) -> tuple[str, list[pyoxigraph.Quad]]:
    """The name of the serialisation and the statements. Raises `MalformedSource`, or `MissingExtra`."""
    kind = serialisation(start)
    if kind is None:
        raise MalformedSource(path, "no statement of PROV in it", advice="see docs/formats/prov.md")
    data = read_bytes(path)
    if _OWN in data:
        raise MalformedSource(
            path,
            "is a graph of RECUP-KG's own, exported",
            advice="ingest its sources, or its crate (ro-crate)",
        )
    if kind in _LIBRARY:
        data, form = _through_library(path, data, kind), pyoxigraph.RdfFormat.TRIG
    else:
        form = RDF_FORMATS[kind]
        if kind == "json-ld":
            _refuse_remote_contexts(path, data)
    quads = list(_parse(path, data, form))
    named = any(not isinstance(quad.graph_name, pyoxigraph.DefaultGraph) for quad in quads)
    return _WITH_GRAPHS.get(kind, kind) if named else kind, quads


def _parse(path: Path, data: bytes, form: pyoxigraph.RdfFormat) -> Iterator[pyoxigraph.Quad]:
    try:
        yield from pyoxigraph.parse(data, format=form, base_iri="https://w3id.org/recup/relative/")
    except (SyntaxError, ValueError) as error:
        where = f"line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else None
        problem = f"can't be parsed: {getattr(error, 'msg', None) or error}"
        raise MalformedSource(path, problem, where=where, advice="export it again") from error


def _through_library(path: Path, data: bytes, kind: str) -> bytes:
    if kind == "prov-xml" and (b"<!DOCTYPE" in data or b"<!ENTITY" in data):
        raise MalformedSource(
            path, "a document type declaration, which PROV-XML has none of", advice="remove it"
        )
    document = _deserialise(path, data, kind)
    for iri in _iris(document):
        if _NO_IRI.search(iri):
            raise MalformedSource(path, f"{iri!r} is no IRI", advice="export it again")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            written = document.serialize(format="rdf", rdf_format="trig")
    except ImportError as error:
        raise MissingExtra("rdflib", _EXTRA) from error
    except (ValueError, TypeError, KeyError, AttributeError, AssertionError) as error:
        raise _malformed(path, kind, error) from error
    return str(written).encode()


def _iris(document: ProvDocument) -> Iterator[str]:
    for bundle in (document, *document.bundles):
        for record in bundle.records:
            named = (record.identifier, *(term for pair in record.attributes for term in pair))
            yield from (str(uri) for term in named if (uri := getattr(term, "uri", None)) is not None)


def _deserialise(path: Path, data: bytes, kind: str) -> ProvDocument:
    try:
        from prov import Error
        from prov.model import ProvDocument
    except ImportError as error:
        raise MissingExtra("prov", _EXTRA) from error
    try:
        text = data.decode("utf-8-sig") if kind != "prov-xml" else None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            content: Any = data if text is None else text
            return ProvDocument.deserialize(content=content, format=_LIBRARY[kind])
    except UnicodeDecodeError as error:
        raise MalformedSource(
            path, "not UTF-8", where=f"byte {error.start}", advice="save it as UTF-8"
        ) from error
    except ImportError as error:
        raise MissingExtra("lxml", _EXTRA) from error
    except (
        Error,
        SyntaxError,
        RecursionError,
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        IndexError,
    ) as error:
        raise _malformed(path, kind, error) from error


def _malformed(path: Path, kind: str, error: Exception) -> MalformedSource:
    said = " ".join(str(error).split()) or type(error).__name__
    return MalformedSource(path, f"not {kind.upper()}: {said[:300]}", advice="export it again")


def _refuse_remote_contexts(path: Path, data: bytes) -> None:
    """JSON-LD may name contexts by address; none is fetched."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise MalformedSource(path, f"not JSON: {error}", advice="export it again") from error
    for item in document if isinstance(document, list) else [document]:
        context = item.get("@context") if isinstance(item, dict) else None
        for part in context if isinstance(context, list) else [context]:
            if isinstance(part, str):
                problem = f"the context {part} is not in the file, and none is fetched"
                raise MalformedSource(
                    path, problem, where="$['@context']", advice="expand the JSON-LD, or save it as Turtle"
                )


def _tells(text: bytes) -> bool:
    return _ACTED.search(text) is not None or len(set(_DERIVED.findall(text))) > 2


def _json_kind(text: bytes) -> str | None:
    if b"openprovenance.org/prov-jsonld" in text:
        return "prov-jsonld"
    if b"ro-crate-metadata.json" in text or b"w3id.org/ro/crate" in text:
        return None
    if b'"@' in text:
        said = _PROV in text and _IN_JSON_LD.search(text) and _tells(text)
        return "json-ld" if said and not _NOT_DATA.search(text) and _CROISSANT not in text else None
    if text.startswith(b"{") and _JSON_KINDS.search(text) and (b'"prefix"' in text or b'"prov:' in text):
        return "prov-json"
    return None


def _xml_kind(text: bytes) -> str | None:
    if _PROV not in text:
        return None
    if re.search(rb"<(?:\w+:)?document\b", text):
        return "prov-xml"
    if b"RDF" in text and not _NOT_DATA.search(text) and _tells(text):
        return "rdf-xml"
    return None


def _rdf_kind(text: bytes) -> str:
    """Turtle or N-Triples; whether there are named graphs shows when it is parsed, by the parsers of TriG and N-Quads."""
    return "turtle" if re.search(rb"(?im)^\s*@?(?:prefix|base)\b|[;,]\s*$", text) else "n-triples"
