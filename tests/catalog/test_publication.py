"""catalog.toml."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from recup_kg.catalog.publication import Agent, Publication, Theme, load_publication, publication_file
from recup_kg.errors import SourceError
from tests.catalog.conftest import BASE


def test_all_that_it_says_is_taken(publication: Publication) -> None:
    assert publication == Publication(
        base=BASE,
        title="Executions of the lab",
        description="Executions of scientific workflows.",
        publisher=Agent("The lab", "https://ror.org/02mhbdp94"),
        creators=(Agent("Ada Author", "https://orcid.org/0000-0002-1825-0097", None, True),),
        contact=Agent("Data desk", None, "data@lab.example"),
        licence="https://spdx.org/licenses/CC-BY-4.0",
        access_right="http://publications.europa.eu/resource/authority/access-right/PUBLIC",
        language="http://id.loc.gov/vocabulary/iso639-1/en",
        themes=(
            Theme(
                "http://publications.europa.eu/resource/authority/data-theme/TECH", "Science and technology"
            ),
        ),
        keywords=("HPC",),
        spatial="https://sws.geonames.org/4887398/",
        identifier="https://doi.org/10.5281/zenodo.1234",
        issued="2026-11-23",
        funding=("Agency, grant 1",),
    )


def test_nothing_is_made_up(tmp_path: Path) -> None:
    empty = tmp_path / "catalog.toml"
    empty.write_text("")
    assert load_publication(empty, BASE) == load_publication(None, BASE) == Publication(BASE)


def test_an_iri_stands_for_itself(tmp_path: Path) -> None:
    file = tmp_path / "catalog.toml"
    address = "https://example.org/x"
    file.write_text(
        f'licence = "{address}"\naccess = "{address}"\nlanguage = "{address}"\nthemes = ["{address}"]\n'
        f'identifier = "{address}"\npublisher = {{ name = "L", url = "{address}" }}'
    )
    found = load_publication(file, BASE)
    assert {found.licence, found.access_right, found.language, found.identifier} == {address}
    assert found.themes == (Theme(address),)
    assert found.publisher == Agent("L", address)


@pytest.mark.parametrize(
    ("text", "where", "problem"),
    [
        ("tittle = 'x'", "tittle", "no such key; there are: access, contact, creators"),
        ("title = 3", "title", "is no text"),
        ("title = ' '", "title", "is no text"),
        ("licence = 'my own licence'", "licence", "'my own licence' is no code that is known, and no IRI"),
        ("access = 'secret'", "access", "'secret' is no code"),
        ("language = 'english'", "language", "'english' is no code"),
        ("themes = ['SCIENCE']", "themes[0]", "'SCIENCE' is no code of the EU's themes, and no IRI"),
        ("themes = 'TECH'", "themes", "is no list of texts"),
        ("creators = ['Ada']", "creators", "is no list of tables"),
        ("spatial = 'Chicago'", "spatial", "'Chicago' is no http or https IRI"),
        ("spatial = 'https://a b'", "spatial", "is no http or https IRI"),
        ("identifier = 'catalogue 7'", "identifier", "is no http or https IRI"),
        ("issued = '2026'", "issued", "is no date"),
        ("publisher = 'The lab'", "publisher", "is no table"),
        ("publisher = { ror = 'x' }", "publisher", "has no name"),
        ("publisher = { name = 'L', phone = '1' }", "publisher.phone", "no such key"),
        ("publisher = { name = 'L', ror = '123' }", "publisher.ror", "'123' is no ROR iD"),
        ("creators = [{ name = 'A', orcid = '0000-0002-1825-0098' }]", "creators[0].orcid", "is no ORCID iD"),
        ("contact = { name = 'A' }", "contact", "has no email and no url"),
        ("contact = { name = 'A', email = 'here' }", "contact.email", "'here' is no address"),
        ("contact = { name = 3 }", "contact", "has a value that is no text"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, where: str, problem: str) -> None:
    file = tmp_path / "catalog.toml"
    file.write_text(text)
    with pytest.raises(SourceError) as caught:
        load_publication(file, BASE)
    assert caught.value.where == where
    assert problem in caught.value.problem
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    file = tmp_path / "catalog.toml"
    file.write_text("title = ")
    with pytest.raises(SourceError, match="is no TOML"):
        load_publication(file, BASE)
    file.write_bytes(b"title = '\xff'")
    with pytest.raises(SourceError, match="byte 9: is not UTF-8"):
        load_publication(file, BASE)
    with pytest.raises(SourceError, match="can't be read"):
        load_publication(tmp_path / "none.toml", BASE)


def test_it_lies_in_the_store_or_is_named(tmp_path: Path) -> None:
    assert publication_file(str(tmp_path), None) is None
    (tmp_path / "catalog.toml").write_text("")
    assert publication_file(str(tmp_path), None) == tmp_path / "catalog.toml"
    other = tmp_path / "other.toml"
    assert publication_file(str(tmp_path), other) == other
    assert publication_file("http://localhost:1/sparql", None) is None


def test_each_line_of_the_template_can_be_used(tmp_path: Path) -> None:
    template = files("recup_kg.catalog").joinpath("catalog.toml").read_text()
    assert tomllib.loads(template) == {}
    lines = [line.removeprefix("# ") for line in template.splitlines() if " = " in line]
    assert len(lines) == 14
    file = tmp_path / "catalog.toml"
    said = "\n".join(lines).replace("https://ror.org/...", "https://ror.org/02mhbdp94")
    said = said.replace("0000-0000-0000-0000", "0000-0002-1825-0097").replace("/.../", "/1/")
    file.write_text(said.replace("https://doi.org/...", "https://doi.org/10.5281/zenodo.1234"))
    found = load_publication(file, BASE)
    assert found.publisher is not None
    assert found.issued == "2026-11-23"
