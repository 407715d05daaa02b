"""Mappings: each kind of fact, and every class of records with every field."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import pytest

import recup_kg.evidence
from recup_kg.rdf import mapping
from recup_kg.rdf import mappings as package
from recup_kg.rdf.mapping import WRITTEN, ClassMapping, Facts
from recup_kg.rdf.mappings import mappings
from recup_kg.records import Timestamp
from recup_kg.vocab import PROV, RECUP

XSD = "http://www.w3.org/2001/XMLSchema#"
P = "urn:p"
BASE = "https://w3id.org/recup/evidence/e"
TAKEN = {"task", "data", "node", "step", "coverage", "gap", "artefact", "metric", "table", "author", "system"}
"""Segments below an execution or evidence that the writers of graphs use."""
SHARED = {"agent", "process", "node", "task"}
"""Several classes say something of one thing, or a source refers to it without saying of which class it is."""


def facts(made: Facts, value: Any, record: Any = None) -> list[tuple[str, str | None]]:
    return list(made(BASE, value, record))


@pytest.mark.parametrize(
    ("made", "value", "expected"),
    [
        (mapping.text(P), "a", ['"a"']),
        (mapping.text(P), None, []),
        (mapping.text(P), (), []),
        (mapping.text(P), ("a", "b"), ['"a"', '"b"']),
        (mapping.text(P), "", ['""']),
        (mapping.integer(P), 0, [f'"0"^^<{XSD}integer>']),
        (mapping.double(P), 3, [f'"3.0"^^<{XSD}double>']),
        (mapping.number(P), 3.5, [f'"3.5"^^<{XSD}double>']),
        (mapping.boolean(P), False, [f'"false"^^<{XSD}boolean>']),
        (mapping.boolean(P), None, []),
        (mapping.flag(P), False, []),
        (mapping.flag(P), True, [f'"true"^^<{XSD}boolean>']),
        (mapping.iri(P), "http://a b", ["<http://a%20b>"]),
        (mapping.term(P), "SeedUnset", [f"<{RECUP}SeedUnset>"]),
        (mapping.value(P), True, [f'"true"^^<{XSD}boolean>']),
        (mapping.value(P), 2, [f'"2"^^<{XSD}integer>']),
        (mapping.value(P), "2", ['"2"']),
        (mapping.link(P, "file"), "/a b", [f"<{BASE}/file/%2Fa%20b>"]),
        (mapping.link(P, "file"), ("x", "y"), [f"<{BASE}/file/x>", f"<{BASE}/file/y>"]),
        (mapping.pairs(P), (("a", "b=c"),), ['"a=b=c"']),
    ],
)
def test_facts(made: Facts, value: Any, expected: list[str]) -> None:
    assert facts(made, value) == [(P, term) for term in expected]


def test_json_is_one_literal() -> None:
    ((_, literal),) = facts(mapping.json_value(P), ("a", 1, None))
    assert literal is not None and literal.endswith("rdf-syntax-ns#JSON>")
    assert json.loads(json.loads(literal.rpartition("^^")[0])) == ["a", 1, None]
    assert facts(mapping.json_value(P), None) == []
    with pytest.raises(ValueError, match="not JSON compliant"):
        facts(mapping.json_value(P), (float("nan"),))


@pytest.mark.parametrize(
    ("written", "iso", "spelt"),
    [
        ("2020-12-25T20:10:08Z", "2020-12-25T20:10:08Z", False),
        ("2020-12-25T20:10:08", "2020-12-25T20:10:08", False),
        # Stores give these back as ...08Z and ...08.5.
        ("2020-12-25T20:10:08+00:00", "2020-12-25T20:10:08+00:00", True),
        ("2020-12-25T20:10:08.50", "2020-12-25T20:10:08.50", True),
        ("1608927008", "2020-12-25T20:10:08Z", True),
        ("yesterday", None, True),
    ],
)
def test_times_keep_the_spelling_that_a_store_would_not_give_back(
    written: str, iso: str | None, spelt: bool
) -> None:
    found = dict(facts(mapping.time(PROV + "startedAtTime"), Timestamp(written, iso)))
    expected = {} if iso is None else {PROV + "startedAtTime": f'"{iso}"^^<{XSD}dateTime>'}
    assert found == expected | ({RECUP + "startedAsWritten": f'"{written}"'} if spelt else {})


def test_a_time_needs_a_property_for_its_spelling() -> None:
    with pytest.raises(TypeError, match="urn:other: WRITTEN"):
        mapping.time("urn:other")
    assert facts(mapping.time(PROV + "endedAtTime"), None) == []
    assert len(set(WRITTEN.values())) == len(WRITTEN) >= 5


def test_counters_are_properties_of_their_tool() -> None:
    @dataclass
    class Of:
        tool: str

    found = facts(mapping.counters, (("CPUTIME (s):Sum", 0.5), ("N", 2**63)), Of("hpctoolkit"))
    assert found == [
        ("https://w3id.org/recup/hpctoolkit#CPUTIME%20%28s%29%3ASum", f'"0.5"^^<{XSD}double>'),
        ("https://w3id.org/recup/hpctoolkit#N", f'"{2**63}"^^<{XSD}integer>'),
    ]


def record_classes() -> set[type]:
    """The dataclasses of `recup_kg.evidence` whose instances have an identifier."""
    names = [module.name for module in pkgutil.iter_modules(recup_kg.evidence.__path__)]
    modules = [importlib.import_module(f"recup_kg.evidence.{name}") for name in names]
    return {
        item
        for module in modules
        for item in vars(module).values()
        if isinstance(item, type) and is_dataclass(item) and item.__module__ == module.__name__
        if "identifier" in {field.name for field in fields(item)}
    }


def test_every_class_of_records_has_a_mapping() -> None:
    assert set(mappings()) == record_classes()
    assert len(mappings()) >= 25


def test_every_record_is_frozen_with_slots() -> None:
    for cls in record_classes():
        assert cls.__dataclass_params__.frozen and "__slots__" in vars(cls), cls  # type: ignore[attr-defined]


def test_no_two_classes_share_the_segment_of_their_iris() -> None:
    kinds = [made.kind for made in mappings().values()]
    assert {kind for kind in kinds if kinds.count(kind) > 1} <= SHARED
    assert not set(kinds) & TAKEN - SHARED
    assert all(re.fullmatch(r"[a-z][a-z-]*", kind) for kind in kinds)


def test_links_point_at_segments_that_exist() -> None:
    known = TAKEN | {made.kind for made in mappings().values()}
    linked = {
        cell.cell_contents
        for made in mappings().values()
        for field in made.fields.values()
        if field.__qualname__.startswith("link.")
        for name, cell in zip(field.__code__.co_freevars, field.__closure__ or (), strict=True)  # type: ignore[attr-defined]
        if name == "kind"
    }
    assert len(linked) >= 5
    assert linked <= known


@dataclass(frozen=True, slots=True)
class _Thing:
    identifier: str
    size: int


@pytest.mark.parametrize("named", [{}, {"size": mapping.integer(P), "sise": mapping.integer(P)}])
def test_a_forgotten_or_misspelt_field_is_refused(named: dict[str, Facts]) -> None:
    with pytest.raises(TypeError, match=r"_Thing: the mapping and the class differ in \['si[sz]e'\]"):
        package._complete(ClassMapping(_Thing, "thing", (), named))
