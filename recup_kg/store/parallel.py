"""One stream of N-Quads into one pyoxigraph store by several bulk loaders at once.

pyoxigraph lets go of the interpreter while it loads, and one bulk loader keeps one core busy: two load nearly twice as fast
(`python -m benchmarks.load`).
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Protocol

MOST_WORKERS = 4
"""Each loader keeps all quads of one share in memory, about four times its text."""

_BLOCK = 1 << 20
_SHARE = 32 << 20


class Readable(Protocol):
    """All that is asked of the stream."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; none at the end."""
        ...


class LineBlocks:
    """Blocks of whole lines of one stream, for any thread that asks."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._rest = b""
        self._lock = Lock()

    def next(self) -> bytes:
        """The next block; empty at the end."""
        with self._lock:
            parts = [self._rest]
            self._rest = b""
            while data := self._source.read(_BLOCK):
                head, newline, tail = data.rpartition(b"\n")
                if newline:
                    self._rest = tail
                    return b"".join((*parts, head, newline))
                parts.append(data)
            return b"".join(parts)


class Share(io.RawIOBase):
    """What one call of a loader reads of the blocks: at most `limit` bytes and the rest of a block."""

    def __init__(self, blocks: LineBlocks, limit: int) -> None:
        super().__init__()
        self._blocks = blocks
        self._left = limit
        self._block = b""
        self._position = 0

    def begin(self) -> bool:
        """Take the first block; False where there is none."""
        self._next()
        return bool(self._block)

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; none at the end."""
        if self._position >= len(self._block) and self._left > 0:
            self._next()
        end = len(self._block) if size < 0 else self._position + size
        data = self._block[self._position : end]
        self._position += len(data)
        return data

    def _next(self) -> None:
        self._block, self._position = self._blocks.next(), 0
        self._left -= len(self._block)


def workers() -> int:
    """How many loaders run at once: one for each processor that this process may use, up to `MOST_WORKERS`."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, MOST_WORKERS)


def load_in_parallel(source: Readable, load: Callable[[io.RawIOBase], None], count: int) -> None:
    """Call `load` in `count` threads, over and over, each time with a share of the stream.

    Whatever a thread raises is raised when all have ended.
    """
    blocks = LineBlocks(source)
    with ThreadPoolExecutor(count) as pool:
        running = [pool.submit(_load_shares, blocks, load) for _ in range(count)]
    for thread in running:
        thread.result()


def _load_shares(blocks: LineBlocks, load: Callable[[io.RawIOBase], None]) -> None:
    while (share := Share(blocks, _SHARE)).begin():
        load(share)
