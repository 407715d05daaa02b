"""Rows of SPARQL queries over the graphs of one execution's sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from recup_kg.store.table import Table, Value
from recup_kg.vocab import prefixes_turtle

Row = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Rows:
    """Asks a store, and keeps to the rows of the given graphs. Each query has a column `graph`."""

    select: Callable[[str], Table]
    members: frozenset[str]

    def __call__(self, query: str) -> Iterator[Row]:
        """The rows of a query, in an order of their own."""
        found = [
            row for row in self.select(prefixes_turtle() + query).dicts() if row["graph"] in self.members
        ]
        return iter(sorted(found, key=_order))


def _order(row: Row) -> list[str]:
    return [str(value) for value in row.values()]


def text(value: Value) -> str | None:
    """A value as text; None stays."""
    return None if value is None else str(value)


def integer(value: Value) -> int | None:
    """A whole number; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def moment(value: Value) -> datetime | None:
    """An xsd:dateTime with or without zone; None where it is none, or one that Python's calendar lacks."""
    try:
        return None if value is None else datetime.fromisoformat(str(value))
    except ValueError:
        return None


def seconds(value: Value) -> float | None:
    """An xsd:dateTime as seconds since 1970 in UTC; None for a time without zone, which is no point in time."""
    found = moment(value)
    return None if found is None or found.tzinfo is None else found.timestamp()
