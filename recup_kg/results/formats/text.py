"""Text, line by line. Numbers in lines may differ within a bound that is given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from recup_kg.results.blocks import Block, Order, Part, Variable

NAME = "text"
SUFFIXES = (".txt", ".log", ".md", ".out", ".dat", ".xyz", ".vtk", ".yaml", ".yml", ".xml", ".html")
LINES = 1 << 14
"""Lines of a piece."""


def sniff(head: bytes, path: Path) -> bool:
    """Whether the bytes are UTF-8 without any that text never has."""
    if b"\x00" in head:
        return False
    try:
        head[:-3].decode()
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 6
    return True


@contextmanager
def read(path: Path) -> Iterator[tuple[Part, ...]]:
    """The lines. Bytes that are no UTF-8 are kept as they are."""
    yield (Part((Variable("lines", "lines", where=_line),), partial(_blocks, path)),)


def _line(position: int) -> str:
    return f"line {position + 1}"


def _blocks(path: Path, wanted: Order) -> Iterator[Block]:
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as stream:
        while lines := list(islice(stream, LINES)):
            block = np.empty(len(lines), object)
            block[:] = lines
            yield (block,)
