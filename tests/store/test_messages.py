"""A wrong query is told in one short line, without the grammar that the parser recites."""

from __future__ import annotations

import pytest

from recup_kg.errors import QueryError
from recup_kg.store import open_store


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT ?x WHERE {", "the query can't be answered: error at 1:18: this is not SPARQL"),
        (
            "SELECT ?x { ?x a foo:Bar }",
            "the query can't be answered: error at 1:25: a prefix is not declared",
        ),
    ],
)
def test_a_wrong_query(query: str, message: str) -> None:
    with open_store(":memory:", writable=True) as store, pytest.raises(QueryError) as caught:
        store.select(query)
    assert str(caught.value) == message
