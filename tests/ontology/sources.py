"""The terms of ours: the ontology, and what is to be merged into it."""

from __future__ import annotations

from pathlib import Path

from rdflib import Graph

from recup_kg.resources import path as resources

ONTOLOGY = resources("ontology")
CORE = ONTOLOGY / "recup.ttl"


def term_files() -> list[Path]:
    """The ontology, and the files beside it whose terms are to be merged into it."""
    return [CORE, *sorted((ONTOLOGY / "pending").glob("*.ttl"))]


def terms_graph() -> Graph:
    """All terms of ours in one graph."""
    graph = Graph()
    for path in term_files():
        graph.parse(path)
    return graph
