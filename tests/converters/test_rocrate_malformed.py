"""Broken crates: one clear line each."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from recup_kg.converters import rocrate
from recup_kg.errors import MalformedSource
from tests.converters.crates import METADATA, action, crate, save

BROKEN: dict[str, tuple[Any, str]] = {
    "no JSON": (
        "{",
        "line 1, column 2: not JSON: Expecting property name enclosed in double quotes; export the crate again",
    ),
    "cut off": (
        '{"@graph": [{"@id": "x"',
        "line 1, column 24: not JSON: Expecting ',' delimiter; export the crate again",
    ),
    "no object": ("[]", "$: a crate is a JSON object; see docs/formats/ro-crate.md"),
    "no graph": ({"@context": []}, "$: no @graph; give the metadata file of an RO-Crate"),
    "graph is no array": ({"@graph": {}}, "$['@graph']: @graph is no array; list the entities there"),
    "entity is no object": ({"@graph": [1]}, "$['@graph'][0]: an entity is a JSON object; remove it"),
    "id is no text": ({"@graph": [{"@id": 1}]}, "$['@graph'][0]['@id']: an @id is a text; name the entity"),
    "no root": (
        {"@graph": [{"@id": "x"}]},
        "$['@graph']: no metadata descriptor with about, and no root dataset './'; "
        "add the entity 'ro-crate-metadata.json' that is about the crate",
    ),
    "half a character": ('{"@graph": ["\\ud800"]}', "a text holds half a character; export the crate again"),
    "not a number": ('{"@graph": [NaN]}', "not JSON: NaN is no number of JSON; export the crate again"),
    "deep": ('{"a":' * 100_000, "not JSON: nested too deep; export the crate again"),
}


@pytest.mark.parametrize("case", BROKEN, ids=str)
def test_refused(case: str, tmp_path: Path) -> None:
    content, problem = BROKEN[case]
    path = save(tmp_path, content)
    with pytest.raises(MalformedSource) as caught:
        rocrate.read(path)
    assert str(caught.value) == f"{path}: {problem}"


def test_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / METADATA
    path.write_bytes(b'{"@graph": "\xff"}')
    with pytest.raises(MalformedSource, match=r"byte 12: not UTF-8; export the crate again"):
        rocrate.read(path)


def test_a_damaged_zip(tmp_path: Path) -> None:
    path = tmp_path / "crate.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(METADATA, "x" * 5000)
    data = bytearray(path.read_bytes())
    data[60:64] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert rocrate.sniff(path)
    with pytest.raises(
        MalformedSource, match=r"ro-crate-metadata.json: can't be unpacked: .*; export the crate again"
    ):
        rocrate.read(path)


def test_a_zip_without_a_crate(tmp_path: Path) -> None:
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "x")
    assert not rocrate.sniff(path)
    with pytest.raises(
        MalformedSource, match=r"no ro-crate-metadata\.json in this zip; give the zip of an RO-Crate"
    ):
        rocrate.read(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04",
        b"{}",
        b'{"@context": "https://schema.org/", "@graph": []}',
        b"ro-crate-metadata.json",
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_crate_is_not_recognised(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert not rocrate.sniff(path)


def test_a_crate_with_everything_wrong_in_one_entity_is_still_read(tmp_path: Path) -> None:
    odd = {
        "@id": "#odd",
        "@type": [1, {"@id": "x"}],
        "name": {"@value": None},
        "object": [None, [[]], {}, {"@list": [1, {"@id": "y"}]}],
    }
    assert rocrate.read(save(tmp_path, crate(odd, action("#a", None, None, agent=[{}, {"@id": ""}]))))
