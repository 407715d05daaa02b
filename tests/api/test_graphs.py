"""A run as rdflib graph, as networkx graph, and as files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rdflib import URIRef

from recup_kg.api import graphs
from recup_kg.api.convert import Converted, convert
from recup_kg.vocab import PROV


@pytest.fixture(scope="module")
def converted() -> Converted:
    folder = Path(__file__).parent.parent.parent / "data" / "wfformat"
    return convert(folder / "blast" / "blast-chameleon-small-002.json")


@pytest.fixture(scope="module")
def ntriples(converted: Converted) -> str:
    end = f" <{converted.graph.name}> .\n"
    return "".join(line.removesuffix(end) + " .\n" for line in converted.graph.lines)


def test_a_file_becomes_two_graphs(converted: Converted) -> None:
    assert len(converted.text.splitlines()) == len(converted.graph.lines) + len(converted.shared[0].lines)
    assert converted.graph.name != converted.shared[0].name


def test_rdflib_has_every_triple(ntriples: str, converted: Converted) -> None:
    graph = graphs.to_rdflib(ntriples)
    assert len(graph) == len(set(converted.graph.lines))
    assert dict(graph.namespaces())["prov"] == URIRef(PROV)


def test_the_dag_is_that_of_the_source(converted: Converted) -> None:
    source = json.loads(converted.path.read_text())["workflow"]
    dag = graphs.to_dag(converted.reading)
    tasks = source["specification"]["tasks"]
    assert set(dag.nodes) == {task["id"] for task in tasks}
    assert set(dag.edges) == {(parent, task["id"]) for task in tasks for parent in task["parents"]}
    runtimes = {task["id"]: task["runtimeInSeconds"] for task in source["execution"]["tasks"]}
    assert {task: dag.nodes[task]["run_time"] for task in dag} == runtimes
    assert dag.graph["makespan"] == source["execution"]["makespanInSeconds"]


def test_what_was_not_captured_is_no_attribute(converted: Converted) -> None:
    dag = graphs.to_dag(converted.reading)
    assert all("started" not in attributes for _, attributes in dag.nodes(data=True))
    assert all(value is not None for _, attributes in dag.nodes(data=True) for value in attributes.values())
