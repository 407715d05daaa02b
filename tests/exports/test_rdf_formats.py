"""The formats of RDF and WfFormat: the same triples for another parser, kinds that they hold, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import rdflib

import recup_kg as recup
from recup_kg.api import KnowledgeGraph
from recup_kg.errors import UsageError
from recup_kg.exports import format_named, formats

A = "blast-chameleon-small-002"
B = "blast-chameleon-small-003"
PARSERS = {"ntriples": "nt", "turtle": "turtle", "jsonld": "json-ld", "nquads": "nquads"}


@pytest.fixture(scope="module")
def graph(root: Path) -> KnowledgeGraph:
    found = recup.open(":memory:")
    for name in (A, B):
        found.ingest(root / "data" / "wfformat" / "blast" / f"{name}.json", validate=False)
    found.compare(A, B)
    found.ingest(root / "data" / "machine" / "jc", run="logs", validate=False)
    return found


def triples(data: bytes, form: str) -> set[tuple[str, ...]]:
    parsed = rdflib.Dataset().parse(data=data, format=PARSERS[form])
    return {tuple(term.n3() for term in quad[:3]) for quad in parsed.quads()}


@pytest.mark.parametrize("run", [A, "logs"])
@pytest.mark.parametrize("form", sorted(PARSERS))
def test_every_form_has_the_triples_of_the_run(graph: KnowledgeGraph, run: str, form: str) -> None:
    expected = {tuple(term.n3() for term in triple) for triple in graph.graph(run)}
    found = triples(graph.export(run, form), form)
    assert len(expected) > 100
    assert len(found) == len(expected)
    # The last may spell a number otherwise.
    assert {triple[:2] for triple in found} == {triple[:2] for triple in expected}


def test_quads_name_the_graph_of_each_source(graph: KnowledgeGraph) -> None:
    lines = graph.export("logs", "nquads").decode().splitlines()
    assert lines == sorted(lines)
    assert len({line.rsplit("<", 1)[1] for line in lines}) > 2


def test_a_comparison_is_rdf_and_no_trace(graph: KnowledgeGraph) -> None:
    name = graph.compare(A, B).stored_as
    assert name
    assert b"Deviation" in graph.export(name, "turtle")
    with pytest.raises(
        UsageError, match=rf"{name} is a comparison, which wfformat can't hold; there are: .*turtle"
    ):
        graph.export(name, "wfformat")


def test_a_trace_comes_back(graph: KnowledgeGraph, root: Path) -> None:
    source = json.loads((root / "data" / "wfformat" / "blast" / f"{A}.json").read_text())
    exported = json.loads(graph.export(A, "wfformat"))
    assert exported["name"] == source["name"]
    assert len(exported["workflow"]["execution"]["tasks"]) == 43


def test_a_run_of_logs_alone_has_no_task_graph(graph: KnowledgeGraph) -> None:
    with pytest.raises(UsageError, match="logs has no task graph: no source of it is a trace"):
        graph.export("logs", "wfformat")


def test_an_unknown_format_is_refused_with_those_that_there_are(graph: KnowledgeGraph) -> None:
    with pytest.raises(
        UsageError, match=r"no export format 'xml'; there are: jsonld, nquads, ntriples, .*wfformat"
    ):
        graph.export(A, "xml")


def test_each_format_says_what_it_is() -> None:
    assert len(formats()) == 10
    for name, found in formats().items():
        assert found.SUFFIX.startswith(".")
        assert "/" in found.MEDIA_TYPE
        assert found.KINDS
        assert (found.__doc__ or "").strip()
        assert format_named(name) is found
