"""A run in the forms that other Python libraries work on, and in the forms that go to files."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from recup_kg.records import TaskExecution, Trace
from recup_kg.vocab import PREFIXES

if TYPE_CHECKING:
    import networkx
    import rdflib

_NO_ATTRIBUTE = {"identifier", "parents", "signatures"}


def to_rdflib(ntriples: str) -> rdflib.Graph:
    """The graph as rdflib.Graph, with our prefixes bound."""
    import rdflib

    graph = rdflib.Graph()
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    return graph.parse(data=ntriples, format="nt")


def to_dag(trace: Trace) -> networkx.DiGraph[str]:
    """The tasks by identifier, an edge from each task to those that depend on it.

    A node has the fields of `recup_kg.records.TaskExecution` as attributes, without those that were not captured; the
    units are those of the records: seconds, bytes, per cent of one core.
    """
    import networkx

    dag: networkx.DiGraph[str] = networkx.DiGraph(
        label=trace.execution.label, workflow=trace.execution.workflow_name, makespan=trace.execution.makespan
    )
    for task in trace.tasks:
        dag.add_node(task.identifier, **_attributes(task))
    dag.add_edges_from((parent, task.identifier) for task in trace.tasks for parent in task.parents)
    return dag


def _attributes(task: TaskExecution) -> dict[str, object]:
    values = {
        field.name: getattr(task, field.name) for field in fields(task) if field.name not in _NO_ATTRIBUTE
    }
    started = task.started
    values["started"] = None if started is None else started.iso or started.written
    values["canonical_id"] = task.signatures.canonical
    return {name: value for name, value in values.items() if value is not None}


def ntriples_to_turtle(ntriples: str) -> str:
    """The triples as Turtle with our prefixes."""
    from pyoxigraph import RdfFormat, parse, serialize

    triples = (quad.triple for quad in parse(ntriples, format=RdfFormat.N_TRIPLES))
    data = serialize(triples, format=RdfFormat.TURTLE, prefixes=PREFIXES)
    return (data or b"").decode()
