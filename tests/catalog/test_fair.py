"""What a catalogue lacks."""

from __future__ import annotations

import dataclasses
import json

import pytest

from recup_kg.catalog.datasets import datasets, listed
from recup_kg.catalog.fair import checked, missing
from recup_kg.catalog.publication import Agent, Publication
from recup_kg.catalog.schema_org import dataset_document
from recup_kg.store import Store
from tests.catalog.conftest import BASE, A


def test_nothing_said_is_all_missing(opened: Store) -> None:
    known = datasets(opened, listed(opened))
    found = missing(Publication("http://127.0.0.1:8000"), known)
    assert [item.principle for item in found if item.count is None] == [
        *("F1", "F2", "F2", "F2", "F2", "F4", "A1.1", "A1.2", "A2", "I1", "R1.1", "R1.2", "R1.2"),
    ]
    assert checked(known) == 21
    assert checked(()) == 14
    assert not [item for item in missing(Publication(BASE), ()) if item.count is not None]


def test_a_full_file_leaves_what_only_sources_can_tell(opened: Store, publication: Publication) -> None:
    known = datasets(opened, listed(opened))
    found = missing(publication, known)
    assert not [item.what for item in found if item.count is None]
    named = {item.what: item for item in found}
    assert (
        named["a persistent identifier (DOI, ARK, ...)"].count
        == named["a persistent identifier (DOI, ARK, ...)"].total
        == 5
    )
    assert "a licence" not in named
    json.dumps([item.to_dict() for item in found])


@pytest.mark.parametrize(
    ("base", "private"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost", True),
        ("http://192.168.1.2", True),
        ("http://login1", True),
        ("http://kg.internal", True),
        ("https://kg.example.org", False),
        ("https://[2606:4700::1111]", False),
    ],
)
def test_an_address_that_others_reach(base: str, private: bool) -> None:
    found = {item.what for item in missing(Publication(base), ())}
    assert ("an address that others reach" in found) is private
    assert ("an encrypted connection" in found) is base.startswith("http:")


def test_an_agent_without_an_identifier_is_noticed(publication: Publication) -> None:
    poor = dataclasses.replace(publication, publisher=Agent("L"), creators=(Agent("A", is_person=True),))
    found = [item.what for item in missing(poor, ())]
    assert found == ["the publisher's ROR iD", "a creator with an ORCID iD"]


def test_schema_org_says_the_same(opened: Store, publication: Publication) -> None:
    (entry,) = [entry for entry in listed(opened) if entry.name == A]
    (item,) = datasets(opened, [entry])
    said = dataset_document(publication, item)
    assert said["@type"] == "Dataset"
    assert said["name"] == item.title
    assert said["license"] == publication.licence
    assert said["about"] == {"@id": item.thing}
    assert said["isAccessibleForFree"] is True
    assert len(said["distribution"]) == len(item.distributions)
    assert [form["sha256"] for form in said["distribution"] if "sha256" in form] == [
        form.sha256 for form in item.distributions if form.sha256
    ]
    bare = dataset_document(Publication(BASE), item)
    assert not {"license", "publisher", "spatialCoverage", "isAccessibleForFree"} & set(bare)
