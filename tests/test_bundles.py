"""Bundles: the same bytes for the same graph, and no half one."""

from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recup_kg import bundles
from recup_kg.bundles import (
    Bundle,
    bundle_path,
    clean,
    graph_of,
    make_bundle,
    read_bundle,
    scan,
    verify_bundle,
    write_bundle,
)
from recup_kg.errors import BundleError
from recup_kg.rdf.terms import text

GRAPH = "https://w3id.org/recup/bundle/1"
LINES = [f"<urn:s> <urn:p{number}> <urn:o> <{GRAPH}> .\n" for number in range(5)]

characters = st.characters(exclude_categories=("Cs",))
literals = st.builds(
    lambda value, tail: text(value) + tail,
    st.text(characters),
    st.sampled_from(["", "@en", "@de-AT", "^^<http://www.w3.org/2001/XMLSchema#integer>", "^^<urn:type>"]),
)
escaped = st.sampled_from([r'"\u00e9"', r'"\U0001F9EC"', r'"\t\b\n\r\f\"\'\\"', '"\u2028\x85\x0b\x0c\x1c"'])
quads = st.lists(
    st.builds(
        lambda subject, value: f"<urn:s{subject}> <urn:p> {value} <{GRAPH}> .\n",
        st.integers(0, 3),
        literals | escaped,
    ),
    min_size=1,
    max_size=30,
)


@given(quads, st.randoms())
def test_the_order_of_the_lines_does_not_matter(lines: list[str], random) -> None:
    other = lines * 2
    random.shuffle(other)
    assert make_bundle(GRAPH, lines) == make_bundle(GRAPH, other)


@given(quads)
def test_the_text_says_what_the_lines_said(lines: list[str]) -> None:
    bundle = make_bundle(GRAPH, lines)
    n_quads = pyoxigraph.RdfFormat.N_QUADS
    said = set(pyoxigraph.parse("".join(lines), format=n_quads))
    assert set(pyoxigraph.parse(bundle.text(), format=n_quads)) == said
    assert bundle.triples == len(set(lines))
    assert bundle.sha256 == hashlib.sha256(bundle.text()).hexdigest()
    assert bundle.text() == b"".join(sorted({line.encode() for line in lines}))


@given(lines=quads)
def test_a_file_reads_back(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    folder = tmp_path_factory.mktemp("bundles")
    bundle = write_bundle(folder, GRAPH, lines)
    assert bundle.path is not None
    assert "".join(read_bundle(bundle.path)).encode() == make_bundle(GRAPH, lines).text() == bundle.text()
    assert verify_bundle(bundle.path) == bundle
    assert graph_of(bundle.path) == GRAPH
    assert scan(folder) == {bundle.sha256: bundle.path}


def test_the_name_is_the_hash_of_the_uncompressed_text(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path / "new" / "folder", GRAPH, LINES)
    assert bundle.path == tmp_path / "new" / "folder" / f"{bundle.sha256}.nq.gz"
    assert hashlib.sha256(gzip.decompress(bundle.path.read_bytes())).hexdigest() == bundle.sha256


def test_the_bytes_do_not_depend_on_the_process_or_the_hour(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from recup_kg.bundles import write_bundle;"
        f"write_bundle(Path(sys.argv[1]), {GRAPH!r}, reversed({LINES!r}))"
    )
    here = write_bundle(tmp_path / "here", GRAPH, LINES)
    environment = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    subprocess.run([sys.executable, "-c", program, tmp_path / "there"], check=True, env=environment)
    assert here.path is not None
    (there,) = (tmp_path / "there").iterdir()
    assert there.name == here.path.name
    assert there.read_bytes() == here.path.read_bytes()
    # No name and no time in the header: https://www.rfc-editor.org/rfc/rfc1952
    assert there.read_bytes()[3:8] == b"\x00" * 5


def test_large_graphs_are_written_in_parts(tmp_path: Path) -> None:
    lines = [f'<urn:s> <urn:p> "{number}" <{GRAPH}> .\n' for number in range(20_000)]
    bundle = write_bundle(tmp_path, GRAPH, lines)
    assert bundle.triples == 20_000
    assert list(read_bundle(tmp_path / f"{bundle.sha256}.nq.gz")) == sorted(lines)


def test_writing_again_leaves_the_file_alone(tmp_path: Path) -> None:
    first = write_bundle(tmp_path, GRAPH, LINES)
    assert first.path is not None
    before = first.path.stat()
    assert write_bundle(tmp_path, GRAPH, LINES) == first
    assert first.path.stat().st_ino == before.st_ino
    assert [path.name for path in tmp_path.iterdir()] == [first.path.name]


def test_writing_again_repairs_a_damaged_file(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path, GRAPH, LINES)
    assert bundle.path is not None
    bundle.path.write_bytes(bundle.path.read_bytes()[:-9])
    write_bundle(tmp_path, GRAPH, LINES)
    assert verify_bundle(bundle.path) == bundle


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([], f"the graph {GRAPH} is empty"),
        (["<urn:s> <urn:p> <urn:o> .\n"], "not an N-Quads line of the graph"),
        ([f"<urn:s> <urn:p> <urn:o> <{GRAPH}0> .\n"], "not an N-Quads line of the graph"),
        ([LINES[0].rstrip("\n")], "not an N-Quads line of the graph"),
        ([LINES[0] + LINES[1]], "not an N-Quads line of the graph"),
        (
            [f'<urn:s> <urn:p> "\ud800" <{GRAPH}> .\n'],
            "a character that UTF-8 can't say: surrogates not allowed",
        ),
    ],
)
def test_lines_that_are_none(tmp_path: Path, lines: list[str], problem: str) -> None:
    for make in (lambda: make_bundle(GRAPH, lines), lambda: write_bundle(tmp_path, GRAPH, lines)):
        with pytest.raises(BundleError, match=problem):
            make()
    assert list(tmp_path.iterdir()) == []


