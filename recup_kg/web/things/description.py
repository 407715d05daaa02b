"""What the store says of a thing: the statements with it as subject, and those that point at it, a page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph

from recup_kg.store import Store, Term
from recup_kg.store.registry import iri as written
from recup_kg.vocab import DCTERMS, INDEX_GRAPH, RDF, RDFS

PAGE = 100
"""Number of statements that point at a thing, on one page."""
MOST = 5000
"""Number of statements of a thing that a page shows; RDF by SPARQL has no such limit."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A triple and the graph that says so."""

    subject: Term
    predicate: Term
    object: Term
    graph: str


@dataclass(frozen=True, slots=True)
class Description:
    """`iri`, what is said of it, and one page of what points at it; `more` where another page follows.

    `labels` has the labels of the things that the statements name, or their identifiers in the source, by IRI.
    """

    iri: str
    said: tuple[Statement, ...]
    incoming: tuple[Statement, ...]
    page: int
    more: bool
    cut: bool
    labels: dict[str, str]

    @property
    def label(self) -> str:
        """What it is called; else the last part of its IRI."""
        return self.labels.get(self.iri) or self.iri.rstrip("/").rsplit("/", 1)[-1].rsplit("#", 1)[-1]

    @property
    def types(self) -> tuple[str, ...]:
        """The IRIs of its classes."""
        found = (
            s.object
            for s in self.said
            if isinstance(s.predicate, pyoxigraph.NamedNode) and s.predicate.value == RDF + "type"
        )
        return tuple(sorted({term.value for term in found if isinstance(term, pyoxigraph.NamedNode)}))

    @property
    def graphs(self) -> tuple[str, ...]:
        """The graphs that say something of it."""
        return tuple(sorted({statement.graph for statement in self.said}))

    def triples(self) -> Iterator[pyoxigraph.Triple]:
        """All statements, each once."""
        seen: set[pyoxigraph.Triple] = set()
        for statement in (*self.said, *self.incoming):
            triple = pyoxigraph.Triple(statement.subject, statement.predicate, statement.object)  # type: ignore[arg-type]
            if triple not in seen:
                seen.add(triple)
                yield triple


def describe(store: Store, iri: str, page: int) -> Description | None:
    """What the store says of a thing; None where it says nothing. Raises ValueError for text that is no IRI."""
    node = pyoxigraph.NamedNode(iri)
    said = _said(store, node)
    incoming = _incoming(store, node, page)
    if not said and not incoming:
        return None
    more, incoming = len(incoming) > PAGE, incoming[:PAGE]
    cut, said = len(said) > MOST, said[:MOST]
    named = {node.value} | {
        term.value
        for s in (*said, *incoming)
        for term in (s.subject, s.object)
        if isinstance(term, pyoxigraph.NamedNode)
    }
    return Description(iri, said, incoming, page, more, cut, _labels(store, named))


def _said(store: Store, node: pyoxigraph.NamedNode) -> tuple[Statement, ...]:
    table = store.select(
        f"SELECT ?p ?o ?g {{ GRAPH ?g {{ {node} ?p ?o }} FILTER (?g != <{INDEX_GRAPH}>) }} ORDER BY ?p ?o ?g LIMIT {MOST + 1}"
    )
    return tuple(Statement(node, p, o, _text(g)) for p, o, g in table.rows if p is not None and o is not None)


def _incoming(store: Store, node: pyoxigraph.NamedNode, page: int) -> tuple[Statement, ...]:
    table = store.select(
        f"SELECT ?s ?p ?g {{ GRAPH ?g {{ ?s ?p {node} }} FILTER (?g != <{INDEX_GRAPH}>) }} ORDER BY ?p ?s ?g "
        f"LIMIT {PAGE + 1} OFFSET {page * PAGE}"
    )
    return tuple(Statement(s, p, node, _text(g)) for s, p, g in table.rows if s is not None and p is not None)


def _labels(store: Store, iris: set[str]) -> dict[str, str]:
    values = " ".join(written(iri) for iri in sorted(iris))
    table = store.select(f"""SELECT ?thing (MIN(STR(?label)) AS ?text) {{
      VALUES ?thing {{ {values} }} GRAPH ?g {{ ?thing <{RDFS}label>|<{DCTERMS}identifier> ?label }}
    }} GROUP BY ?thing""")
    return {str(thing): str(text) for thing, text in table.values()}


def _text(term: Term | None) -> str:
    return term.value if isinstance(term, pyoxigraph.NamedNode) else ""
