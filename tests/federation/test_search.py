"""Words are found in our own store and in harvests, and each hit says where it is from."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import recup_kg
from recup_kg.errors import StoreBusy, StoreError, UsageError
from recup_kg.federation import search_index
from recup_kg.federation.fetching import Fetcher, Limits
from recup_kg.federation.harvest import harvest
from recup_kg.federation.peers import PeerRegistry
from recup_kg.federation.recognise import recognise
from recup_kg.federation.search import INDEX, Hit, find
from recup_kg.federation.search_index import Part, expression
from recup_kg.federation.search_items import Item
from tests.federation.harvest_server import Reply, Site, site
from tests.federation.harvest_sites import Repository, crate, turtle

RUNS = ("blast-chameleon-small-002", "blast-chameleon-small-003")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    folder = tmp_path_factory.mktemp("search") / "store"
    with recup_kg.open(str(folder)) as kg:
        files = sorted((root / "data" / "wfformat").rglob("blast-chameleon-small-00*.json"))
        assert [kg.ingest(path).name for path in files] == list(RUNS)
        kg.tag(RUNS[0], "nightly-Übung")
        kg.compare(*RUNS)
    return folder


@pytest.fixture
def server() -> Iterator[Site]:
    with site() as found:
        yield found


def add(folder: Path, url: str, name: str) -> PeerRegistry:
    registry = PeerRegistry(folder)
    registry.add(recognise(url, Fetcher(Limits(pause=5)), name=name, taken=()))
    harvest(registry, name, Limits(pause=5))
    return registry


def hits(folder: Path, words: str, peer: str | None = None) -> list[tuple[str | None, str, str]]:
    found, _ = find(folder, words, peer=peer, limit=1000)
    return [(hit.peer, hit.kind, hit.title) for hit in found]


def test_each_kind_of_thing_of_our_own(filled: Path) -> None:
    kinds = {kind for _, kind, _ in hits(filled, "blast*")}
    assert {"run", "workflow", "program", "file"} <= kinds
    assert (None, "tag", "nightly-Übung") in hits(filled, "nightly")
    (comparison,) = [hit for hit in hits(filled, "blast-chameleon-small-003") if hit[1] == "comparison"] or [
        hit for hit in hits(filled, "ratio") if hit[1] == "comparison"
    ]
    assert comparison[0] is None
    assert [title for _, kind, title in hits(filled, "blastall") if kind == "program"] == ["blastall"] * 2


def test_a_hit_of_our_own_names_its_run_and_iri(filled: Path) -> None:
    found, total = find(filled, "cat_blast", limit=100)
    assert total == len(found)
    assert {(hit.kind, hit.run) for hit in found if hit.kind == "file"} == {("file", run) for run in RUNS}
    inside = [hit for hit in found if hit.kind in ("file", "program")]
    assert len(inside) == 4
    assert all(hit.iri.startswith("https://w3id.org/recup/run/") for hit in inside)
    assert all(hit.licence is None and hit.peer is None for hit in found)


def test_words_with_hyphens_prefixes_phrases_and_accents(filled: Path) -> None:
    def runs(words: str) -> set[str]:
        return {title for _, kind, title in hits(filled, words) if kind == "run"}

    assert runs("blast-chameleon") == set(RUNS)
    assert runs("blast-chameleon-small-003") == {RUNS[1]}
    assert runs("chameleon-blast") == set()
    assert runs("chameleon blast") == set(RUNS)
    assert runs('"chameleon small"') == set(RUNS)
    assert runs('"small chameleon"') == set()
    assert runs("chamel*") == set(RUNS)
    assert runs("chamel") == set()
    assert runs("BLAST-CHAMELEON-SMALL-00*") == set(RUNS)
    assert hits(filled, "ubung") == hits(filled, "Übung") != []


def test_the_limit_cuts_the_hits_and_not_their_number(filled: Path) -> None:
    found, total = find(filled, "blast*", limit=3)
    assert len(found) == 3 < total
    everything, _ = find(filled, "blast*", limit=1000)
    assert found == everything[:3]
    # What stands for itself comes before the parts of runs; the best comes first in both.
    order = [(hit.kind in ("file", "program", "parameter"), -hit.score) for hit in everything]
    assert order == sorted(order)
    assert len({part for part, _ in order}) == 2


def test_what_others_hold_is_found_beside_ours(filled: Path, server: Site) -> None:
    server.pages["/c"] = turtle(
        f"<{server.url}/c> a dcat:Catalog ; dct:title 'A shelf' ; dct:license <http://l.example/by> .\n"
        f"<{server.url}/d> a dcat:Dataset ; dct:title 'Alignments' ; dct:description 'Made with blastall.' ; "
        "dcat:keyword 'proteins', 'Hélice' ; dct:creator [ foaf:name 'Rosalind Franklin' ] ; "
        "dct:identifier '10.1234/abc' ; dcat:landingPage <http://page.example/> ; "
        "dcat:distribution [ dct:license <http://l.example/cc0> ] ."
    )
    add(filled, f"{server.url}/c", "shelf")
    found, _ = find(filled, "blastall", limit=100)
    assert {hit.peer for hit in found} == {None, "shelf"}
    (hit,) = [hit for hit in found if hit.peer]
    assert (hit.kind, hit.title, hit.iri) == ("dataset", "Alignments", f"{server.url}/d")
    assert (hit.page, hit.licence, hit.run) == ("http://page.example/", "http://l.example/cc0", None)
    for words in ("helice", "rosalind franklin", "10.1234/abc", "proteins made", "alignments"):
        assert ("shelf", "dataset", "Alignments") in hits(filled, words), words
    assert hits(filled, "shelf", peer="shelf") == [("shelf", "catalogue", "A shelf")]
    assert hits(filled, "blastall", peer="shelf") == [("shelf", "dataset", "Alignments")]
    PeerRegistry(filled).remove("shelf")
    assert {hit.peer for hit in find(filled, "blastall", limit=100)[0]} == {None}


def test_the_licence_is_what_is_stated_and_nothing_else(tmp_path: Path, server: Site) -> None:
    server.pages["/c"] = turtle(
        "<d:1> a dcat:Dataset ; dct:title 'thing one' .\n"
        "<d:2> a dcat:Dataset ; dct:title 'thing two' ; dct:rights 'ask us' .\n"
        "<d:3> a dcat:Dataset ; dct:title 'thing three' ; "
        "dcat:distribution [ dct:license <l:a> ], [ dct:license <l:b> ] ."
    )
    add(tmp_path, f"{server.url}/c", "p")
    found, _ = find(tmp_path, "thing")
    assert {hit.iri: hit.licence for hit in found} == {"d:1": None, "d:2": "ask us", "d:3": None}
    assert {hit.page for hit in found} == {f"{server.url}/c"}


def test_crates_and_records_are_found(tmp_path: Path, server: Site) -> None:
    server.pages["/ro-crate-metadata.json"] = Reply(crate("Crate of wonders"), "application/json")
    repository = Repository(server)
    repository.put("oai:r.example:1", "Record of wonders")
    add(tmp_path, f"{server.url}/ro-crate-metadata.json", "crate")
    add(tmp_path, f"{server.url}/oai", "oai")
    assert set(hits(tmp_path, "wonders")) == {
        ("crate", "dataset", "Crate of wonders"),
        ("oai", "record", "Record of wonders"),
    }
    found, _ = find(tmp_path, "Curie", limit=5)
    assert [(hit.iri, hit.licence, hit.page) for hit in found] == [
        ("oai:r.example:1", "CC0", f"{server.url}/oai")
    ]


def test_what_several_documents_say_of_one_thing_is_one_hit(tmp_path: Path, server: Site) -> None:
    server.pages["/c"] = turtle(
        f"<{server.url}/c> a dcat:Catalog ; dcat:dataset <{server.url}/d> ; hydra:next <{server.url}/c2> ."
    )
    server.pages["/c2"] = turtle(f"<{server.url}/d> a dcat:Dataset ; dct:title 'Once' .")
    server.pages["/d"] = turtle(f"<{server.url}/d> a dcat:Dataset ; dct:title 'Once' ; dcat:keyword 'only' .")
    add(tmp_path, f"{server.url}/c", "p")
    assert hits(tmp_path, "once") == [("p", "dataset", "Once")]
    assert hits(tmp_path, "once only") == [("p", "dataset", "Once")]


def test_only_what_changed_is_indexed_again(tmp_path: Path) -> None:
    asked: list[str] = []

    def part(name: str, state: str, peer: str | None = None) -> Part:
        def items() -> Iterator[Item]:
            asked.append(name)
            yield Item("run", f"{name} {state}", f"x:{name}")

        return Part(peer, state, items)

    def search(parts: dict[str, Part], words: str) -> list[str]:
        found, _ = search_index.search(tmp_path / INDEX, parts, expression(words), peer=None, limit=10)
        return [hit.title for hit in found]

    assert search({"a": part("a", "one"), "b": part("b", "one")}, "one") == ["a one", "b one"]
    assert search({"a": part("a", "one"), "b": part("b", "one")}, "one") == ["a one", "b one"]
    assert asked == ["a", "b"]
    assert search({"a": part("a", "two"), "b": part("b", "one")}, "one") == ["b one"]
    assert asked == ["a", "b", "a"]
    assert search({"b": part("b", "one")}, "two") == []
    assert asked == ["a", "b", "a"]
    count = sqlite3.connect(tmp_path / INDEX).execute("SELECT COUNT(*) FROM words").fetchone()
    assert count == (1,)


def test_the_index_follows_the_store(tmp_path: Path, root: Path) -> None:
    folder = tmp_path / "store"
    files = sorted((root / "data" / "wfformat").rglob("blast-chameleon-small-00*.json"))
    with recup_kg.open(str(folder)) as kg:
        kg.ingest(files[0])
        assert hits(folder, "nightly") == []
        kg.tag(RUNS[0], "nightly")
        assert hits(folder, "nightly") == [(None, "tag", "nightly")]
        kg.ingest(files[1])
        assert {title for _, kind, title in hits(folder, "chameleon") if kind == "run"} == set(RUNS)
        kg.remove(RUNS[0])
        assert {title for _, kind, title in hits(folder, "chameleon") if kind == "run"} == {RUNS[1]}
        assert hits(folder, "nightly") == []


@pytest.mark.parametrize("content", [b"no database at all", b"SQLite format 3\0" + b"\1" * 4000])
def test_a_damaged_index_is_made_anew(filled: Path, content: bytes) -> None:
    before = hits(filled, "blast*")
    (filled / INDEX).write_bytes(content)
    assert hits(filled, "blast*") == before != []


def test_an_index_of_another_version_is_made_anew(filled: Path) -> None:
    before = hits(filled, "blast*")
    with sqlite3.connect(filled / INDEX) as connection:
        connection.execute("PRAGMA user_version = 99")
        connection.execute("DELETE FROM item")
    connection.close()
    assert hits(filled, "blast*") == before != []


def test_an_index_that_cannot_be_written_is_made_for_one_search(filled: Path) -> None:
    before = hits(filled, "blast*")
    (filled / INDEX).unlink()
    (filled / INDEX).mkdir()
    assert hits(filled, "blast*") == before != []
    (filled / INDEX).rmdir()


def test_an_index_that_another_process_writes(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hits(filled, "blast*")
    monkeypatch.setattr(search_index, "_WAIT", 0.05)
    other = sqlite3.connect(filled / INDEX, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(StoreBusy, match=r"search\.sqlite is being written by another process"):
            hits(filled, "blast*")
    finally:
        other.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_store_that_is_read_only(filled: Path) -> None:
    (filled / INDEX).unlink(missing_ok=True)
    filled.chmod(0o500)
    try:
        assert hits(filled, "blast*")
        assert not (filled / INDEX).exists()
    finally:
        filled.chmod(0o700)


def test_where_nothing_is(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store at"):
        find(tmp_path / "none", "x")
    with pytest.raises(UsageError, match="there is no peer 'p'"):
        find(tmp_path / "none", "x", peer="p")


def test_a_peer_that_was_never_harvested(tmp_path: Path, server: Site) -> None:
    server.pages["/c"] = turtle("<a:b> a dcat:Catalog .")
    registry = PeerRegistry(tmp_path)
    registry.add(recognise(f"{server.url}/c", Fetcher(Limits()), name="p", taken=()))
    assert hits(tmp_path, "x") == []
    with pytest.raises(UsageError, match="nothing was harvested of p yet: recup harvest p"):
        find(tmp_path, "x", peer="p")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("one two", '"one" "two"'),
        ("one*", '"one"*'),
        ('"one two"', '"one two"'),
        ('"one tw"*', '"one tw"*'),
        ("blast-chameleon v1.2", '"blast-chameleon" "v1.2"'),
        ("- a", '"a"'),
        ("NOT AND OR NEAR(x)", '"NOT" "AND" "OR" "NEAR(x)"'),
        ('un"closed', '"un" "closed"'),
        ("a\0b", '"a" "b"'),
        ("caf\udce9", '"caf?"'),
    ],
)
def test_what_words_mean(words: str, expected: str) -> None:
    assert expression(words) == expected


@pytest.mark.parametrize("words", ["", " ", "-", '""', "* ?"])
def test_no_words(words: str) -> None:
    with pytest.raises(UsageError, match="no word to search for in"):
        expression(words)


@given(st.text(max_size=40))
def test_no_words_break_the_query_language(words: str) -> None:
    item = Item("run", words, "x:y")
    parts = {"a": Part(None, "s", lambda: [item])}
    try:
        query = expression(words)
    except UsageError:
        return
    found, total = search_index.search(Path(":memory:"), parts, query, peer=None, limit=5)
    assert total == len(found)
    assert all(isinstance(hit, Hit) for hit in found)


@given(st.lists(st.from_regex(r"[a-z]{1,8}", fullmatch=True), min_size=1, max_size=5))
def test_what_is_in_a_title_is_found(words: list[str]) -> None:
    parts = {"a": Part("p", "s", lambda: [Item("dataset", "-".join(words), "x:y", licence="L")])}
    for query in (" ".join(words), "-".join(words), words[0][:1] + "*", f'"{" ".join(words)}"'):
        found, total = search_index.search(Path(":memory:"), parts, expression(query), peer="p", limit=5)
        assert total == 1
        assert (found[0].title, found[0].licence, found[0].peer) == ("-".join(words), "L", "p")
