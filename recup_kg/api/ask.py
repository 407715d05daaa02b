"""Queries of the library, of files and of callers: bound to runs, asked, answered."""

from __future__ import annotations

from collections.abc import Mapping

from recup_kg.api import answers
from recup_kg.api.answers import Answer
from recup_kg.queries import bind, load
from recup_kg.store import Store
from recup_kg.store.table import Table, Value


def ask(store: Store, query: str, parameters: Mapping[str, Value]) -> Answer:
    """The answer to a query given by name, path or text."""
    found = store.query(bound(store, query, parameters))
    if isinstance(found, Table):
        return Answer(found)
    return answers.of_boolean(found) if isinstance(found, bool) else answers.of_triples(found)


def bound(store, query, parameters):
    return bind(load(query), {})
