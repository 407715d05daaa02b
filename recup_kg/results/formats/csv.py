"""Tables as text: comma, semicolon or tab between cells, a variable for each column, streamed."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from recup_kg.errors import MalformedSource
from recup_kg.results.blocks import Block, Order, Part, Variable
from recup_kg.results.texts import is_number

NAME = "csv"
SUFFIXES = (".csv", ".tsv", ".tab")
BLOCK = 1 << 22
"""Bytes of text that are parsed at once."""
_SEPARATORS = "\t,;"


def sniff(head: bytes, path: Path) -> bool:
    """No bytes tell a table from other text: its name does."""
    return False


@contextmanager
def read(path: Path) -> Iterator[tuple[Part, ...]]:
    """The columns by the names in the first line, or by their number where that line holds numbers only."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            first = stream.readline()
            separator = _separator(first, path)
            stream.seek(0)
            cells = next(csv.reader(stream, delimiter=separator), [])
    except UnicodeDecodeError as error:
        raise MalformedSource(
            path, f"is no UTF-8 text: {error.reason}", where=f"byte {error.start}"
        ) from None
    except csv.Error as error:
        raise MalformedSource(path, str(error), where="line 1") from None
    if not cells:
        raise MalformedSource(path, "is empty: it has no line with names of columns")
    named = not all(is_number(cell) for cell in cells)
    names = _names(cells) if named else [f"column {number}" for number in range(1, len(cells) + 1)]
    variables = tuple(Variable(name, "text", where=_row) for name in names)
    columns = partial(_cells, path, separator, names, named)
    yield (Part(variables, partial(_blocks, columns), cells=columns),)


def _row(position: int) -> str:
    return f"row {position + 1}"


def _separator(line: str, path: Path) -> str:
    if path.suffix.lower() in (".tsv", ".tab"):
        return "\t"
    return max(",;\t", key=line.count)


def _names(cells: list[str]) -> list[str]:
    """The names of the columns; a name that is there before is told from it by a number."""
    found: list[str] = []
    for cell in cells:
        number, name = 1, cell
        while name in found:
            number += 1
            name = f"{cell} ({number})"
        found.append(name)
    return found


def _blocks(cells: Callable[[], Iterator[tuple[Any, ...]]], wanted: Order) -> Iterator[Block]:
    for block in cells():
        yield tuple(column.to_numpy(zero_copy_only=False) for column in block)


def _cells(path: Path, separator: str, names: list[str], named: bool) -> Iterator[tuple[Any, ...]]:
    import pyarrow
    from pyarrow import csv as arrow

    try:
        reader = arrow.open_csv(
            path,
            read_options=arrow.ReadOptions(
                block_size=BLOCK, column_names=names, skip_rows=int(named), use_threads=False
            ),
            parse_options=arrow.ParseOptions(delimiter=separator, newlines_in_values=True),
            convert_options=arrow.ConvertOptions(
                column_types=dict.fromkeys(names, pyarrow.string()), strings_can_be_null=False
            ),
        )
        for batch in reader:
            yield tuple(batch.columns)
    except pyarrow.ArrowInvalid as error:
        if named and "Empty CSV" in str(error):
            return
        raise MalformedSource(path, str(error).splitlines()[0]) from None
