"""Several processes in one store folder, and processes that are killed in it."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from recup_kg.bundles import verify_bundle
from recup_kg.store import Store, open_store
from recup_kg.vocab import INDEX_GRAPH
from tests.store.ingest import tasks
from tests.store.samples import execution, workflow

ROOT = Path(__file__).resolve().parents[2]
KILLS = 24
SIZES = f"SELECT ?g (COUNT(*) AS ?n) {{ GRAPH ?g {{ ?s ?p ?o }} FILTER(?g != <{INDEX_GRAPH}>) }} GROUP BY ?g"


@contextmanager
def ingesting(folder: Path, first: int, count: int) -> Iterator[subprocess.Popen[str]]:
    """A process that ingests executions; it is gone afterwards."""
    command = [sys.executable, "-m", "tests.store.ingest", str(folder), str(first), str(count)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def expected(numbers: set[int]) -> dict[str, int]:
    """The number of triples of each graph."""
    sizes = {execution(number, tasks=0)[0]: 11 + 2 * tasks(number) for number in numbers}
    return {workflow()[0]: 4, **sizes}


def sizes(store: Store) -> dict[str, int]:
    return {str(graph): int(count or 0) for graph, count in store.select(SIZES).values()}


def check_whole(folder: Path, done: set[int]) -> None:
    """Everything that was reported as done is there, and nothing is there in part."""
    with open_store(str(folder), writable=True) as store:
        found = sizes(store)
        assert set(found) == set(store.graphs())
    assert expected(done).items() <= found.items()
    all_ever = expected(set(range(max(done) + 2)))
    assert found.items() <= all_ever.items()
    assert list((folder / "index" / "work").glob("bulk-*.sst")) == []
    files = list((folder / "bundles").iterdir())
    assert len(files) == len(found)
    assert all(path.name.endswith(".nq.gz") for path in files)


def test_killed_at_any_moment(tmp_path: Path) -> None:
    moments = random.Random(20240531)
    done: set[int] = set()
    for _ in range(KILLS):
        with ingesting(tmp_path, max(done, default=-1) + 1, 1000) as process:
            assert process.stdout is not None
            for _ in range(moments.randrange(1, 5)):
                done.add(int(process.stdout.readline()))
            time.sleep(moments.random() * 0.08)
            process.kill()
            # A line that was cut was not reported.
            done.update(int(line) for line in process.communicate()[0].split("\n")[:-1])
        check_whole(tmp_path, done)
    assert len(done) >= KILLS
    for path in (tmp_path / "bundles").iterdir():
        verify_bundle(path)


def test_killed_in_a_bulk_load(tmp_path: Path) -> None:
    program = (
        "from tests.store.samples import execution; from recup_kg.store import open_store; import sys\n"
        "store = open_store(sys.argv[1], writable=True)\n"
        "bundle = store.archive(*execution(1, tasks=40000)); store.add([bundle])\n"
    )
    open_store(str(tmp_path), writable=True).close()
    process = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT)
    index = tmp_path / "index" / "work"
    while not list(index.glob("bulk-*.sst")):
        assert process.poll() is None, "it ended before it could be killed"
        time.sleep(0.001)
    process.kill()
    process.wait()
    assert list(index.glob("bulk-*.sst"))
    with open_store(str(tmp_path), writable=False) as store:
        assert sizes(store) == {execution(1)[0]: 11 + 80_000}
        assert len(store.registry()) == 1
    assert list(index.glob("bulk-*.sst")) == []


def test_killed_in_a_rebuild(tmp_path: Path) -> None:
    with open_store(str(tmp_path), writable=True) as store:
        store.add([store.archive(*execution(number, tasks=1500)) for number in range(8)])
        before = store.registry()
    program = (
        "from recup_kg.store import open_store; import sys\n"
        "store = open_store(sys.argv[1], writable=True)\n"
        "while True: print(store.reindex().indexed, flush=True)\n"
    )
    moments = random.Random(1)
    for _ in range(6):
        process = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "8\n"
        time.sleep(moments.random() * 0.2)
        process.kill()
        process.communicate()
        with open_store(str(tmp_path), writable=True) as store:
            assert store.registry() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundles", "index", "index.lock"]
    with open_store(str(tmp_path), writable=True) as store:
        store.reindex()
    names = sorted(path.name for path in (tmp_path / "index").iterdir())
    assert len(names) == 2
    assert names[1] == "work"


def test_four_processes_ingest_while_one_reads(tmp_path: Path) -> None:
    count = 10
    open_store(str(tmp_path), writable=True).close()
    programs = [ingesting(tmp_path, 100 * number, count) for number in range(4)]
    whole = expected({100 * number + n for number in range(4) for n in range(count)})
    seen = [0]
    with programs[0] as a, programs[1] as b, programs[2] as c, programs[3] as d:
        processes = (a, b, c, d)
        while any(process.poll() is None for process in processes):
            with open_store(str(tmp_path), writable=False, wait=60) as reader:
                found = sizes(reader)
                assert found.items() <= whole.items()
                assert set(reader.graphs()) == set(found)
                assert len(found) >= seen[-1]
                seen.append(len(found))
        outputs = [process.communicate()[0].split() for process in processes]
        assert [process.returncode for process in processes] == [0] * 4
    assert outputs == [[str(100 * number + n) for n in range(count)] for number in range(4)]
    with open_store(str(tmp_path), writable=False) as store:
        assert sizes(store) == whole
        names = [entry.name for entry in store.registry() if entry.kind == "execution"]
    assert len(set(names)) == len(names) == 4 * count
    assert len(seen) > 2


def test_the_registry_does_not_depend_on_who_indexed(tmp_path: Path) -> None:
    with ingesting(tmp_path, 0, 6) as one, ingesting(tmp_path, 100, 6) as other:
        one.wait()
        other.wait()
    with open_store(str(tmp_path), writable=True) as store:
        before = store.registry()
        store.reindex()
        assert store.registry() == before
    assert len(before) == 13


@pytest.mark.parametrize("writable", [True, False])
def test_a_lock_goes_with_its_process(tmp_path: Path, writable: bool) -> None:
    open_store(str(tmp_path), writable=True).close()
    program = (
        "from recup_kg.store.lock import locked; from pathlib import Path; import sys, time\n"
        "with locked(Path(sys.argv[1]), 0): print('held', flush=True); time.sleep(600)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "index.lock")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    process.kill()
    process.communicate()
    with open_store(str(tmp_path), writable=writable, wait=5) as store:
        assert store.registry() == ()