def _damaged(tmp_path: Path, content: bytes) -> Path:
    path = bundle_path(tmp_path, hashlib.sha256(b"x").hexdigest())
    path.write_bytes(content)
    return path


def packed(data: bytes) -> bytes:
    """Without the time: the names of test cases must be the same in every worker."""
    return gzip.compress(data, mtime=0)


WHOLE = packed("".join(LINES).encode())


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "line 1 is not an N-Quads line of a named graph"),
        (b"not gzip", "Not a gzipped file"),
        (WHOLE[: len(WHOLE) // 2], "Compressed file ended"),
        (WHOLE[:-8] + bytes(4) + WHOLE[-4:], "CRC check failed"),
        (WHOLE, "the content does not have the SHA-256 that the name says"),
        (packed("".join(reversed(LINES)).encode()), "line 2 is out of order or of another graph"),
        (packed((LINES[0] * 2).encode()), "line 2 is out of order or of another graph"),
        (packed(b"<urn:a> <urn:b> <urn:c> .\n"), "line 1 is not an N-Quads line of a named graph"),
        (
            packed(b"<urn:a> <urn:b> <urn:c> <urn:\xff> .\n"),
            "line 1 is out of order or of another graph",
        ),
        (
            packed((LINES[0] + "<urn:z> <urn:p> <urn:o> <urn:other> .\n").encode()),
            "line 2 is out of order or of another graph",
        ),
    ],
)
def test_damaged_files_are_one_line(tmp_path: Path, content: bytes, problem: str) -> None:
    path = _damaged(tmp_path, content)
    with pytest.raises(BundleError, match=problem) as caught:
        verify_bundle(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert message.endswith("copy the bundle again from where it is whole")
    assert "\n" not in message


def test_every_flipped_bit_is_noticed_or_harmless(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path, GRAPH, LINES)
    assert bundle.path is not None
    whole = bundle.path.read_bytes()
    noticed = 0
    for place in range(len(whole)):
        bundle.path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            assert verify_bundle(bundle.path) == bundle
        except BundleError:
            noticed += 1
    # Time, level and system in the header say nothing about the content.
    assert noticed >= len(whole) - 10


def test_missing_files(tmp_path: Path) -> None:
    gone = tmp_path / "gone.nq.gz"
    for ask in (verify_bundle, graph_of, lambda path: list(read_bundle(path))):
        with pytest.raises(BundleError, match="No such file or directory"):
            ask(gone)
    with pytest.raises(BundleError, match="No such file or directory"):
        Bundle("g", "s", gone, 1).text()
    with pytest.raises(BundleError, match="neither a file nor text"):
        Bundle("g", "s", None, 1).text()


def test_a_scan_gives_the_oldest_first_and_nothing_else(tmp_path: Path) -> None:
    found = [write_bundle(tmp_path, GRAPH, LINES[: number + 1]) for number in range(3)]
    for age, bundle in enumerate(found):
        assert bundle.path is not None
        os.utime(bundle.path, ns=(0, 1000 - age))
    (tmp_path / "notes.nq.gz").write_bytes(b"")
    (tmp_path / f".{'0' * 32}.tmp").write_bytes(b"")
    assert list(scan(tmp_path)) == [bundle.sha256 for bundle in reversed(found)]
    assert scan(tmp_path / "absent") == {}


def test_cleaning_leaves_what_is_being_written(tmp_path: Path) -> None:
    path, stream = bundles._temporary(tmp_path)
    left_over = tmp_path / f".{'a' * 32}.tmp"
    left_over.write_bytes(b"half")
    other = tmp_path / ".hidden"
    other.write_bytes(b"")
    clean(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([path, other])
    stream.close()
    clean(tmp_path)
    assert list(tmp_path.iterdir()) == [other]


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("recup_kg.bundles.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_bundle(tmp_path, GRAPH, LINES)
    assert list(tmp_path.iterdir()) == []
