"""Elements that lie in a file as they are: read from any thread, into buffers that stay in the processor's cache."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from recup_kg.errors import MalformedSource
from recup_kg.results.blocks import BYTES, Array, Block


class RawElements:
    """`count` elements of one type from a byte offset on."""

    def __init__(self, path: Path, offset: int, dtype: np.dtype[np.generic], count: int) -> None:
        self._path, self._offset, self._dtype, self.count = path, offset, dtype, count
        self._local = threading.local()
        if path.stat().st_size < offset + count * dtype.itemsize:
            raise MalformedSource(path, f"ends before its {count:,} elements do", advice="it is truncated")
        self._file = path.open("rb", buffering=0)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def load(self, start: int, stop: int) -> Array:
        """The elements from start to stop; overwritten by the next call from the same thread."""
        size = (stop - start) * self._dtype.itemsize
        buffer = self._buffer(size)
        self._fill(buffer.data[:size], self._offset + start * self._dtype.itemsize)
        return buffer[:size].view(self._dtype)

    def blocks(self) -> Iterator[Block]:
        """All elements, in pieces that are nobody else's."""
        step = max(1, BYTES // max(1, self._dtype.itemsize))
        for start in range(0, self.count, step):
            yield (self.load(start, min(start + step, self.count)).copy(),)

    def _buffer(self, size: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
        buffer: np.ndarray[tuple[int], np.dtype[np.uint8]] | None = getattr(self._local, "buffer", None)
        if buffer is None or len(buffer) < size:
            buffer = self._local.buffer = np.empty(size, np.uint8)
        return buffer

    def _fill(self, view: memoryview, offset: int) -> None:
        done = 0
        while done < len(view):
            read = os.preadv(self._file.fileno(), [view[done:]], offset + done)
            if not read:
                raise MalformedSource(
                    self._path, "became shorter while it was read", advice="compare it again"
                )
            done += read
