"""Solutions of a SELECT query, row by row, in the four formats that SPARQL 1.1 knows.

Row by row, because the number of rows is limited and the serialiser of the store knows no limit. JSON
(https://www.w3.org/TR/sparql11-results-json/), XML (https://www.w3.org/TR/rdf-sparql-XMLres/), CSV and TSV
(https://www.w3.org/TR/sparql11-results-csv-tsv/).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeAlias
from xml.sax.saxutils import escape, quoteattr

import pyoxigraph

from recup_kg.store.table import Term, json_term
from recup_kg.web.negotiation import CSV, JSON, TSV, XML

Row: TypeAlias = Sequence[Term | None]
_NAMESPACE = "http://www.w3.org/2005/sparql-results#"
_PLAIN = frozenset(
    (
        "http://www.w3.org/2001/XMLSchema#string",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#dirLangString",
    )
)
# XML 1.0 has no way to say these (https://www.w3.org/TR/xml/#charsets).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Sink(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> object:
        """Take them."""
        ...


def write_solutions(media_type: str, columns: Sequence[str], rows: Iterable[Row], sink: Sink) -> None:
    """Write all rows in a format. What `rows` or the sink raise comes through."""
    _WRITERS[media_type](columns, rows, sink)


def _json(columns: Sequence[str], rows: Iterable[Row], sink: Sink) -> None:
    sink.write(f'{{"head":{{"vars":{json.dumps(list(columns))}}},"results":{{"bindings":['.encode())
    separator = ""
    for row in rows:
        binding = {name: json_term(term) for name, term in zip(columns, row, strict=True) if term is not None}
        sink.write((separator + json.dumps(binding, ensure_ascii=False, separators=(",", ":"))).encode())
        separator = ","
    sink.write(b"]}}")


def _xml(columns: Sequence[str], rows: Iterable[Row], sink: Sink) -> None:
    names = "".join(f"<variable name={quoteattr(name)}/>" for name in columns)
    sink.write(f'<?xml version="1.0"?><sparql xmlns="{_NAMESPACE}"><head>{names}</head><results>'.encode())
    starts = [f"<binding name={quoteattr(name)}>" for name in columns]
    for row in rows:
        cells = "".join(
            f"{start}{_xml_term(term)}</binding>"
            for start, term in zip(starts, row, strict=True)
            if term is not None
        )
        sink.write(f"<result>{cells}</result>".encode())
    sink.write(b"</results></sparql>")


def _xml_term(term: Term) -> str:
    if isinstance(term, pyoxigraph.NamedNode):
        return f"<uri>{_xml_text(term.value)}</uri>"
    if isinstance(term, pyoxigraph.BlankNode):
        return f"<bnode>{_xml_text(term.value)}</bnode>"
    if isinstance(term, pyoxigraph.Triple):
        parts = (("subject", term.subject), ("predicate", term.predicate), ("object", term.object))
        return f"<triple>{''.join(f'<{name}>{_xml_term(part)}</{name}>' for name, part in parts)}</triple>"
    attribute = ""
    if term.language is not None:
        attribute = f" xml:lang={quoteattr(term.language)}"
    elif term.datatype.value not in _PLAIN:
        attribute = f" datatype={quoteattr(term.datatype.value)}"
    return f"<literal{attribute}>{_xml_text(term.value)}</literal>"


def _xml_text(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text), {"\r": "&#13;"})


def _csv(columns: Sequence[str], rows: Iterable[Row], sink: Sink) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_csv_text(term) for term in row])
        if text.tell() > io.DEFAULT_BUFFER_SIZE:
            sink.write(text.getvalue().encode())
            text.seek(0)
            text.truncate()
    sink.write(text.getvalue().encode())


def _csv_text(term: Term | None) -> str:
    if term is None:
        return ""
    return term.value if isinstance(term, pyoxigraph.NamedNode | pyoxigraph.Literal) else str(term)


def _tsv(columns: Sequence[str], rows: Iterable[Row], sink: Sink) -> None:
    sink.write(("\t".join(f"?{name}" for name in columns) + "\n").encode())
    for row in rows:
        line = "\t".join("" if term is None else _tsv_text(term) for term in row)
        sink.write(f"{line}\n".encode())


def _tsv_text(term: Term) -> str:
    # N-Triples, which is Turtle; it escapes line feeds, and a tab stays where it is.
    return str(term).replace("\t", "\\t")


_WRITERS: dict[str, Callable[[Sequence[str], Iterable[Row], Sink], None]] = {
    JSON: _json,
    XML: _xml,
    CSV: _csv,
    TSV: _tsv,
}
