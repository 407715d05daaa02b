"""Elements that lie in a file as they are: read from any thread, into memory that the caller may use again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from recup_kg.errors import MalformedSource
from recup_kg.results.blocks import BYTES, Array, Block, Memory


class RawElements:
    """`count` elements of one type from a byte offset on."""

    def __init__(self, path: Path, offset: int, dtype: np.dtype[np.generic], count: int) -> None:
        self._path, self._offset, self._dtype, self.count = path, offset, dtype, count
        if path.stat().st_size < offset + count * dtype.itemsize:
            raise MalformedSource(path, f"ends before its {count:,} elements do", advice="it is truncated")
        self._file = path.open("rb", buffering=0)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def load(self, start: int, stop: int, into: Memory | None = None) -> Array:
        """The elements from start to stop, in the memory that is given or in new one."""
        size = (stop - start) * self._dtype.itemsize
        memory = np.empty(size, np.uint8) if into is None else into[:size]
        self._fill(memory.data, self._offset + start * self._dtype.itemsize)
        return memory.view(self._dtype)

    def blocks(self) -> Iterator[Block]:
        """All elements, in pieces that are nobody else's."""
        step = max(1, BYTES // max(1, self._dtype.itemsize))
        for start in range(0, self.count, step):
            yield (self.load(start, min(start + step, self.count)),)

    def _fill(self, view: memoryview, offset: int) -> None:
        done = 0
        while done < len(view):
            read = os.preadv(self._file.fileno(), [view[done:]], offset + done)
            if not read:
                raise MalformedSource(
                    self._path, "became shorter while it was read", advice="compare it again"
                )
            done += read
