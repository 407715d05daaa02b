"""Immutable archive files, named after their content.

A bundle is one named graph: sorted, distinct N-Quads lines in gzip, in the file `<SHA-256 of the uncompressed text>.nq.gz`,
so `zcat FILE | sha256sum` says whether it is whole. Writing one needs no lock: it gets its name when it is complete.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import os
import re
import secrets
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from recup_kg.errors import BundleError

SUFFIX = ".nq.gz"
# Measured on 144 k real triples: level 1 takes 0.08 s for 10.8 bytes a triple, level 6 0.19 s for 8.1.
_LEVEL = 1
_LINES_AT_ONCE = 8192
_BYTES_AT_ONCE = 1 << 20
_NAME = re.compile(r"[0-9a-f]{64}\.nq\.gz")
_TEMPORARY = re.compile(r"\.[0-9a-f]{32}\.tmp")
# A line of three terms may end in the graph's name too, as its object.
_SPACES = 4
_GRAPH = re.compile(rb" <([^<>\s]+)> \.\n\Z")


@dataclass(frozen=True, slots=True)
class Bundle:
    """A finished bundle: a file, or text in memory where `path` is None."""

    graph: str
    sha256: str
    path: Path | None
    triples: int
    data: bytes | None = field(default=None, repr=False)

    def text(self) -> bytes:
        """The uncompressed N-Quads. Raises `BundleError` where the file is gone or damaged."""
        if self.data is not None:
            return self.data
        if self.path is None:
            raise BundleError(f"the bundle {self.sha256} has neither a file nor text")
        with reading(self.path) as stream:
            return stream.read()


def make_bundle(graph: str, lines: Iterable[str]) -> Bundle:
    """A bundle in memory, from N-Quads lines of one graph in any order, each ending in ` <graph> .` and a line feed.

    Raises `BundleError` for a line of another graph.
    """
    canonical = _canonical(graph, lines)
    data = b"".join(_encoded(graph, canonical))
    return Bundle(graph, hashlib.sha256(data).hexdigest(), None, len(canonical), data)


def write_bundle(folder: Path, graph: str, lines: Iterable[str]) -> Bundle:
    """Like `make_bundle`, in a file in `folder`; on return it is on the disk. A whole file that is there already stays.

    Raises `BundleError` for a line of another graph, OSError where the folder can't be written.
    """
    canonical = _canonical(graph, lines)
    state = hashlib.sha256()
    for chunk in _encoded(graph, canonical):
        state.update(chunk)
    path = bundle_path(folder, state.hexdigest())
    if not _is_whole(path):
        folder.mkdir(parents=True, exist_ok=True)
        _write(path, _encoded(graph, canonical))
    return Bundle(graph, state.hexdigest(), path, len(canonical))


def bundle_path(folder: Path, sha256: str) -> Path:
    """Where the bundle of that hash is."""
    return folder / f"{sha256}{SUFFIX}"


def scan(folder: Path) -> dict[str, Path]:
    """The bundle files of a folder by hash, the oldest first."""
    try:
        found = [entry for entry in os.scandir(folder) if _NAME.fullmatch(entry.name)]
    except FileNotFoundError:
        return {}
    dated = sorted(item for entry in found for item in _dated(entry))
    return {name.removesuffix(SUFFIX): folder / name for _, name in dated}


def graph_of(path: Path) -> str:
    """The graph that a bundle file holds, from its first line. Raises `BundleError`."""
    with reading(path) as stream:
        return _graph_of_line(path, stream.readline())


def read_bundle(path: Path) -> Iterator[str]:
    """The lines of a bundle file, not checked against its name. Raises `BundleError` where it can't be unpacked."""
    with reading(path) as stream:
        for line in stream:
            yield line.decode()


