"""RDF terms as N-Quads text (https://www.w3.org/TR/n-quads/)."""

from __future__ import annotations

import math
from numbers import Integral
from operator import index

from recup_kg.rdf.secrets import json_without_secrets
from recup_kg.records import Number
from recup_kg.redaction import redact_text
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
_HALVES = range(0xD800, 0xE000)
_BYTES = range(0xDC80, 0xDD00)
"""How Python spells a byte that is not UTF-8 (PEP 383), as in names of files."""
_TEXT = _ESCAPES | {
    code: f"\\\\x{code - 0xDC00:02x}" if code in _BYTES else f"\\\\u{code:04x}" for code in _HALVES
}
# JSON has an escape of its own for them.
_JSON_TEXT = _ESCAPES | {code: f"\\\\u{code:04x}" for code in _HALVES}
_NOT_IN_IRI = dict.fromkeys(_HALVES, "%EF%BF%BD")
_NOT_IN_IRI |= {code: f"%{code - 0xDC00:02X}" for code in _BYTES}
_NOT_IN_IRI |= {code: f"%{code:02X}" for code in (*range(0x21), 0x7F, *map(ord, '<>"{}|^`\\'))}
_DOUBLE = f"^^<{XSD}double>"
_INTEGER = f"^^<{XSD}integer>"
_DATE_TIME = f"^^<{XSD}dateTime>"
_BOOLEAN = f"^^<{XSD}boolean>"
_JSON = f"^^<{RDF}JSON>"


def iri(value: str) -> str:
    """An IRI of ours, or one that is known to be well-formed."""
    return f"<{value}>"


def foreign_iri(value: str) -> str:
    """An IRI that a source states; characters that no IRI may have are percent-encoded."""
    return f"<{redact_text(value).translate(_NOT_IN_IRI)}>"


def text(value: str) -> str:
    """A plain string. A byte that is not UTF-8 is spelt `\\xe9`: RDF has no other way to keep it.

    What looks like a credential becomes a marker, here, in IRIs and in JSON: whatever a converter overlooks ends here.
    """
    return f'"{redact_text(value).translate(_TEXT)}"'


def json_text(value: str) -> str:
    """A JSON literal, from JSON text."""
    return f'"{json_without_secrets(value).translate(_JSON_TEXT)}"{_JSON}'


def double(value: Number) -> str:
    """An xsd:double that reads back as the same number."""
    number = float(value)
    if math.isfinite(number):
        return f'"{number!r}"{_DOUBLE}'
    return f'"{"NaN" if math.isnan(number) else "INF" if number > 0 else "-INF"}"{_DOUBLE}'


def integer(value: int) -> str:
    """An xsd:integer. Raises TypeError for what is no whole number by its type."""
    return f'"{index(value)}"{_INTEGER}'


def number(value: Number) -> str:
    """An xsd:integer for every integer, exactly, and for a whole float of less than 2^53; else an xsd:double."""
    if not isinstance(value, float) and isinstance(value, int | Integral):
        return integer(value)
    return integer(int(value)) if value.is_integer() and abs(value) < 2**53 else double(value)


def date_time(value: str) -> str:
    """An xsd:dateTime."""
    return f'"{value}"{_DATE_TIME}'


def boolean(value: bool) -> str:
    """An xsd:boolean."""
    return f'"{"true" if value else "false"}"{_BOOLEAN}'
