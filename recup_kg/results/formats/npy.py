"""NumPy arrays, one a file (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from tokenize import TokenError
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy

from recup_kg.errors import MalformedSource
from recup_kg.results.blocks import Array, Block, Order, Part, Variable, slabs
from recup_kg.results.fields import parts_of
from recup_kg.results.raw import RawElements

NAME = "npy"
SUFFIXES = (".npy",)
MAGIC = b"\x93NUMPY"


def sniff(head: bytes, path: Path) -> bool:
    """Whether the first bytes are those of an array."""
    return head.startswith(MAGIC)


@contextmanager
def read(path: Path) -> Iterator[tuple[Part, ...]]:
    """The array, without a name; a structured one as its fields. Raises `MalformedSource`. Never unpickles."""
    with path.open("rb") as stream:
        shape, fortran, dtype = header(stream, path)
        offset = stream.tell()
    order: Order = "F" if fortran else "C"
    if dtype.hasobject:
        yield (Part((Variable("", "object", shape, unreadable=PICKLED),), _nothing, order),)
        return
    if dtype.fields is not None or dtype.subdtype is not None:
        RawElements(path, offset, dtype, int(np.prod(shape, dtype=object))).close()
        memory = _map(path, dtype, offset, shape, order)
        yield parts_of("", dtype, shape, partial(_slabs, memory), order)
        return
    with closing(RawElements(path, offset, dtype, int(np.prod(shape, dtype=object)))) as elements:

        def blocks(wanted: Order) -> Iterator[Block]:
            if wanted == order or len(shape) < 2:
                return elements.blocks()
            return _slabs(_map(path, dtype, offset, shape, order), wanted)

        yield (Part((Variable("", dtype.str, shape),), blocks, order, elements.load),)


PICKLED = "it holds Python objects, which are never unpickled"


def header(stream: BinaryIO, path: Path | str) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    """Shape, whether in Fortran order, and type. Raises `MalformedSource`."""
    try:
        try:
            version = npy.read_magic(stream)
        except ValueError:
            raise MalformedSource(path, "is no NumPy array: it does not start with \\x93NUMPY") from None
        reader = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, dtype = reader(stream)
    # NumPy takes the header apart with Python's tokenizer, whose errors are no ValueErrors.
    except (ValueError, OSError, SyntaxError, TokenError) as error:
        raise MalformedSource(path, f"is no NumPy array: {error}") from None
    if any(size < 0 for size in shape):
        raise MalformedSource(path, f"states the shape {shape}")
    return shape, fortran, dtype


def _map(path: Path, dtype: np.dtype[np.generic], offset: int, shape: tuple[int, ...], order: Order) -> Array:
    if 0 in shape:
        return np.empty(shape, dtype, order)
    return np.memmap(path, dtype, "r", offset, shape, order)


def _slabs(values: Array, wanted: Order) -> Iterator[Block]:
    view = values.T if wanted == "F" else values
    for selection in slabs(view.shape, view.dtype.itemsize):
        yield (np.asarray(view[selection]).reshape(-1),)


def _nothing(order: Order) -> Iterator[Block]:
    return iter(())
