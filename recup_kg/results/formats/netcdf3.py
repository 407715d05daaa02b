"""Classic NetCDF (versions 1 and 2, https://docs.unidata.ucar.edu/nug/current/file_format_specifications.html), read by SciPy.

An attribute is a variable called `variable@attribute`; the dimensions of a variable are `variable@dimensions`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from recup_kg.errors import MalformedSource
from recup_kg.results.blocks import Block, Order, Part, Variable, slabs

NAME = "netcdf"
SUFFIXES = (".nc", ".cdf")
_MAGIC = (b"CDF\x01", b"CDF\x02")
_DAMAGE = (OSError, ValueError, TypeError, KeyError, IndexError, OverflowError, EOFError, struct.error)


def sniff(head: bytes, path: Path) -> bool:
    """Whether the file starts as classic NetCDF does."""
    return head.startswith(_MAGIC)


@contextmanager
def read(path: Path) -> Iterator[tuple[Part, ...]]:
    """The variables and attributes. Raises `MalformedSource`."""
    from scipy.io import netcdf_file

    try:
        file = netcdf_file(path, "r", mmap=False)
    except _DAMAGE as error:
        raise MalformedSource(path, f"is damaged: {error}" if str(error) else "is damaged") from None
    with file:
        yield tuple(_all(file, path))


def _all(file: Any, path: Path) -> Iterator[Part]:
    yield from _attributes("", file._attributes)
    for name, variable in file.variables.items():
        data = variable.data
        yield Part((Variable(name, data.dtype.str, data.shape),), partial(_blocks, data))
        names = np.array(variable.dimensions, object)
        yield Part((Variable(f"{name}@dimensions", "string", names.shape),), partial(_blocks, names))
        yield from _attributes(name, variable._attributes)


def _attributes(name: str, attributes: Mapping[str, Any]) -> Iterator[Part]:
    for attribute in sorted(attributes):
        value = attributes[attribute]
        values = np.array(value, object) if isinstance(value, bytes | str) else np.asarray(value)
        kind = "string" if values.dtype.hasobject else values.dtype.str
        yield Part((Variable(f"{name}@{attribute}", kind, values.shape),), partial(_blocks, values))


def _blocks(data: np.ndarray[Any, Any], wanted: Order) -> Iterator[Block]:
    for selection in slabs(data.shape, data.dtype.itemsize):
        yield (np.asarray(data[selection]).reshape(-1),)
