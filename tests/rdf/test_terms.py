"""RDF terms as text: exact numbers, odd characters, foreign IRIs."""

from __future__ import annotations

import json
import math

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recup_kg.rdf import terms

XSD = "http://www.w3.org/2001/XMLSchema#"


def read(term: str) -> ox.Literal | ox.NamedNode:
    """The term as a parser of N-Triples reads it."""
    (triple,) = ox.parse(f"<urn:s> <urn:p> {term} .".encode(), format=ox.RdfFormat.N_TRIPLES)
    value = triple.object
    assert isinstance(value, ox.Literal | ox.NamedNode)
    return value


@given(st.text())
def test_any_text_comes_back(value: str) -> None:
    assert read(terms.text(value)).value == value


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("caf\udce9.dat", "caf\\xe9.dat"),
        ("\ud800", "\\ud800"),
        ("a\\b", "a\\b"),
    ],
)
def test_bytes_that_are_no_text_are_spelt_out(value: str, written: str) -> None:
    assert read(terms.text(value)).value == written


def test_json_keeps_them_in_its_own_spelling() -> None:
    literal = read(terms.json_text(json.dumps(["caf\udce9"], ensure_ascii=False)))
    assert json.loads(literal.value) == ["caf\udce9"]


@given(st.integers(-(2**70), 2**70))
def test_integers_are_exact(value: int) -> None:
    literal = read(terms.number(value))
    assert literal.value == str(value)
    assert isinstance(literal, ox.Literal) and literal.datatype.value == XSD + "integer"


@given(st.floats())
def test_doubles_come_back(value: float) -> None:
    literal = read(terms.double(value))
    number = float(literal.value.replace("INF", "inf"))
    assert number == value or (math.isnan(number) and math.isnan(value))


@pytest.mark.parametrize(
    ("value", "written"), [(math.nan, "NaN"), (math.inf, "INF"), (-math.inf, "-INF"), (1e300, "1e+300")]
)
def test_doubles_are_spelt_as_xsd_wants(value: float, written: str) -> None:
    assert terms.double(value) == f'"{written}"^^<{XSD}double>'


@pytest.mark.parametrize(
    ("value", "kind", "written"),
    [
        (3.0, "integer", "3"),
        (0.5, "double", "0.5"),
        (2.0**53, "double", "9007199254740992.0"),
        (0, "integer", "0"),
    ],
)
def test_a_number_is_an_integer_where_it_is_whole(value: float, kind: str, written: str) -> None:
    assert terms.number(value) == f'"{written}"^^<{XSD}{kind}>'


def test_counters_of_numpy_are_exact() -> None:
    numpy = pytest.importorskip("numpy")
    assert terms.number(numpy.int64(2**62 + 1)) == terms.number(2**62 + 1)
    assert terms.number(numpy.uint64(2**64 - 1)) == terms.number(2**64 - 1)
    assert terms.number(numpy.float64(0.1)) == terms.number(0.1)


def test_a_float_is_no_integer() -> None:
    with pytest.raises(TypeError):
        terms.integer(1.5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("http://example.org/a b<c>", "http://example.org/a%20b%3Cc%3E"),
        ("http://example.org/é#x", "http://example.org/é#x"),
        ("file:///caf\udce9", "file:///caf%E9"),
        ("http://example.org/%20", "http://example.org/%20"),
    ],
)
def test_foreign_iris_can_be_read(value: str, written: str) -> None:
    assert read(terms.foreign_iri(value)).value == written
