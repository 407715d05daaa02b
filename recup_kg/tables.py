"""Side tables: Parquet files beside the bundles, named after the hash of their content.

The hash is over the values, not over the file: Parquet writers differ in the bytes that they make of the same values.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recup_kg.errors import StoreError
from recup_kg.records import SideTable
from recup_kg.redaction import redact_text

if TYPE_CHECKING:
    import pyarrow

SUFFIX = ".parquet"
_ROWS_AT_ONCE = 1 << 20


def row_count(table: SideTable) -> int:
    """The number of rows."""
    return len(next(iter(table.columns.values()), ()))


def content_hash(table: SideTable) -> str:
    """SHA-256 over the names, the Arrow types and the values of the columns, in order; missing values count as such.

    Raises `ValueError` where the columns are of different lengths.
    """
    return _hash(to_arrow(table))


def to_arrow(table: SideTable) -> pyarrow.Table:
    """The columns as an Arrow table, with label, description and units as metadata.

    How a column lies in memory is no fact: large strings become strings, dictionaries their values.
    """
    import pyarrow

    arrow = pyarrow.table({name: _column(values) for name, values in table.columns.items()})
    said = {"label": table.label, "description": table.description}
    said |= {f"unit.{name}": unit for name, unit in table.units}
    return arrow.replace_schema_metadata(said)


def write_table(folder: Path, table: SideTable) -> Path:
    """The table as a file of the folder; one that is there already and whole stays. On return it is on the disk."""
    import pyarrow.parquet

    arrow = to_arrow(table)
    content = _hash(arrow)
    path = table_path(folder, content)
    if _is_whole(folder, content):
        return path
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{secrets.token_hex(16)}.tmp"
    try:
        pyarrow.parquet.write_table(arrow, temporary, compression="zstd")
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def read_table(folder: Path, content: str) -> pyarrow.Table | None:
    """The table of a content hash, None where the folder has no such file. Raises `StoreError` where it is damaged."""
    import pyarrow
    import pyarrow.parquet

    path = table_path(folder, content)
    if not path.exists():
        return None
    try:
        arrow = pyarrow.parquet.ParquetFile(path).read()
    except (OSError, pyarrow.ArrowException) as error:
        raise StoreError(f"{path} is damaged: remove it and ingest its source again") from error
    if _hash(arrow) != content:
        raise StoreError(f"{path} is not what its name says: remove it and ingest its source again")
    return arrow


def remove_tables_but(folder: Path, contents: Collection[str]) -> None:
    """Remove the tables that no graph speaks of any more."""
    for path in folder.glob(f"*{SUFFIX}"):
        if path.name.removesuffix(SUFFIX) not in contents:
            path.unlink(missing_ok=True)


def table_path(folder: Path, content: str) -> Path:
    """Where the table of that content hash is."""
    return folder / f"{content}{SUFFIX}"


def _is_whole(folder: Path, content: str) -> bool:
    try:
        return read_table(folder, content) is not None
    except StoreError:
        return False


def _column(values: Any) -> Any:
    """An Arrow column of the values, in one spelling of each type."""
    import pyarrow

    column = values if isinstance(values, pyarrow.ChunkedArray) else _array(values)
    kind = column.type
    if pyarrow.types.is_dictionary(kind):
        kind = kind.value_type
    kind = {pyarrow.large_string(): pyarrow.string(), pyarrow.large_binary(): pyarrow.binary()}.get(
        kind, kind
    )
    column = column if kind == column.type else column.cast(kind)
    return _without_secrets(column) if kind == pyarrow.string() else column


def _without_secrets(column: Any) -> Any:
    """The column with a marker in the place of what looks like a credential; each distinct text is looked at once."""
    import pyarrow

    for text in column.unique().to_pylist():
        if text is not None and redact_text(text) != text:
            clean = [None if value is None else redact_text(value) for value in column.to_pylist()]
            return pyarrow.array(clean, type=pyarrow.string())
    return column


def _array(values: Any) -> Any:
    """Integers of 2^63 and more are unsigned: Arrow takes them for signed ones and gives up."""
    import pyarrow

    try:
        return pyarrow.array(values)
    except OverflowError:
        return pyarrow.array(values, type=pyarrow.uint64())


def _hash(arrow: pyarrow.Table) -> str:
    state = hashlib.sha256()
    for field, column in zip(arrow.schema, arrow.columns, strict=True):
        state.update(f"{len(field.name)}:{field.name}\0{field.type}\0{len(column)}\0".encode())
        for start in range(0, len(column), _ROWS_AT_ONCE):
            part = column.slice(start, _ROWS_AT_ONCE).combine_chunks()
            for data in _canonical(part):
                state.update(b"%d:" % len(data))
                state.update(data)
    return state.hexdigest()


def _canonical(values: Any) -> Iterator[bytes]:
    """The bytes of an array: which values are missing, then the values, the same for every layout in memory."""
    import pyarrow
    from pyarrow import compute, types

    kind = values.type
    yield _fixed(values.is_null().cast(pyarrow.uint8()))
    if types.is_boolean(kind):
        yield _fixed(values.fill_null(False).cast(pyarrow.uint8()))
    elif types.is_integer(kind):
        yield _fixed(values.fill_null(0))
    elif types.is_float32(kind) or types.is_float64(kind):
        filled = values.fill_null(0)
        # A number that is none has many spellings in memory.
        yield _fixed(compute.if_else(compute.is_nan(filled), pyarrow.scalar(float("nan"), kind), filled))
    elif types.is_string(kind) or types.is_binary(kind):
        # Lengths before the joined values, so that ("ab", "c") is not ("a", "bc").
        yield _fixed(compute.binary_length(values).fill_null(0).cast(pyarrow.int64()))
        yield b"".join(value for value in values.cast(pyarrow.binary()).to_pylist() if value is not None)
    else:
        yield "\0".join(map(repr, values.to_pylist())).encode(errors="surrogatepass")


def _fixed(values: Any) -> bytes:
    """The bytes of numbers without missing ones; little-endian on every machine that Arrow's wheels are for."""
    width = values.type.bit_width // 8
    data: bytes = values.buffers()[1][
        values.offset * width : (values.offset + len(values)) * width
    ].to_pybytes()
    return data
