"""The traces of DXT from the raw bytes of their region.

A record is a header (record id, rank, a flag, host name, number of writes and of reads) and as many segments, writes first
(`include/darshan-dxt-log-format.h`). A segment is offset, length, start and end, and then, by the runtime that wrote it:

- nothing (32 bytes): Darshan 3.1 to 3.4, DXT_POSIX 1, DXT_MPIIO 1 and 2;
- the thread (40 bytes): DXT_POSIX 2, DXT_MPIIO 3;
- a text of 64 bytes (96 bytes): the runtime that annotates segments, which still calls itself DXT_POSIX 1; the text is
  `pthread_id=<number>`, what follows its NUL is not set;
- thread and text (104 bytes).

The version alone does not tell these apart, so a layout is taken only if it uses up all bytes and every value can be true.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recup_kg.converters.darshan.log import Operations, Trace, text_of

SLACK = 2.0
"""Seconds by which a segment may end after the run time, which old logs give in whole seconds."""
LARGEST_FILE = 2**60
LARGEST_OPERATION = 2**50
"""Bytes that no file and no single read or write has: beyond them, it is not an offset or a length that was read."""

_HEAD = "Qqq64sqq"
_TEXT = 64
_PREFIX = b"pthread_id="


@dataclass(frozen=True, slots=True)
class Layout:
    """What follows the four numbers of a segment."""

    thread: bool
    text: bool

    @property
    def words(self) -> int:
        """Its length in words of 8 bytes."""
        return 4 + self.thread + (_TEXT // 8 if self.text else 0)


PLAIN, THREAD, TEXT, BOTH = Layout(False, False), Layout(True, False), Layout(False, True), Layout(True, True)


class NoLayout(Exception):
    """The bytes are segments of no known layout, or hold values that can't be true."""


def traces(module: str, version: int, data: bytes, order: str, run_time: float) -> list[Trace]:
    """The traces in a decompressed region; `run_time` in s. Raises `NoLayout`."""
    for layout in _candidates(module, version):
        try:
            return list(_read(module, version, data, order, run_time, layout))
        except NoLayout:
            continue
    raise NoLayout("its segments have no layout that is known, or times outside the run")


def plausible(
    offset: Sequence[int | None],
    length: Sequence[int],
    start: Sequence[float],
    end: Sequence[float],
    run_time: float,
) -> bool:
    """Whether operations can be true: no negative lengths, within the run, none that ends before it starts."""
    return (
        all(place is None or -1 <= place <= LARGEST_FILE for place in offset)
        and all(0 <= size <= LARGEST_OPERATION for size in length)
        and all(0 <= first <= last <= run_time + SLACK for first, last in zip(start, end, strict=True))
    )


def _candidates(module: str, version: int) -> tuple[Layout, ...]:
    new = version >= (2 if module == "DXT_POSIX" else 3)
    return (THREAD, BOTH, PLAIN, TEXT) if new else (PLAIN, TEXT, THREAD, BOTH)


def _read(
    module: str, version: int, data: bytes, order: str, run_time: float, layout: Layout
) -> Iterator[Trace]:
    head = struct.Struct(order + _HEAD)
    size = layout.words * 8
    offsets_known = not (module == "DXT_MPIIO" and version == 1)
    position = 0
    while position < len(data):
        if position + head.size > len(data):
            raise NoLayout("a record is cut off")
        identifier, rank, _, host, writes, reads = head.unpack_from(data, position)
        position += head.size
        if rank < -1 or writes < 0 or reads < 0 or (writes + reads) * size > len(data) - position:
            raise NoLayout("a record is cut off")
        middle = position + writes * size
        end = middle + reads * size
        yield Trace(
            module,
            identifier,
            rank,
            text_of(host.partition(b"\0")[0]),
            _operations(data[position:middle], order, layout, run_time, offsets_known),
            _operations(data[middle:end], order, layout, run_time, offsets_known),
        )
        position = end


def _operations(data: bytes, order: str, layout: Layout, run_time: float, offsets_known: bool) -> Operations:
    count = len(data) // (layout.words * 8)
    offset, length = (_column(data, f"{order}q", layout.words, index) for index in (0, 1))
    start, end = (_times(data, f"{order}d", layout.words, index) for index in (2, 3))
    if not plausible(offset, length, start, end, run_time):
        raise NoLayout("a segment has values that can't be true")
    threads: list[int | None] = [None] * count
    tags: list[str | None] = [None] * count
    if layout.thread:
        threads = [_thread(number) for number in _column(data, f"{order}q", layout.words, 4)]
    if layout.text:
        _annotate(data, layout, threads, tags)
    known: Sequence[int | None] = offset if offsets_known else [None] * count
    return Operations(known, length, start, end, threads, tags)


def _annotate(data: bytes, layout: Layout, threads: list[int | None], tags: list[str | None]) -> None:
    size = layout.words * 8
    for index in range(len(tags)):
        said = data[(index + 1) * size - _TEXT : (index + 1) * size].partition(b"\0")[0]
        if not said.isascii() or not said.decode().isprintable():
            raise NoLayout("an annotation is no text")
        number = said.removeprefix(_PREFIX)
        if said.startswith(_PREFIX) and number.isdigit():
            threads[index] = _thread(int(number))
        elif said:
            tags[index] = said.decode()


def _thread(number: int) -> int | None:
    if not 0 <= number < 2**63:
        raise NoLayout("a thread has a number that can't be true")
    return number or None


def _column(data: bytes, kind: str, words: int, index: int) -> list[int]:
    return list(_words(data, kind)[index::words])


def _times(data: bytes, kind: str, words: int, index: int) -> list[float]:
    return list(_words(data, kind)[index::words])


def _words(data: bytes, kind: str) -> memoryview:
    """The data as numbers of 8 bytes, without a copy where they are in this machine's order."""
    if kind[0] == ("<" if sys.byteorder == "little" else ">"):
        return memoryview(data).cast("B").cast(kind[1])  # type: ignore[call-overload,no-any-return]
    swapped = array(kind[1], data)
    swapped.byteswap()
    return memoryview(swapped)
