"""Files of two runs that were compared with each other: their content counts, not their size."""

from __future__ import annotations

from pathlib import Path

import pytest

import recup_kg as recup
from recup_kg.api import KnowledgeGraph
from recup_kg.api.scratch import Scratch
from recup_kg.compare import compare
from recup_kg.comparisons import Deviation, Kind, Verdict
from tests.queries.conftest import blast_outputs

RUNS = ("blast-chameleon-small-002", "blast-chameleon-small-003")
SAME_SIZE = "small.fasta.12.out"


@pytest.fixture
def graph(root: Path) -> KnowledgeGraph:
    graph = recup.open(":memory:")
    graph.ingest_all([root / "data" / "wfformat" / "blast" / f"{name}.json" for name in RUNS])
    return graph


def outputs(graph: KnowledgeGraph) -> dict[str, Deviation]:
    """The deviations of what the tasks wrote, by the name of the data."""
    found = graph.compare(*RUNS).deviations
    return {deviation.name: deviation for deviation in found if deviation.kind is Kind.OUTPUT}


def test_another_content_of_the_same_size_deviates(graph: KnowledgeGraph, tmp_path: Path) -> None:
    assert SAME_SIZE not in outputs(graph)
    folders = (
        blast_outputs(graph, RUNS[0], tmp_path / "a"),
        blast_outputs(graph, RUNS[1], tmp_path / "b", b"y"),
    )
    graph.results(*folders, runs=RUNS)
    deviation = outputs(graph)[SAME_SIZE]
    assert deviation.message == f"blastall_ID000014 wrote '{SAME_SIZE}' with other content"
    assert deviation.evidence.query == "deviation-content"
    assert deviation.first
    rows = graph.query(
        "deviation-content", reference=RUNS[0], other=RUNS[1], comparison=graph.compare(*RUNS).stored_as
    )
    assert [row["role"] for row in rows] == ["output"]


def test_what_agrees_deviates_no_longer_whatever_its_size(graph: KnowledgeGraph) -> None:
    before = outputs(graph)
    same = before["small.fasta.0.out"]
    store = graph._access.reading()
    entries = [store.resolve(name) for name in RUNS]
    with Scratch() as scratch:
        for entry in entries:
            scratch.load_graph(entry.graph, store.ntriples(entry.graph))
        one, two = ((entry.graph, entry.name) for entry in entries)
        contents = [(str(same.reference_node), str(same.other_node), Verdict.SAME)]
        found = compare(scratch, one, two, contents=contents)
    left = {deviation.name for deviation in found.deviations if deviation.kind is Kind.OUTPUT}
    assert left == before.keys() - {"small.fasta.0.out"}


def test_the_comparison_is_another_one_and_conforms(graph: KnowledgeGraph, tmp_path: Path) -> None:
    before = graph.compare(*RUNS)
    folders = (
        blast_outputs(graph, RUNS[0], tmp_path / "a"),
        blast_outputs(graph, RUNS[1], tmp_path / "b", b"y"),
    )
    graph.results(*folders, runs=RUNS)
    after = graph.compare(*RUNS)
    assert after.comparison.iri != before.comparison.iri
    assert graph.validate(after.stored_as).conforms
    assert "of other size or content" in next(a.reason for a in after.aspects if a.name == "outputs")
