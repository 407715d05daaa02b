"""RDF terms as N-Quads text (https://www.w3.org/TR/n-quads/)."""

from __future__ import annotations

from recup_kg.records import Number
from recup_kg.vocab import RDF, XSD

_ESCAPES = {
    **{code: f"\\u{code:04X}" for code in (*range(0x20), 0x7F)},
    ord("\\"): "\\\\",
    ord('"'): '\\"',
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): "\\t",
    0x08: "\\b",
    0x0C: "\\f",
}
_DOUBLE = f"^^<{XSD}double>"
_INTEGER = f"^^<{XSD}integer>"
_DATE_TIME = f"^^<{XSD}dateTime>"
_BOOLEAN = f"^^<{XSD}boolean>"
_JSON = f"^^<{RDF}JSON>"


def iri(value: str) -> str:
    """An IRI."""
    return f"<{value}>"


def text(value: str) -> str:
    """A plain string."""
    return f'"{value.translate(_ESCAPES)}"'


def json_text(value: str) -> str:
    """A JSON literal, from JSON text."""
    return f'"{value.translate(_ESCAPES)}"{_JSON}'


def double(value: Number) -> str:
    """An xsd:double that reads back as the same number."""
    return f'"{float(value)!r}"{_DOUBLE}'


def integer(value: int) -> str:
    """An xsd:integer."""
    return f'"{value}"{_INTEGER}'


def number(value: Number) -> str:
    """An xsd:integer for a whole number of at most 2^63, else an xsd:double."""
    if isinstance(value, int):
        return integer(value)
    return integer(int(value)) if value.is_integer() and abs(value) < 2**53 else double(value)


def date_time(value: str) -> str:
    """An xsd:dateTime."""
    return f'"{value}"{_DATE_TIME}'


def boolean(value: bool) -> str:
    """An xsd:boolean."""
    return f'"{"true" if value else "false"}"{_BOOLEAN}'
