"""The graphs of a bundle as RDF text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import get_args

import pyoxigraph

from recup_kg.store import Entry, Store
from recup_kg.store.registry import Kind
from recup_kg.vocab import PREFIXES

ALL_KINDS: frozenset[Kind] = frozenset(get_args(Kind))


def graphs(store: Store, entry: Entry) -> dict[str, str]:
    """The graphs of a bundle and of what it joins, as N-Triples each."""
    return {graph: store.ntriples(graph).decode() for graph in entry.graphs}


def lines(store: Store, entry: Entry) -> list[str]:
    """All triples of a bundle as N-Triples lines, sorted, each once."""
    texts = graphs(store, entry).values()
    return sorted({line for text in texts for line in text.splitlines(keepends=True)})


def quad_lines(store: Store, entry: Entry) -> Iterator[str]:
    """All quads of a bundle as N-Quads lines, sorted."""
    found = (
        f"{line.rstrip()[:-1].rstrip()} <{graph}> .\n"
        for graph, text in graphs(store, entry).items()
        for line in text.splitlines()
    )
    yield from sorted(found)


def triples(store: Store, entry: Entry) -> Iterator[pyoxigraph.Triple]:
    """All triples of a bundle, each once."""
    parsed = pyoxigraph.parse("".join(lines(store, entry)), format=pyoxigraph.RdfFormat.N_TRIPLES)
    return (quad.triple for quad in parsed)


def serialized(statements: Iterable[pyoxigraph.Triple], form: pyoxigraph.RdfFormat) -> bytes:
    """Triples as RDF text with our prefixes."""
    return pyoxigraph.serialize(statements, format=form, prefixes=PREFIXES) or b""
