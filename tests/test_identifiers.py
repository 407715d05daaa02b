"""Identifiers: all spellings of one agree, the form is stable, and what is none is not recognised."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from recup_kg.identifiers import Identifier, recognise, recognised

SPELLINGS = {
    ("doi", "10.5281/zenodo.7711266", "https://doi.org/10.5281/zenodo.7711266"): (
        "10.5281/zenodo.7711266",
        "10.5281/ZENODO.7711266",
        "doi:10.5281/zenodo.7711266",
        "DOI:10.5281/zenodo.7711266",
        "DOI 10.5281/zenodo.7711266",
        "https://doi.org/10.5281/zenodo.7711266",
        "http://dx.doi.org/10.5281/zenodo.7711266",
        "https://doi.org/10.5281%2Fzenodo.7711266",
        "<https://doi.org/10.5281/zenodo.7711266>",
        "https://hdl.handle.net/10.5281/zenodo.7711266",
        "https://identifiers.org/doi:10.5281/zenodo.7711266",
        "https://identifiers.org/doi/10.5281/zenodo.7711266",
        "info:doi/10.5281/zenodo.7711266",
        " 10.5281/zenodo.7711266 ",
    ),
    ("doi", "10.1002/(sici)1097-4571", "https://doi.org/10.1002/(sici)1097-4571"): (
        "10.1002/(SICI)1097-4571",
        "https://doi.org/10.1002/(SICI)1097-4571",
    ),
    ("ark", "ark:12148/btv1b8449691v", "https://n2t.net/ark:12148/btv1b8449691v"): (
        "ark:/12148/btv1b8449691v",
        "ark:12148/btv1b8449691v",
        "ARK:/12148/btv1b8449691v",
        "https://n2t.net/ark:/12148/btv1b8449691v",
        "http://n2t.net/ark:12148/btv1b8449691v",
        "https://gallica.bnf.fr/ark:/12148/btv1b8449691v",
    ),
    ("minid", "minid:b91t4x8", "https://n2t.net/ark:57799/b91t4x8"): (
        "minid:b91t4x8",
        "ark:/57799/b91t4x8",
        "https://identifiers.org/minid:b91t4x8",
        "https://n2t.net/minid:b91t4x8",
    ),
    ("orcid", "0000-0002-1825-0097", "https://orcid.org/0000-0002-1825-0097"): (
        "0000-0002-1825-0097",
        "https://orcid.org/0000-0002-1825-0097",
        "http://orcid.org/0000-0002-1825-0097",
        "https://www.orcid.org/0000-0002-1825-0097/",
        "https://orcid.org/0000000218250097",
        "orcid:0000-0002-1825-0097",
        "ORCID:0000000218250097",
        "https://identifiers.org/orcid:0000-0002-1825-0097",
    ),
    ("orcid", "0000-0002-1694-233X", "https://orcid.org/0000-0002-1694-233X"): (
        "0000-0002-1694-233X",
        "https://orcid.org/0000-0002-1694-233x",
    ),
    ("ror", "03yrm5c26", "https://ror.org/03yrm5c26"): (
        "https://ror.org/03yrm5c26",
        "http://ror.org/03YRM5C26",
        "ror.org/03yrm5c26",
        "ror:03yrm5c26",
    ),
    (
        "swhid",
        "swh:1:cnt:94a9ed024d3859793618152ea559a168bbcbb5e2;lines=9-15",
        "https://archive.softwareheritage.org/swh:1:cnt:94a9ed024d3859793618152ea559a168bbcbb5e2;lines=9-15",
    ): (
        "swh:1:cnt:94a9ed024d3859793618152ea559a168bbcbb5e2;lines=9-15",
        "https://archive.softwareheritage.org/swh:1:cnt:94a9ed024d3859793618152ea559a168bbcbb5e2;lines=9-15",
        "https://archive.softwareheritage.org/swh:1:cnt:94a9ed024d3859793618152ea559a168bbcbb5e2;lines=9-15/",
    ),
    ("handle", "2381/12775", "https://hdl.handle.net/2381/12775"): (
        "hdl:2381/12775",
        "https://hdl.handle.net/2381/12775",
        "http://hdl.handle.net/2381/12775",
        "info:hdl/2381/12775",
    ),
    ("identifiers.org", "taxonomy:9606", "https://identifiers.org/taxonomy:9606"): (
        "https://identifiers.org/taxonomy:9606",
        "http://identifiers.org/taxonomy/9606",
    ),
    ("identifiers.org", "go:0006915", "https://identifiers.org/go:0006915"): (
        "https://identifiers.org/GO:0006915",
        "https://identifiers.org/go/GO:0006915",
    ),
    ("w3id", "https://w3id.org/ro/crate/1.1", "https://w3id.org/ro/crate/1.1"): (
        "https://w3id.org/ro/crate/1.1",
        "http://w3id.org/ro/crate/1.1",
    ),
    ("purl", "http://purl.org/dc/terms/", "https://purl.org/dc/terms/"): (
        "http://purl.org/dc/terms/",
        "https://purl.org/dc/terms/",
    ),
    ("uuid", "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", None): (
        "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "URN:UUID:F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6",
    ),
}

NONE = (
    "",
    " ",
    "hello",
    "12345",
    "0000000218250097",  # sixteen digits may be anything
    "0000-0002-1825-0098",  # checksum
    "https://orcid.org/0000-0002-1825-0098",
    "https://orcid.org/",
    "03yrm5c26",  # the name of a file may look like that
    "https://ror.org/",
    "https://ror.org/about",
    "2381/12775",  # or any path
    "results/part",
    "10.5",
    "10.1.0.1",
    "taxonomy:9606",  # prefixed names are the writer's
    "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    "urn:uuid:f81d4fae",
    "urn:uuid:{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}",
    "https://example.org/10.5281/zenodo.1",
    "https://doi.org/",
    "https://doi.org:8443/10.5281/zenodo.1",
    "https://someone@doi.org/10.5281/zenodo.1",
    "https://[broken",
    "https://w3id.org/",
    "https://identifiers.org/taxonomy",
    "ark:12148",
    "ark:/12148/",
    "minid:",
    "swh:1:cnt:94a9",
    "swh:1:xxx:94a9ed024d3859793618152ea559a168bbcbb5e2",
    "see 10.5281/zenodo.7711266 for it",
)


@pytest.mark.parametrize(
    ("expected", "text"), [(key, text) for key, texts in SPELLINGS.items() for text in texts]
)
def test_all_spellings_of_an_identifier_have_one_form(
    expected: tuple[str, str, str | None], text: str
) -> None:
    found = recognise(text)
    assert found is not None
    assert (found.scheme, found.value, found.resolvable) == expected
    assert found.written == text


@pytest.mark.parametrize("text", NONE)
def test_what_does_not_say_that_it_is_an_identifier_is_none(text: str) -> None:
    assert recognise(text) is None


def test_identifiers_are_the_same_however_written() -> None:
    one, other = recognise("doi:10.1/A1"), recognise("https://doi.org/10.1/a1")
    assert one is not None and other is not None
    assert one != other and one.same(other)


def test_each_identifier_among_texts_is_there_once() -> None:
    found = list(recognised(iter(["x", "doi:10.1234/A", "10.1234/a", "hdl:2381/12775"])))
    assert [item.value for item in found] == ["10.1234/a", "2381/12775"]


def _again(found: Identifier) -> str:
    """The form that says its scheme by itself."""
    return found.resolvable or found.value


_TAIL = st.text(st.characters(codec="utf-8", exclude_categories=("Z", "C")), min_size=1, max_size=20)


@given(
    st.one_of(
        st.text(max_size=40),
        _TAIL.map(lambda tail: f"doi:10.1234/{tail}"),
        _TAIL.map(lambda tail: f"https://doi.org/10.1234/{tail}"),
        _TAIL.map(lambda tail: f"ark:/12148/{tail}"),
        _TAIL.map(lambda tail: f"hdl:2381/{tail}"),
        _TAIL.map(lambda tail: f"https://identifiers.org/{tail}"),
        _TAIL.map(lambda tail: f"http://w3id.org/{tail}"),
    )
)
@example("doi:10.1234/%2F")
@example("https://identifiers.org/a:a:a:b")
@example("https://w3id.org//x")
def test_the_form_is_stable(text: str) -> None:
    found = recognise(text)
    if found is not None:
        again = recognise(_again(found))
        assert again is not None
        assert found.same(again), (found, again)