def verify_bundle(path: Path) -> Bundle:
    """The bundle in a file, after checking that the content is what the name says and is one graph, sorted and distinct.

    Raises `BundleError`.
    """
    state, triples, last = hashlib.sha256(), 0, b""
    graph = graph_of(path)
    end = f" <{graph}> .\n".encode()
    with reading(path) as stream:
        for line in stream:
            state.update(line)
            if not line.endswith(end) or line <= last or line.count(b" ") < _SPACES:
                raise BundleError(
                    f"{path}: line {triples + 1} is out of order or of another graph; {_ADVICE}"
                )
            triples, last = triples + 1, line
    if path.name != state.hexdigest() + SUFFIX:
        raise BundleError(f"{path}: the content does not have the SHA-256 that the name says; {_ADVICE}")
    return Bundle(graph, state.hexdigest(), path, triples)


def clean(folder: Path) -> None:
    """Remove what killed writers left behind; files that a living process is writing stay."""
    for path in folder.iterdir():
        if not _TEMPORARY.fullmatch(path.name):
            continue
        with suppress(OSError), path.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def sync_folder(folder: Path) -> None:
    """Make new and removed names in a folder last, whatever happens to the machine."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def reading(path: Path) -> Iterator[gzip.GzipFile]:
    """The uncompressed content of a bundle file. Raises `BundleError` for whatever goes wrong in reading it."""
    try:
        with gzip.open(path, "rb") as stream:
            yield stream
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise BundleError(f"{path}: {reason}; {_ADVICE}") from error


_ADVICE = "remove the file and ingest its source again, or copy the bundle again from where it is whole"


def _canonical(graph: str, lines: Iterable[str]) -> list[str]:
    # Python orders str by code point, which is the byte order of UTF-8.
    canonical = sorted(set(lines))
    end = f" <{graph}> .\n"
    for line in canonical:
        if not line.endswith(end) or line.count("\n") != 1:
            raise BundleError(f"not an N-Quads line of the graph {graph}: {line[:200]!r}")
    if not canonical:
        raise BundleError(f"the graph {graph} is empty: there is nothing to archive")
    return canonical


def _encoded(graph: str, lines: Sequence[str]) -> Iterator[bytes]:
    for start in range(0, len(lines), _LINES_AT_ONCE):
        try:
            yield "".join(lines[start : start + _LINES_AT_ONCE]).encode()
        except UnicodeEncodeError as error:
            raise BundleError(
                f"the graph {graph} has a character that UTF-8 can't say: {error.reason}"
            ) from error


def _graph_of_line(path: Path, line: bytes) -> str:
    match = _GRAPH.search(line)
    if match is None or line.count(b" ") < _SPACES:
        raise BundleError(f"{path}: line 1 is not an N-Quads line of a named graph; {_ADVICE}")
    return match.group(1).decode(errors="replace")


def _dated(entry: os.DirEntry[str]) -> Iterator[tuple[int, str]]:
    # Another process may remove a bundle between the listing and the look at it.
    with suppress(FileNotFoundError):
        yield entry.stat().st_mtime_ns, entry.name


def _is_whole(path: Path) -> bool:
    if not path.exists():
        return False
    try:
        verify_bundle(path)
    except BundleError:
        return False
    return True


def _write(path: Path, chunks: Iterable[bytes]) -> None:
    temporary, stream = _temporary(path.parent)
    with stream:
        try:
            with gzip.GzipFile("", "wb", _LEVEL, stream, mtime=0) as packed:
                for chunk in chunks:
                    packed.write(chunk)
            stream.flush()
            os.fsync(stream.fileno())
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
    sync_folder(path.parent)


def _temporary(folder: Path) -> tuple[Path, BinaryIO]:
    """A new file that `clean` leaves alone while this process lives."""
    while True:
        path = folder / f".{secrets.token_hex(16)}.tmp"
        stream = path.open("xb")
        # Some network file systems have no locks; then `clean` can't take one either, and removes nothing.
        with suppress(OSError):
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # `clean` in another process may have come between the two lines above.
        if path.exists():
            return path, stream
        stream.close()
