"""Parquet (https://parquet.apache.org/docs/file-format/): a variable for each column, row group by row group."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from recup_kg.errors import MalformedSource
from recup_kg.results.blocks import Array, Block, Order, Part, Variable

NAME = "parquet"
SUFFIXES = (".parquet", ".pq")
MAGIC = b"PAR1"
ROWS = 1 << 16
"""Rows of a piece."""


def sniff(head: bytes, path: Path) -> bool:
    """Whether the file starts as Parquet does."""
    return head.startswith(MAGIC)


@contextmanager
def read(path: Path) -> Iterator[tuple[Part, ...]]:
    """The columns. Raises `MalformedSource`."""
    import pyarrow
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise MalformedSource(path, f"is no whole Parquet file: {str(error).splitlines()[0]}") from None
    with file:
        rows = file.metadata.num_rows
        variables = tuple(
            Variable(field.name, str(field.type), (rows,), where=_row) for field in file.schema_arrow
        )
        yield (Part(variables, partial(_blocks, file, path)),) if variables else ()


def _row(position: int) -> str:
    return f"row {position + 1}"


def _blocks(file: Any, path: Path, wanted: Order) -> Iterator[Block]:
    import pyarrow

    try:
        for batch in file.iter_batches(batch_size=ROWS):
            yield tuple(_values(column) for column in batch.columns)
    except (pyarrow.ArrowException, OSError) as error:
        raise MalformedSource(path, f"is damaged: {str(error).splitlines()[0]}") from None


def _values(column: Any) -> Array:
    """The values; numbers with nulls among them as objects, so that no integer goes through floating point."""
    import pyarrow

    kind = column.type
    is_number = (
        pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind) or pyarrow.types.is_boolean(kind)
    )
    if (
        (is_number and not column.null_count)
        or pyarrow.types.is_timestamp(kind)
        or pyarrow.types.is_date(kind)
    ):
        values: Array = column.to_numpy(zero_copy_only=False)
        return values
    found = np.empty(len(column), object)
    found[:] = [_plain(value) for value in column.to_pylist()]
    return found


def _plain(value: object) -> object:
    """A value that has a text: nested ones become the text that Python has for them."""
    return value if value is None or isinstance(value, str | bytes | int | float) else str(value)
