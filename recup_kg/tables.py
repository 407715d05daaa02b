"""Side tables: Parquet files beside the bundles, named after the hash of their content.

The hash is over the values, not over the file: Parquet writers differ in the bytes that they make of the same values.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from recup_kg.records import SideTable

if TYPE_CHECKING:
    import pyarrow

SUFFIX = ".parquet"


def row_count(table: SideTable) -> int:
    """The number of rows."""
    return len(next(iter(table.columns.values()), ()))


def content_hash(table: SideTable) -> str:
    """SHA-256 over the names, the Arrow types and the values of the columns, in order."""
    arrow = to_arrow(table)
    state = hashlib.sha256()
    for field, column in zip(arrow.schema, arrow.columns, strict=True):
        state.update(f"{field.name}\0{field.type}\0{len(column)}\0".encode())
        for value in _canonical(column.to_pylist()):
            state.update(value)
    return state.hexdigest()


def to_arrow(table: SideTable) -> pyarrow.Table:
    """The columns as an Arrow table, with label, description and units as metadata."""
    import pyarrow

    arrow = pyarrow.table({name: pyarrow.array(column) for name, column in table.columns.items()})
    said = {"label": table.label, "description": table.description}
    said |= {f"unit.{name}": unit for name, unit in table.units}
    return arrow.replace_schema_metadata(said)


def write_table(folder: Path, table: SideTable) -> Path:
    """The table as a file of the folder; one that is there already stays. On return it is on the disk."""
    import pyarrow.parquet

    path = table_path(folder, content_hash(table))
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{secrets.token_hex(16)}.tmp"
    try:
        pyarrow.parquet.write_table(to_arrow(table), temporary, compression="zstd")
        with temporary.open("rb") as stream:
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def table_path(folder: Path, content: str) -> Path:
    """Where the table of that content hash is."""
    return folder / f"{content}{SUFFIX}"


def _canonical(values: list[object]) -> Iterator[bytes]:
    for value in values:
        data = repr(value).encode(errors="surrogateescape")
        yield b"%d:" % len(data)
        yield data
