"""The terms of ours."""

from __future__ import annotations

from pathlib import Path

from rdflib import Graph

from recup_kg.resources import path as resources

ONTOLOGY = resources("ontology")
CORE = ONTOLOGY / "recup.ttl"


def term_files() -> list[Path]:
    """The files of the ontology that define terms of its namespace."""
    return [CORE]


def terms_graph() -> Graph:
    """All terms of ours in one graph."""
    graph = Graph()
    for path in term_files():
        graph.parse(path)
    return graph
