"""HDF5 and NetCDF-4 (https://docs.hdfgroup.org/): data sets and attributes, along their chunks.

An attribute is a variable called `data set@attribute`; the dimension scales of a data set are `data set@dimensions`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from recup_kg.errors import MalformedSource, MissingExtra
from recup_kg.results.blocks import Block, Order, Part, Variable, slabs
from recup_kg.results.fields import parts_of
from recup_kg.results.raw import RawElements

NAME = "hdf5"
SUFFIXES = (".h5", ".hdf5", ".hdf", ".he5", ".nc4")
MAGIC = b"\x89HDF\r\n\x1a\n"
CACHE = 1 << 26
"""Bytes of decompressed chunks that are kept while a data set is read."""
_PLUMBING = frozenset(
    (
        "REFERENCE_LIST",
        "DIMENSION_LIST",
        "CLASS",
        "NAME",
        "_Netcdf4Dimid",
        "_Netcdf4Coordinates",
        "_NCProperties",
    )
)
"""Attributes that bookkeep links between data sets and libraries' versions."""
_DAMAGE = (OSError, RuntimeError, KeyError, ValueError, TypeError)


def sniff(head: bytes, path: Path) -> bool:
    """Whether the file starts as HDF5 does."""
    return head.startswith(MAGIC)


@contextmanager
def read(path: Path) -> Iterator[tuple[Part, ...]]:
    """The data sets and attributes by their paths. Raises `MalformedSource`, `MissingExtra`."""
    try:
        import h5py
    except ImportError:
        raise MissingExtra("h5py", "results") from None
    try:
        file = h5py.File(path, "r", rdcc_nbytes=CACHE)
    except OSError as error:
        raise MalformedSource(path, f"can't be opened as HDF5: {error}") from None
    with file, ExitStack() as open_files:
        try:
            parts = tuple(_all(file, path, open_files))
        except _DAMAGE as error:
            raise MalformedSource(path, f"is damaged: {error}") from None
        yield parts


def _all(file: Any, path: Path, open_files: ExitStack) -> Iterator[Part]:
    found: list[tuple[str, Any]] = [("", file)]
    file.visititems(lambda name, item: found.append((name, item)))
    for name, item in found:
        if hasattr(item, "shape"):
            yield from _data_set(item, name, path, open_files)
        for attribute in sorted(item.attrs):
            if attribute not in _PLUMBING:
                yield from _attribute(item, f"{name}@{attribute}", attribute)


def _data_set(item: Any, name: str, path: Path, open_files: ExitStack) -> Iterator[Part]:
    import h5py

    if any(scales := [[scale.name or "" for scale in axis.values()] for axis in item.dims]):
        names = [" ".join(axis) for axis in scales]
        yield _values(f"{name}@dimensions", np.array(names, object), "string")
    shape = () if item.shape is None else tuple(item.shape)
    dtype = item.dtype
    if item.shape is None:
        yield Part((Variable(name, dtype.str, (0,)),), _nothing)
    elif _has_strange(dtype):
        yield Part((Variable(name, "object", shape, unreadable=_STRANGE),), _nothing)
    elif h5py.check_string_dtype(dtype) is not None and dtype.hasobject:
        yield Part((Variable(name, "string", shape),), partial(_blocks, item, path))
    elif dtype.fields is not None or dtype.hasobject:
        yield from parts_of(name, dtype, shape, partial(_blocks, item, path))
    else:
        yield Part(
            (Variable(name, dtype.str, shape),),
            partial(_blocks, item, path),
            "C",
            _raw(item, path, open_files),
        )


_STRANGE = "it holds references or arrays of varying lengths, which have no common order"


def _has_strange(dtype: np.dtype[Any]) -> bool:
    import h5py

    if dtype.fields is not None:
        return any(_has_strange(field[0]) for field in dtype.fields.values())
    base = dtype.base
    return base.hasobject and h5py.check_string_dtype(base) is None


def _raw(item: Any, path: Path, open_files: ExitStack) -> Any:
    """Where the elements lie in the file as they are: a way to read them without the library, which only one thread can use."""
    offset = item.id.get_offset()
    properties = item.id.get_create_plist()
    is_plain = item.chunks is None and not item.is_virtual and not properties.get_external_count()
    if offset is None or not is_plain or item.file.userblock_size or item.dtype.kind not in "iufc":
        return None
    return open_files.enter_context(closing(RawElements(path, offset, item.dtype, item.size))).load


def _blocks(item: Any, path: Path, wanted: Order) -> Iterator[Block]:
    try:
        for selection in slabs(item.shape, item.dtype.itemsize, item.chunks):
            yield (np.asarray(item[selection]).reshape(-1),)
    except _DAMAGE as error:
        raise MalformedSource(path, f"is damaged: {error}", where=item.name) from None


def _attribute(item: Any, name: str, attribute: str) -> Iterator[Part]:
    dtype = item.attrs.get_id(attribute).dtype
    if _has_strange(dtype):
        yield Part((Variable(name, "object", unreadable=_STRANGE),), _nothing)
        return
    value = item.attrs[attribute]
    if not hasattr(value, "dtype") and not isinstance(value, str | bytes):
        yield Part((Variable(name, dtype.str, (0,)),), _nothing)
        return
    values = np.asarray(value, object if isinstance(value, str | bytes) else None)
    if values.dtype.fields is not None:
        yield from parts_of(name, values.dtype, values.shape, lambda order: iter(((values.reshape(-1),),)))
        return
    yield _values(name, values, "string" if values.dtype.hasobject else values.dtype.str)


def _values(name: str, values: np.ndarray[Any, Any], dtype: str) -> Part:
    flat = values.reshape(-1)
    return Part((Variable(name, dtype, values.shape),), lambda order: iter(((flat,),)))


def _nothing(order: Order) -> Iterator[Block]:
    return iter(())
