"""Columns of values as Arrow arrays, without a copy."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import TYPE_CHECKING

from recup_kg.converters.hpctoolkit.model import Values

if TYPE_CHECKING:
    import pyarrow


def as_table(values: Values) -> pyarrow.Table:
    """The columns context, profile, metric and value."""
    import pyarrow

    return pyarrow.table(
        {
            "context": integers(values.contexts),
            "profile": integers(values.profiles),
            "metric": integers(values.metrics),
            "value": doubles(values.values),
        }
    )


def integers(column: array[int]) -> pyarrow.Array:
    """Unsigned integers of 32 bits."""
    import pyarrow

    return pyarrow.Array.from_buffers(pyarrow.uint32(), len(column), [None, pyarrow.py_buffer(column)])


def doubles(column: array[float]) -> pyarrow.Array:
    """Doubles."""
    import pyarrow

    return pyarrow.Array.from_buffers(pyarrow.float64(), len(column), [None, pyarrow.py_buffer(column)])


def names(identifiers: array[int], named: Mapping[int, str | None]) -> pyarrow.Array:
    """What each identifier is called, each name stored once."""
    import pyarrow
    import pyarrow.compute

    order = sorted(named)
    places = pyarrow.compute.index_in(integers(identifiers), pyarrow.array(order, pyarrow.uint32()))
    distinct = sorted({name for name in named.values() if name is not None})
    place_of = {name: place for place, name in enumerate(distinct)}
    codes = pyarrow.array([place_of.get(named[key] or "") for key in order], pyarrow.int32())
    return pyarrow.DictionaryArray.from_arrays(codes.take(places), pyarrow.array(distinct, pyarrow.string()))
