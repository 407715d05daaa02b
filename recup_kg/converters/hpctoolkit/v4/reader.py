"""Bounded reading of a `*.db` file: every offset and count is checked against the file before it is used."""

from __future__ import annotations

import struct
import sys
from array import array
from functools import lru_cache
from pathlib import Path

from recup_kg.converters.sources import read_bytes
from recup_kg.errors import MalformedSource

MAGIC = b"HPCTOOLKIT"
MAJOR = 4
HEADER = 16
FOOTERS = {b"meta": b"_meta.db", b"prof": b"_prof.db", b"ctxt": b"__ctx.db", b"trce": b"trace.db"}
ADVICE = "make the database again with hpcprof, or copy it again"


@lru_cache(maxsize=64)
def _compiled(layout: str) -> struct.Struct:
    return struct.Struct("<" + layout)


class Reader:
    """One file of a database, read whole; `minor` is the version of its writer."""

    def __init__(self, path: Path, kind: bytes) -> None:
        """Reads the file. Raises `MalformedSource` where it is not of that kind and of major version 4, or is cut off."""
        self.path = path
        self.data = read_bytes(path)
        self._texts: dict[int, str] = {}
        # Parts of a real database don't overlap; those that do could ask for far more memory than the file has bytes.
        self._budget = 2 * len(self.data) + 65536
        self.unreadable: list[int] = []
        if self.data[: len(MAGIC)] != MAGIC or self.data[10:14] != kind or len(self.data) < HEADER:
            name = kind.decode()
            raise MalformedSource(
                path, f"not a database file of HPCToolkit of the kind {name!r}", where="byte 0", advice=ADVICE
            )
        if self.data[14] != MAJOR:
            raise MalformedSource(
                path,
                f"major version {self.data[14]} of the format can't be read, only {MAJOR}",
                where="byte 14",
                advice="make the database again with an hpcprof of HPCToolkit 2023 or later",
            )
        self.minor = self.data[15]
        if not self.data.endswith(FOOTERS[kind]):
            raise self.bad(
                len(self.data), f"the file is cut off: it does not end in {FOOTERS[kind].decode()}"
            )

    def bad(self, offset: int, problem: str) -> MalformedSource:
        """The error for what is wrong at a byte of the file."""
        return MalformedSource(self.path, problem, where=f"byte {offset}", advice=ADVICE)

    def inside(self, offset: int, size: int, what: str, pointer: int) -> None:
        """Raises `MalformedSource` where that part is not in the file; `pointer` is the byte that refers to it."""
        if size < 0 or offset + size > len(self.data):
            raise self.bad(
                pointer,
                f"{what} should be {size} bytes at byte {offset}, beyond the {len(self.data)} of the file",
            )

    def spend(self, size: int, what: str, pointer: int) -> None:
        """Counts bytes that are taken from the file. Raises `MalformedSource` where they are more than it can have."""
        self._budget -= size
        if self._budget < 0:
            raise self.bad(
                pointer, f"{what} overlaps what was read before: all of it is longer than the file"
            )

    def fields(self, layout: str, offset: int, what: str) -> tuple[int, ...]:
        """The fields of a structure at that byte."""
        compiled = _compiled(layout)
        if offset + compiled.size > len(self.data):
            raise self.bad(offset, f"{what} should be here, beyond the {len(self.data)} bytes of the file")
        return compiled.unpack_from(self.data, offset)

    def section(self, number: int, layout: str, what: str) -> tuple[int, int, tuple[int, ...]]:
        """Offset and size of a section, and the fields of its header."""
        size, offset = self.fields("QQ", HEADER + 16 * number, f"the place of {what}")
        self.inside(offset, size, what, HEADER + 16 * number)
        if size < _compiled(layout).size:
            raise self.bad(HEADER + 16 * number, f"{what} has only {size} bytes")
        return offset, size, self.fields(layout, offset, what)

    def table(self, offset: int, count: int, stride: int, least: int, what: str, pointer: int) -> range:
        """The bytes at which the entries of an array begin."""
        if count and stride < least:
            raise self.bad(
                pointer, f"{what} has entries of {stride} bytes, fewer than the {least} of version 4.0"
            )
        self.inside(offset, count * stride, what, pointer)
        self.spend(count * stride, what, pointer)
        return range(offset, offset + count * stride, stride) if count else range(0)

    def text(self, offset: int, what: str, pointer: int) -> str:
        """The string that begins at that byte; bytes that are not UTF-8 as escapes, noted in `unreadable`."""
        found = self._texts.get(offset)
        if found is None:
            found = self._texts[offset] = self._text(offset, what, pointer)
        return found

    def _text(self, offset: int, what: str, pointer: int) -> str:
        end = self.data.find(b"\0", offset) if offset < len(self.data) else -1
        if end < 0:
            raise self.bad(pointer, f"{what} should begin at byte {offset} and end before the file does")
        self.spend(end - offset, what, pointer)
        raw = self.data[offset:end]
        try:
            return raw.decode()
        except UnicodeDecodeError:
            self.unreadable.append(offset)
            return raw.decode(errors="backslashreplace")

    def column(self, typecode: str, offset: int, count: int, stride: int) -> array[int]:
        """A column of unsigned integers of an array of packed structures (its bytes were checked)."""
        return _column(self.data, typecode, offset, count, stride)

    def doubles(self, offset: int, count: int, stride: int) -> array[float]:
        """A column of doubles of an array of packed structures (its bytes were checked)."""
        return _column(self.data, "d", offset, count, stride)


def _column(data: bytes, typecode: str, offset: int, count: int, stride: int) -> array:  # type: ignore[type-arg]
    # Byte by byte of the width, each for all rows at once: several times faster than unpacking row by row.
    found = array(typecode)
    width = found.itemsize
    packed = bytearray(width * count)
    for place in range(width if count else 0):
        packed[place::width] = data[offset + place : offset + (count - 1) * stride + place + 1 : stride]
    found.frombytes(packed)
    if sys.byteorder == "big":
        found.byteswap()
    return found
