"""The full-text index: SQLite FTS5 (https://www.sqlite.org/fts5.html). It is derived: removed, it is built anew."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from recup_kg.errors import StoreBusy, StoreError, UsageError
from recup_kg.federation.search_items import Item

T = TypeVar("T")

VERSION = 1
"""Raised when the tables, or what is put into them, change."""

_WAIT = 60.0
_SCHEMA = f"""
CREATE TABLE part (key TEXT PRIMARY KEY, peer TEXT, state TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE item (
  id INTEGER PRIMARY KEY, part TEXT NOT NULL, peer TEXT, kind TEXT NOT NULL, title TEXT NOT NULL, iri TEXT NOT NULL,
  page TEXT, licence TEXT, run TEXT
);
CREATE INDEX item_part ON item (part);
CREATE VIRTUAL TABLE words USING fts5(
  title, identifiers, keywords, body, tokenize = "unicode61 remove_diacritics 2"
);
PRAGMA user_version = {VERSION};
"""
# Of title, identifiers, keywords, body: a word in the title says more than one in a description.
_FIND = """
SELECT item.peer, item.kind, item.title, item.iri, item.page, item.licence, item.run, bm25(words, 8.0, 6.0, 4.0, 1.0) AS score
FROM words JOIN item ON item.id = words.rowid
WHERE words MATCH ? AND (? IS NULL OR item.peer = ?)
ORDER BY item.kind IN ('file', 'program', 'parameter'), score, item.peer, item.title, item.iri LIMIT ?
"""
_COUNT = """
SELECT COUNT(*) FROM words JOIN item ON item.id = words.rowid WHERE words MATCH ? AND (? IS NULL OR item.peer = ?)
"""
_TERM = re.compile(r'"([^"]*)"(\*?)|([^\s"]+)')


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found. `peer` is None for one of our own store, `run` the run of ours that it belongs to."""

    peer: str | None
    kind: str
    title: str
    iri: str
    page: str | None
    licence: str | None
    run: str | None
    score: float


@dataclass(frozen=True, slots=True)
class Part:
    """What the index takes as a whole: a graph of ours, or the harvest of a peer. `items` is asked when `state` is new."""

    peer: str | None
    state: str
    items: Callable[[], Iterable[Item]]


def expression(words: str) -> str:
    """The FTS5 query for words, all of which must be there: `word*` is a prefix, `"some words"` a phrase.

    `blast-chameleon` is a phrase too: `-` and `.` part words in the index as in the query. Raises `UsageError` without any word.
    """
    terms = []
    # SQLite ends a query at a NUL, and has no place for half characters.
    words = words.encode(errors="replace").decode().replace("\0", " ")
    for phrase, star, word in _TERM.findall(words):
        text = phrase or word.rstrip("*")
        if any(character.isalnum() for character in text):
            prefix = star or ("*" if word.endswith("*") else "")
            terms.append(f'"{text}"{prefix}')
    if not terms:
        raise UsageError(f"no word to search for in {words!r}: letters or digits are needed")
    return " ".join(terms)


def search(
    path: Path, parts: Mapping[str, Part], query: str, *, peer: str | None, limit: int
) -> tuple[tuple[Hit, ...], int]:
    """The best hits, and how many there are, after the index was brought to the state of the parts.

    Raises `StoreBusy` where another process writes the index for too long, `StoreError`.
    """

    def work(connection: sqlite3.Connection) -> tuple[tuple[Hit, ...], int]:
        _update(connection, parts)
        chosen = (query, peer, peer)
        hits = tuple(_hit(row) for row in connection.execute(_FIND, (*chosen, limit)))
        return hits, connection.execute(_COUNT, chosen).fetchone()[0]

    try:
        return _with(path, work)
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise StoreBusy(f"{path} is being written by another process: try again later") from error
        if "readonly" in str(error) or "unable to open" in str(error):
            # A store that we may only read: the index is made for this one search.
            return _with(None, work)
        raise StoreError(f"{path} can't be used ({error}): remove it, it is made anew") from error
    except sqlite3.DatabaseError as error:
        if "malformed" not in str(error) and "not a database" not in str(error):
            raise StoreError(f"{path} can't be used ({error}): remove it, it is made anew") from error
        path.unlink()
        return _with(path, work)


def _hit(row: tuple[Any, ...]) -> Hit:
    peer, kind, title, iri, page, licence, run, score = row
    # FTS5 gives the better hit the lower number.
    return Hit(peer, kind, title, iri, page, licence, run, -score)


def _with(path: Path | None, work: Callable[[sqlite3.Connection], T]) -> T:
    connection = sqlite3.connect(path or ":memory:", timeout=_WAIT, isolation_level=None)
    with closing(connection):
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute("PRAGMA user_version").fetchone()[0] != VERSION:
            _create(connection)
        result = work(connection)
        connection.execute("COMMIT")
        return result


def _create(connection: sqlite3.Connection) -> None:
    for table in ("words", "item", "part"):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in filter(str.strip, _SCHEMA.split(";")):
        connection.execute(statement)


def _update(connection: sqlite3.Connection, parts: Mapping[str, Part]) -> None:
    """Take out what is gone or changed, and put in what is new."""
    known = dict(connection.execute("SELECT key, state FROM part"))
    for key, state in known.items():
        if key not in parts or parts[key].state != state:
            connection.execute(
                "DELETE FROM words WHERE rowid IN (SELECT id FROM item WHERE part = ?)", (key,)
            )
            connection.execute("DELETE FROM item WHERE part = ?", (key,))
            connection.execute("DELETE FROM part WHERE key = ?", (key,))
    for key, part in parts.items():
        if known.get(key) != part.state:
            _put(connection, key, part)
            connection.execute("INSERT INTO part VALUES (?, ?, ?)", (key, part.peer, part.state))


def _put(connection: sqlite3.Connection, key: str, part: Part) -> None:
    for item in part.items():
        row = connection.execute(
            "INSERT INTO item (part, peer, kind, title, iri, page, licence, run) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (key, part.peer, item.kind, item.title, item.iri, item.page, item.licence, item.run),
        )
        connection.execute(
            "INSERT INTO words (rowid, title, identifiers, keywords, body) VALUES (?, ?, ?, ?, ?)",
            (row.lastrowid, item.title, item.identifiers, item.keywords, item.body),
        )
