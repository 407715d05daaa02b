"""Several loaders on one stream load every line once."""

from __future__ import annotations

import io
from pathlib import Path

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recup_kg.store import parallel
from recup_kg.store.parallel import LineBlocks, Share, load_in_parallel, workers

lines = st.lists(st.binary(max_size=12).map(lambda text: text.replace(b"\n", b" ")), max_size=40)


@pytest.fixture(autouse=True)
def _tiny_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_BLOCK", 7)
    monkeypatch.setattr(parallel, "_SHARE", 20)


@given(lines, st.booleans())
def test_blocks_are_whole_lines_and_all_of_them(found: list[bytes], ends: bool) -> None:
    text = b"\n".join(found) + (b"\n" if ends and found else b"")
    blocks = LineBlocks(io.BytesIO(text))
    read = list(iter(blocks.next, b""))
    assert b"".join(read) == text
    assert all(block.endswith(b"\n") for block in read[:-1])


@given(lines, st.integers(1, 9))
def test_a_share_gives_its_blocks_in_any_portions(found: list[bytes], size: int) -> None:
    text = b"".join(line + b"\n" for line in found)
    blocks = LineBlocks(io.BytesIO(text))
    read = b""
    while (share := Share(blocks, 20)).begin():
        while data := share.read(size):
            assert len(data) <= size
            read += data
    assert read == text


@pytest.mark.parametrize("count", [1, 2, 4])
def test_every_quad_is_loaded_once(count: int, tmp_path: Path) -> None:
    text = "".join(f'<urn:s{n}> <urn:p> "{n}" <urn:g{n % 3}> .\n' for n in range(500)).encode()
    store = pyoxigraph.Store(str(tmp_path / "store"))

    def load(stream: io.RawIOBase) -> None:
        store.bulk_load(stream, pyoxigraph.RdfFormat.N_QUADS)

    load_in_parallel(io.BytesIO(text), load, count)
    assert len(store) == 500
    assert len(list(store.named_graphs())) == 3


def test_what_a_thread_raises_is_raised() -> None:
    text = b"<urn:s> <urn:p> <urn:o> .\n" * 50 + b"broken\n"
    store = pyoxigraph.Store()

    def load(stream: io.RawIOBase) -> None:
        store.bulk_load(stream, pyoxigraph.RdfFormat.N_QUADS)

    with pytest.raises(SyntaxError):
        load_in_parallel(io.BytesIO(text), load, 2)


def test_there_is_at_least_one_worker() -> None:
    assert 1 <= workers() <= parallel.MOST_WORKERS
