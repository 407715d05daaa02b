"""Graphs of executions and of a comparison, for checks against the ontology."""

from __future__ import annotations

from pathlib import Path

from rdflib import Graph

import recup_kg
from recup_kg.converters import detect
from recup_kg.rdf.write import graphs
from tests.wfformat_samples import executed, save, small


def converted(path: Path) -> Graph:
    """The execution and the workflow of a file in one graph."""
    graph = Graph()
    for part in graphs(detect(path).read(path)):
        end = f" <{part.name}> .\n"
        graph.parse(data="".join(line.removesuffix(end) + " .\n" for line in part.lines), format="nt")
    return graph


def compared(folder: Path) -> Graph:
    """A whole execution, one with another program and without its last task, and their comparison."""
    other = small()
    executed(other, 1)["command"]["program"] = "work2"
    del other["workflow"]["execution"]["tasks"][3]
    paths = save(folder, small(), "whole.json"), save(folder, other, "stopped.json")
    comparison = recup_kg.open(":memory:").compare(*(str(path) for path in paths))
    return (
        converted(paths[0])
        + converted(paths[1])
        + Graph().parse(data=comparison.to_turtle(), format="turtle")
    )
