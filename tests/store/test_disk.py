"""The store in a folder: what it refuses, what it brings level, what it rebuilds."""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path

import pyoxigraph
import pytest

from recup_kg.bundles import make_bundle, write_bundle
from recup_kg.errors import BundleError, QueryError, StoreBusy, StoreError
from recup_kg.store import Store, open_store
from recup_kg.store.lock import locked
from recup_kg.vocab import INDEX_GRAPH
from tests.store.samples import BASE, comparison, execution, workflow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


def opened(folder: Path, *, writable: bool = True, wait: float = 5.0) -> Store:
    return open_store(str(folder), writable=writable, wait=wait)


def filled(folder: Path, count: int = 3) -> Store:
    store = opened(folder)
    store.add(
        [store.archive(*workflow()), *(store.archive(*execution(n, "same.json")) for n in range(count))]
    )
    return store


def test_the_layout(folder: Path) -> None:
    store = filled(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["bundles", "index", "index.lock"]
    files = {path.name for path in (folder / "bundles").iterdir()}
    assert files == {f"{entry.sha256}.nq.gz" for entry in store.registry()}
    assert len(files) == 4


def test_a_reader_sees_the_state_at_its_opening(folder: Path) -> None:
    filled(folder, 1)
    reader = opened(folder, writable=False)
    assert len(reader.registry()) == 2
    writer = filled(folder, 2)
    assert len(writer.registry()) == 3
    assert len(reader.registry()) == 2
    assert len(opened(folder, writable=False).registry()) == 3


def test_a_reader_can_not_write(folder: Path) -> None:
    filled(folder)
    reader = opened(folder, writable=False)
    graph = execution(1)[0]
    for act in (
        lambda: reader.archive(*execution(9)),
        lambda: reader.add([make_bundle(*execution(9))]),
        lambda: reader.remove(graph),
        reader.reindex,
    ):
        with pytest.raises(StoreError, match="open for reading only"):
            act()
    assert len(opened(folder).registry()) == 4


def test_ntriples_are_those_of_the_source_letter_by_letter(folder: Path) -> None:
    graph, lines = comparison(1)
    time = '"2020-05-01T10:00:00.000+00:00"^^<http://www.w3.org/2001/XMLSchema#dateTime>'
    lines.append(f"<{BASE}x> <{BASE}y> {time} <{graph}> .\n")
    store = opened(folder)
    store.add([store.archive(graph, lines)])
    assert time.encode() in store.ntriples(graph)


@pytest.mark.parametrize("writable", [True, False])
def test_bundles_that_were_copied_in_are_indexed_at_the_next_opening(folder: Path, writable: bool) -> None:
    store = filled(folder, 1)
    store.close()
    for number in (5, 6):
        write_bundle(folder / "bundles", *execution(number))
    assert len(opened(folder, writable=writable).registry()) == 4


def test_a_folder_of_bundles_is_a_store(folder: Path) -> None:
    write_bundle(folder / "bundles", *execution(1))
    with opened(folder, writable=False) as store:
        assert store.graphs() == (execution(1)[0],)


def test_adding_indexes_what_others_left(folder: Path) -> None:
    store = filled(folder, 1)
    write_bundle(folder / "bundles", *execution(7))
    store.add([store.archive(*execution(8))])
    assert {execution(7)[0], execution(8)[0]} < set(store.graphs())


def test_bundles_that_were_deleted_leave_the_index(folder: Path) -> None:
    store = filled(folder)
    gone = store.registry()[1]
    (folder / "bundles" / f"{gone.sha256}.nq.gz").unlink()
    store.close()
    store = opened(folder, writable=False)
    assert gone.graph not in store.graphs()
    assert store.count(gone.graph) == 0
    assert len(store.graphs()) == 3


def test_of_two_bundles_of_one_graph_the_older_counts(folder: Path) -> None:
    older = write_bundle(folder / "bundles", *execution(1, "first.json"))
    newer = write_bundle(folder / "bundles", *execution(1, "second.json"))
    assert older.path is not None
    os.utime(older.path, (1, 1))
    store = opened(folder)
    assert [entry.name for entry in store.registry()] == ["first"]
    assert store.add([newer])[0].sha256 == older.sha256
    assert store.count(older.graph) == 17
    store.remove(older.graph)
    assert list((folder / "bundles").iterdir()) == []
    assert opened(folder).graphs() == ()


def test_a_damaged_bundle_is_left_out_and_said(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    filled(folder).close()
    bad = write_bundle(folder / "bundles", *execution(5))
    half = write_bundle(folder / "bundles", *execution(6, tasks=500))
    assert bad.path is not None
    assert half.path is not None
    bad.path.write_bytes(b"no gzip")
    half.path.write_bytes(half.path.read_bytes()[:-100])
    with caplog.at_level(logging.WARNING):
        store = opened(folder)
    assert len(store.registry()) == 4
    assert store.count(half.graph) == 0
    assert len(caplog.messages) == 2
    result = store.reindex()
    assert result.indexed == 4
    assert [line.split(": ")[0] for line in sorted(result.refused)] == sorted([str(bad.path), str(half.path)])


def test_a_bundle_that_is_no_rdf_is_refused_and_its_file_removed(folder: Path) -> None:
    store = filled(folder, 1)
    graph = f"{BASE}bundle/5"
    lines = [f"<{BASE}a> nonsense <{BASE}b> <{graph}> .\n", f"<{BASE}b> <{BASE}b> <{BASE}b> <{graph}> .\n"]
    good, bad = store.archive(*execution(4)), store.archive(graph, lines)
    with pytest.raises(BundleError, match="not N-Quads"):
        store.add([good, bad])
    assert bad.path is not None
    assert not bad.path.exists()
    assert good.graph in store.graphs()
    assert store.count(graph) == 0


def test_a_bundle_that_went_away_before_it_was_added(folder: Path) -> None:
    store = filled(folder, 1)
    bundle = store.archive(*execution(5))
    assert bundle.path is not None
    bundle.path.unlink()
    with pytest.raises(BundleError, match="was removed by another process: ingest its source again"):
        store.add([bundle])


def test_names_come_back_when_the_index_is_rebuilt(folder: Path) -> None:
    store = opened(folder)
    late = store.archive(*execution(0, "same.json"))
    early = store.archive(*execution(1, "same.json"))
    assert late.path is not None
    # Archived first, but another process came to index its own before.
    held = folder / "held.nq.gz"
    late.path.rename(held)
    store.add([early])
    held.rename(late.path)
    store.add([late])
    before = store.registry()
    assert [entry.name for entry in before] == ["same", "same-2"]
    assert before[0].graph == early.graph
    store.reindex()
    assert store.registry() == before


def test_a_lost_index_is_rebuilt_from_the_bundles_alone(folder: Path) -> None:
    store = filled(folder, 5)
    before = store.registry()
    dump = sorted(store.select("SELECT * { GRAPH ?g { ?s ?p ?o } }").rows, key=str)
    store.close()
    shutil.rmtree(folder / "index")
    store = opened(folder, writable=False)
    assert store.registry() == before
    assert sorted(store.select("SELECT * { GRAPH ?g { ?s ?p ?o } }").rows, key=str) == dump
    assert len(dump) == 4 + 5 * 17 + 6 * 3


def test_reindex_gives_the_same(folder: Path) -> None:
    store = filled(folder, 4)
    before = store.registry()
    told: list[tuple[int, int]] = []
    result = store.reindex(lambda done, of: told.append((done, of)))
    assert (result.indexed, result.refused) == (5, ())
    assert told == [(5, 5)]
    assert store.registry() == before
    assert sorted(path.name for path in folder.iterdir()) == ["bundles", "index", "index.lock"]


def test_a_reader_goes_on_while_the_index_is_rebuilt(folder: Path) -> None:
    store = filled(folder, 2)
    reader = opened(folder, writable=False)
    store.reindex()
    assert reader.registry() == store.registry()


def test_a_broken_index_says_how_to_get_it_back(folder: Path) -> None:
    store = filled(folder)
    before = store.registry()
    store.close()
    for part in (folder / "index").iterdir():
        (part / "CURRENT").write_text("MANIFEST-999999\n")
    with pytest.raises(StoreError, match="the bundles beside it hold everything: recup reindex") as caught:
        opened(folder, writable=False)
    assert "\n" not in str(caught.value)
    store = open_store(str(folder), writable=True, wait=5.0)
    store.reindex()
    assert store.registry() == before


def test_what_killed_processes_leave_is_cleaned_up(folder: Path) -> None:
    filled(folder).close()
    left_over = [folder / "index" / "work" / "bulk-1.sst", folder / "bundles" / f".{'0' * 32}.tmp"]
    for path in left_over:
        path.write_bytes(b"half")
    for name in ("work.new", "work.old", "unpublished"):
        (folder / "index" / name).mkdir()
    assert len(opened(folder).registry()) == 4
    assert not any(path.exists() for path in left_over)
    names = sorted(path.name for path in (folder / "index").iterdir())
    assert names == ["000000000003", "work"]


def test_a_rebuild_that_was_killed_between_its_renames(folder: Path) -> None:
    store = filled(folder)
    before = store.registry()
    store.close()
    (folder / "index" / "work").rename(folder / "index" / "work.old")
    assert opened(folder).registry() == before
    assert not (folder / "index" / "work.old").exists()


def test_a_graph_without_an_entry_gets_one(folder: Path) -> None:
    """As after a kill between the load and the entry."""
    bundle = write_bundle(folder / "bundles", *execution(1))
    (folder / "index").mkdir()
    pyoxigraph.Store(str(folder / "index" / "work")).load(bundle.text(), pyoxigraph.RdfFormat.N_QUADS)
    store = opened(folder)
    assert store.graphs() == (bundle.graph,)
    assert store.count(bundle.graph) == bundle.triples


def test_who_waits_too_long_is_told(folder: Path) -> None:
    store = filled(folder, 1)
    bundle = store.archive(*execution(5))
    with locked(folder / "index.lock", 0):
        busy = opened(folder, wait=0.1)
        assert len(busy.registry()) == 2
        with pytest.raises(StoreBusy, match=r"is being written by another process, for longer than 0\.1 s"):
            busy.add([bundle])
        with pytest.raises(StoreBusy):
            busy.reindex()
    busy.add([bundle])
    assert bundle.graph in busy.graphs()


def test_a_new_store_waits_for_its_index(folder: Path) -> None:
    (folder / "bundles").mkdir(parents=True)
    with locked(folder / "index.lock", 0), pytest.raises(StoreBusy):
        opened(folder, wait=0.1)


def test_an_index_that_another_program_has_open(folder: Path) -> None:
    store = filled(folder, 1)
    busy = opened(folder, wait=0.1)
    other = pyoxigraph.Store(str(folder / "index" / "work"))
    with pytest.raises(StoreBusy, match="is open in another program"):
        busy.add([busy.archive(*execution(5))])
    del other
    assert len(store.registry()) == 2


def test_a_file_is_no_store(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("")
    for writable in (True, False):
        with pytest.raises(StoreError, match="is a file: a store is a folder"):
            opened(path, writable=writable)
    with pytest.raises(StoreError, match=r"can't write to .*: Not a directory"):
        opened(path / "below")


def test_a_folder_with_other_things_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("")
    for writable in (True, False):
        with pytest.raises(StoreError, match=r"is not a store \(it has no folder bundles/\)"):
            opened(tmp_path, writable=writable)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_an_empty_folder_becomes_a_store_by_writing_only(folder: Path) -> None:
    folder.mkdir()
    with pytest.raises(StoreError, match="is not a store"):
        opened(folder, writable=False)
    assert opened(folder).registry() == ()
    assert opened(folder, writable=False).registry() == ()


def test_a_folder_that_is_not_there(folder: Path) -> None:
    with pytest.raises(StoreError, match=r"there is no store at .*: recup ingest FILE makes one"):
        opened(folder, writable=False)
    assert not folder.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_can_not_be_written(folder: Path) -> None:
    folder.mkdir(mode=0o500)
    with pytest.raises(StoreError, match=r"can't write to .*: Permission denied"):
        opened(folder)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_store_that_can_only_be_read(folder: Path) -> None:
    filled(folder).close()
    write_bundle(folder / "bundles", *execution(9))
    for path in (folder / "index", folder / "index.lock", folder):
        path.chmod(0o500 if path.is_dir() else 0o400)
    with opened(folder, writable=False) as store:
        assert len(store.registry()) == 4


def test_no_space_left(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    store = filled(folder, 1)
    monkeypatch.setattr("recup_kg.bundles.os.fsync", full)
    with pytest.raises(StoreError, match=r"can't write to .*: No space left on device"):
        store.archive(*execution(5))


def test_a_file_system_without_locks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(descriptor: int, operation: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr("recup_kg.store.lock.fcntl.flock", none)
    with pytest.raises(StoreError, match="this file system has no locks"):
        opened(folder)


def test_the_registry_can_be_asked_about(folder: Path) -> None:
    store = filled(folder, 2)
    query = f"SELECT ?o {{ GRAPH <{INDEX_GRAPH}> {{ ?g <https://w3id.org/recup/ontology#indexedAs> ?o }} }}"
    assert {"same", "same-2"} < set(store.select(query).column("o"))


def test_a_closed_store_says_so(folder: Path) -> None:
    store = filled(folder, 1)
    store.close()
    with pytest.raises(StoreError, match="is closed"):
        store.registry()


def test_a_wrong_query_does_not_break_the_store(folder: Path) -> None:
    store = filled(folder, 1)
    with pytest.raises(QueryError, match="can't be answered"):
        store.select("SELECT ?x {")
    with pytest.raises(StoreError, match="the query can't be answered: "):
        store.select("SELECT ?x { SERVICE <http://127.0.0.1:1/> { ?x ?y ?z } }")
    assert len(store.registry()) == 2


@pytest.mark.parametrize("location", ["", "  ", "s3://bucket/store", "ftp://host/store"])
def test_locations_that_are_none(location: str) -> None:
    with pytest.raises(StoreError, match="name a folder, :memory: or an http"):
        open_store(location, writable=True)


def test_file_systems_that_keep_whole_seconds(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole_seconds = os.utime

    def coarse(path: Path, times: None = None, *, ns: tuple[int, int] = (0, 0)) -> None:
        whole_seconds(path, ns=(ns[0] // 10**9 * 10**9, ns[1] // 10**9 * 10**9))

    store = opened(folder)
    monkeypatch.setattr("recup_kg.store.index.os.utime", coarse)
    for number in range(6):
        bundle = store.archive(*execution(number, "same.json"))
        assert bundle.path is not None
        whole_seconds(bundle.path, (1_700_000_000, 1_700_000_000))
        store.add([bundle])
    before = store.registry()
    assert [entry.name for entry in before] == ["same", *(f"same-{number}" for number in range(2, 7))]
    store.reindex()
    assert store.registry() == before


def test_snapshots_go_when_nobody_reads_them(folder: Path) -> None:
    store = filled(folder, 1)
    reader = opened(folder, writable=False)
    held = len(reader.registry())
    for number in range(5, 9):
        store.add([store.archive(*execution(number))])
    assert len(list((folder / "index").glob("0*"))) == 2
    assert len(reader.registry()) == held
    reader.close()
    store.add([store.archive(*execution(9))])
    assert len(list((folder / "index").glob("0*"))) == 1


def test_readers_on_a_file_system_without_locks(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(descriptor: int, operation: int) -> None:
        raise OSError(95, "Operation not supported")

    filled(folder, 1).close()
    write_bundle(folder / "bundles", *execution(9))
    monkeypatch.setattr("recup_kg.store.snapshots.fcntl.flock", none)
    with opened(folder, writable=False) as reader:
        assert len(reader.registry()) == 2
