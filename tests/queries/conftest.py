"""Stores that hold real runs and their comparisons: in memory, and behind a real SPARQL server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import recup_kg as recup
from recup_kg.api import KnowledgeGraph
from tests.store.conftest import server

__all__ = ["server"]

PAIRS = (
    ("blast-chameleon-small-002", "blast-chameleon-small-003"),
    ("bwa-chameleon-small-001", "bwa-chameleon-small-005"),
    ("1000genome-chameleon-2ch-250k-001", "1000genome-chameleon-2ch-100k-001"),
)
"""Of the runs that are shipped."""
MORE_PAIRS = (
    ("srasearch-chameleon-20a-001", "srasearch-chameleon-20a-002"),
    ("montage-chameleon-2mass-005d-001", "seismology-chameleon-100p-001"),
    ("fetchngs-dirt02-001", "bacass-dirt02-001"),
    ("eager-nextflow-chameleon-001", "sarek-dirt02-001"),
)
"""Of the runs that lie beside the checkout."""


@dataclass(frozen=True, slots=True)
class Library:
    """A store, and the name of the comparison of each pair."""

    graph: KnowledgeGraph
    comparisons: dict[str, str]

    def parameters(self, given: dict[str, str]) -> dict[str, str]:
        """The parameters of a case, `A / B` being the comparison of two runs."""
        return {name: self.comparisons.get(value, value) for name, value in given.items()}


def fill(graph: KnowledgeGraph, folder: Path, pairs: tuple[tuple[str, str], ...]) -> Library:
    """A store with the runs of the pairs, found below a folder, and with their comparisons."""
    paths = {path.stem: path for path in folder.rglob("*.json")}
    for pair in pairs:
        for name in pair:
            graph.ingest(paths[name], validate=False)
    comparisons = {f"{a} / {b}": graph.compare(a, b).stored_as or "" for a, b in pairs}
    return Library(graph, comparisons)


@pytest.fixture(scope="session")
def shipped(root: Path) -> Library:
    """In memory: runs that are shipped with the project."""
    return fill(recup.open(":memory:"), root / "data" / "wfformat", PAIRS)


@pytest.fixture(scope="session")
def shared(shared_data: Path) -> Library:
    """In memory: runs that lie beside the checkout."""
    return fill(recup.open(":memory:"), shared_data / "wfformat", MORE_PAIRS)


@pytest.fixture(scope="module")
def served(root: Path, server: str) -> Iterator[Library]:
    """Behind a SPARQL server: runs that are shipped with the project."""
    with recup.open(server) as graph:
        yield fill(graph, root / "data" / "wfformat", PAIRS)
        graph.remove(*(run.name for run in graph.runs()))
