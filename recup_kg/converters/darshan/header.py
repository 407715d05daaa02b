"""The uncompressed header of a binary log, and the regions that it points to.

Layout after `include/darshan-log-format.h` and `darshan-util/darshan-logutils.c` of https://github.com/darshan-hpc/darshan:
version (8 bytes), magic number, compression, flags of partial modules, then offset and length of the table of names and of each
module, then the version of each module. Logs before 3.41 have room for 16 modules, later ones for 64; H5D came with
3.20 and PNETCDF_VAR with 3.41, and each moved the numbers of those after it.
"""

from __future__ import annotations

import bz2
import re
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

from recup_kg.converters.darshan.log import MODULES, Region
from recup_kg.errors import MalformedSource

MAGIC = 6567223
ZLIB, BZIP2, NONE = range(3)
SIZE_LIMIT = 2 * 1024**3
"""Bytes that a region may have when decompressed."""

_VERSION = re.compile(rb"(\d+)\.(\d+)\x00*")
_ADVICE = "copy the log again from where it was written"


class DamagedRegion(Exception):
    """A region can't be decompressed; the message says why."""


@dataclass(frozen=True, slots=True)
class Header:
    """Where a log keeps what. `order` is `<` or `>`, the order of bytes; `names` is None where there is no table of names."""

    version: str
    order: str
    compression: int
    job_offset: int
    job_size: int
    names: Region | None
    regions: tuple[Region, ...]


def is_header(start: bytes) -> bool:
    """Whether the first 16 bytes are those of a binary log."""
    magic = start[8:16]
    return _VERSION.fullmatch(start[:8]) is not None and MAGIC in (
        int.from_bytes(magic, "little"),
        int.from_bytes(magic, "big"),
    )


def read_header(path: Path) -> Header:
    """The header of a log. Raises `MalformedSource` where it is not one, is cut, or points to nowhere."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        data = stream.read(4096)
    if len(data) >= 16 and not any(data[:16]):
        raise MalformedSource(
            path,
            "the header is empty: Darshan did not finish this log",
            where="byte 0",
            advice="there is nothing to do; the run ended before Darshan could write it",
        )
    if not is_header(data[:16]):
        raise MalformedSource(path, "no header of a Darshan log", where="byte 0", advice=_ADVICE)
    return _parse(path, data, size)


def _parse(path: Path, data: bytes, size: int) -> Header:
    version = data[:8].rstrip(b"\0").decode()
    major, minor = (int(part) for part in version.split("."))
    order = "<" if int.from_bytes(data[8:16], "little") == MAGIC else ">"
    new = (major, minor) >= (3, 41)
    layout = struct.Struct(f"{order}8sqB7xQ130Q64I" if new else f"{order}8sqB3xI34Q16I")
    if major != 3:
        raise MalformedSource(
            path,
            f"a log of version {version}; this reads version 3",
            where="byte 0",
            advice="convert it with the darshan-convert of Darshan 3",
        )
    if len(data) < layout.size:
        raise MalformedSource(path, "cut off inside the header", where=f"byte {len(data)}", advice=_ADVICE)
    _, _, compression, flags, *rest = layout.unpack_from(data)
    count = 64 if new else 16
    maps, versions = rest[: 2 * count + 2], rest[2 * count + 2 :]
    modules = _modules(major, minor, count)
    regions = tuple(
        Region(
            modules[index],
            maps[2 * index + 3],
            versions[index],
            bool(flags >> index & 1),
            maps[2 * index + 2],
        )
        for index in range(count)
        if maps[2 * index + 3] or flags >> index & 1
    )
    names = Region("names", maps[1], 0, None, maps[0]) if maps[0] or maps[1] else None
    starts = [region.offset for region in (*([names] if names else []), *regions) if region.offset]
    end = starts[0] if starts else size
    if not layout.size < end <= size:
        raise MalformedSource(
            path, "the facts of the job are cut off", where=f"byte {min(size, end)}", advice=_ADVICE
        )
    return Header(version, order, compression, layout.size, end - layout.size, names, regions)


def inside(region: Region, header: Header, size: int) -> bool:
    """Whether the region lies within a file of that size."""
    return (
        region.offset is not None
        and header.job_offset <= region.offset <= region.offset + region.size <= size
    )


def inflate(path: Path, header: Header, region: Region) -> bytes:
    """The bytes of a region, decompressed. Raises `DamagedRegion`."""
    with path.open("rb") as stream:
        stream.seek(region.offset or 0)
        data = stream.read(region.size)
    if len(data) < region.size:
        raise DamagedRegion("it is cut off")
    if header.compression == NONE:
        return data
    parts: list[bytes] = []
    room = SIZE_LIMIT
    while data:
        part, data = _stream(header.compression, data, room)
        room -= len(part)
        parts.append(part)
    return b"".join(parts)


def _stream(compression: int, data: bytes, room: int) -> tuple[bytes, bytes]:
    """What the first compressed stream holds, and what follows it: each rank may have written one of its own."""
    try:
        if compression == ZLIB:
            zipped = zlib.decompressobj()
            part = zipped.decompress(data, room)
            ended, rest = zipped.eof, zipped.unused_data
        elif compression == BZIP2:
            packed = bz2.BZ2Decompressor()
            part = packed.decompress(data, room)
            ended, rest = packed.eof, packed.unused_data
        else:
            raise DamagedRegion(f"its compression {compression} is unknown")
    except (zlib.error, OSError) as error:
        raise DamagedRegion("it can't be decompressed") from error
    if not ended:
        raise DamagedRegion("its compressed data have no end")
    return part, rest


def _modules(major: int, minor: int, count: int) -> list[str]:
    missing = {"PNETCDF_VAR"} if (major, minor) < (3, 41) else set()
    missing |= {"H5D"} if (major, minor) < (3, 20) else set()
    names = [name for name in MODULES if name not in missing]
    names += [f"module {number}" for number in range(len(names), count)]
    return names[:count]
