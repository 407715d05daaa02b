"""What goes to standard output: JSON, and tables that fit the terminal."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any

import click

from recup_kg.vocab import BASE, PREFIXES

GAP = "  "
NARROWEST = 6
"""Columns are not cut below this many characters."""
_PART = re.compile(r"[a-z]+/[0-9a-f]{8}/")
_HASH = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{24,56}\b")


def print_json(value: Any) -> None:
    """The value as indented JSON; anything that JSON can't say is a defect of the caller."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], whole: Sequence[str] = ()) -> None:
    """A plain text table, numbers to the right, cut to the width of the terminal (or COLUMNS) if there is one.

    Columns named in `whole` are never cut: what they show is typed again.
    """
    click.echo("\n".join(table(columns, rows, whole)))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], whole: Sequence[str] = ()) -> list[str]:
    """The lines that `print_table` prints: the names of the columns, a rule, the rows."""
    return table_lines(columns, rows, _width(), whole)


def wrapped(text: str, indent: str) -> str:
    """The text on lines that fit the terminal, 80 columns where there is none."""
    return textwrap.fill(text, _width() or 80, initial_indent=indent, subsequent_indent=indent)


def forget_stdout() -> None:
    """After a broken pipe: let the interpreter flush into nothing at its end, instead of failing once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def table_lines(
    columns: Sequence[str], rows: Iterable[Sequence[object]], width: int | None, whole: Sequence[str] = ()
) -> list[str]:
    """The lines of a table; `width` in characters, None for as wide as it comes."""
    values = [list(row) for row in rows]
    cells = [[_cell(value) for value in row] for row in values]
    widths = [max(len(text) for text in column) for column in zip_longest(columns, *cells, fillvalue="")]
    if width is not None:
        kept = [index for index, name in enumerate(columns) if name in whole]
        widths = _fit(widths, width, kept)
    right = [_numeric(column) for column in zip(*values, strict=True)] or [False] * len(columns)
    lines = [list(columns), ["-" * size for size in widths], *cells]
    return [_line(line, widths, right) for line in lines]


def short(iri: str) -> str:
    """An IRI as a table shows it: prefixed, or below our base, with hashes cut to eight digits."""
    if iri.startswith(BASE) and not iri.startswith(PREFIXES["recup"]):
        return _HASH.sub(r"\1", iri.removeprefix(BASE))
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri


def _width() -> int | None:
    if "COLUMNS" in os.environ or sys.stdout.isatty():
        return shutil.get_terminal_size().columns
    return None


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < 1e6 else f"{value:.1f}"
    return " ".join(str(value).split())


def _numeric(column: Sequence[object]) -> bool:
    numbers = [value for value in column if value is not None]
    return bool(numbers) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in numbers)


def _fit(widths: list[int], width: int, kept: Sequence[int]) -> list[int]:
    """Narrow the widest columns first until the line fits, or nothing may be narrowed any more."""
    widths = list(widths)
    cuttable = [index for index in range(len(widths)) if index not in kept]
    excess = sum(widths) + len(GAP) * (len(widths) - 1) - width
    while excess > 0 and cuttable:
        widest = max(cuttable, key=widths.__getitem__)
        if widths[widest] <= NARROWEST:
            break
        widths[widest] -= 1
        excess -= 1
    return widths


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    parts = []
    for text, size, to_the_right in zip(cells, widths, right, strict=True):
        cut = text if len(text) <= size else _cut(text, size)
        parts.append(cut.rjust(size) if to_the_right else cut.ljust(size))
    return GAP.join(parts).rstrip()


def _cut(text: str, size: int) -> str:
    """The start of a text; of a part of a run, the end, which is what tells it from others."""
    if _PART.match(text):
        return "…" + text[-(size - 1) :]
    return text[: size - 1] + "…"
