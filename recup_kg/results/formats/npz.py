"""Archives of NumPy arrays, streamed member by member; checksums of the archive are verified on the way."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from recup_kg.errors import MalformedSource
from recup_kg.results.blocks import BYTES, Block, Order, Part, Variable
from recup_kg.results.fields import parts_of
from recup_kg.results.formats.npy import MAGIC, PICKLED, header

NAME = "npz"
SUFFIXES = (".npz",)
_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)


def sniff(head: bytes, path: Path) -> bool:
    """Whether it is a ZIP file that is called .npz."""
    return head.startswith(b"PK") and path.suffix in SUFFIXES


@contextmanager
def read(path: Path) -> Iterator[tuple[Part, ...]]:
    """The arrays by their names. Raises `MalformedSource`. Never unpickles."""
    try:
        archive = zipfile.ZipFile(path)
    except _DAMAGE as error:
        raise MalformedSource(path, f"is no whole ZIP file: {error}") from None
    with archive:
        yield tuple(part for name in archive.namelist() for part in _parts(archive, name, path))


def _parts(archive: zipfile.ZipFile, member: str, path: Path) -> tuple[Part, ...]:
    name = member.removesuffix(".npy")
    try:
        with archive.open(member) as stream:
            if stream.read(len(MAGIC)) != MAGIC:
                return (Part((Variable(name, "bytes", unreadable="it is no array"),), _nothing),)
        with archive.open(member) as stream:
            shape, fortran, dtype = header(cast(BinaryIO, stream), f"{path}:{member}")
    except _DAMAGE as error:
        raise MalformedSource(path, str(error), where=member) from None
    if dtype.hasobject:
        return (Part((Variable(name, "object", shape, unreadable=PICKLED),), _nothing),)
    blocks = partial(_blocks, archive, member, path)
    return parts_of(name, dtype, shape, blocks, "F" if fortran else "C")


def _blocks(archive: zipfile.ZipFile, member: str, path: Path, wanted: Order) -> Iterator[Block]:
    try:
        with archive.open(member) as stream:
            shape, fortran, dtype = header(cast(BinaryIO, stream), f"{path}:{member}")
            count = int(np.prod(shape, dtype=object))
            if len(shape) > 1 and fortran != (wanted == "F"):
                # Another order needs the whole array at once.
                whole = np.frombuffer(_read(stream, count * dtype.itemsize, path, member), dtype)
                yield (whole.reshape(shape, order="F" if fortran else "C").reshape(-1, order=wanted),)
                return
            step = max(1, BYTES // max(1, dtype.itemsize))
            for start in range(0, count, step):
                size = min(step, count - start) * dtype.itemsize
                yield (np.frombuffer(_read(stream, size, path, member), dtype),)
            # The end is where the checksum is verified.
            stream.read(1)
    except _DAMAGE as error:
        raise MalformedSource(path, str(error), where=member) from None


def _read(stream: object, size: int, path: Path, member: str) -> bytes:
    data = cast(BinaryIO, stream).read(size)
    if len(data) < size:
        raise MalformedSource(path, "ends before its elements do", where=member, advice="it is truncated")
    return data


def _nothing(order: Order) -> Iterator[Block]:
    return iter(())
