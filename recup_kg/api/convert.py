"""One source as records and as graphs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from recup_kg.converters import detect
from recup_kg.errors import UsageError
from recup_kg.evidence import Evidence
from recup_kg.rdf.evidence import evidence_graph, terms_graphs
from recup_kg.rdf.graph import Graph
from recup_kg.rdf.vocabulary import vocabulary_graph
from recup_kg.rdf.write import graphs
from recup_kg.records import SideTable, Trace
from recup_kg.vocab import evidence_iri, run_iri


@dataclass(frozen=True, slots=True)
class Converted:
    """A source as records, as the graph of what it tells, and as graphs that sources share (workflow, terms of counters).

    `checked` are those of the shared graphs that a check must see: a vocabulary of the ontology has its own tests.
    """

    path: Path
    reading: Trace | Evidence
    graph: Graph
    shared: tuple[Graph, ...]
    checked: tuple[Graph, ...] = ()

    @property
    def is_trace(self) -> bool:
        """Whether the source tells of tasks."""
        return isinstance(self.reading, Trace)

    @property
    def described(self) -> str:
        """The IRI of the execution or the evidence that the source tells of."""
        if isinstance(self.reading, Trace):
            return run_iri(self.reading.execution.identity)
        return evidence_iri(self.reading.identity)

    @property
    def graphs(self) -> tuple[Graph, ...]:
        """All graphs."""
        return (self.graph, *self.shared)

    @property
    def text(self) -> str:
        """All graphs as N-Quads."""
        return "".join(line for graph in self.graphs for line in graph.lines)

    @property
    def tables(self) -> tuple[SideTable, ...]:
        """What goes beside the bundles."""
        return self.reading.tables


def convert(path: Path, source_format: str | None = None) -> Converted:
    """Read a source. Raises `SourceError`, `MissingExtra`, or `UsageError` for a format that does not exist."""
    reading = detect(path, source_format).read(path)
    if isinstance(reading, Trace):
        execution, workflow = graphs(reading)
        return Converted(path, reading, execution, (workflow, *_vocabularies(reading)), (workflow,))
    terms = terms_graphs(reading)
    return Converted(path, reading, evidence_graph(reading), (*_vocabularies(reading), *terms), terms)


def convert_trace(path: Path, source_format: str | None = None) -> Converted:
    """Like `convert`, of a source that has a task graph. Raises `UsageError` for any other."""
    converted = convert(path, source_format)
    if not isinstance(converted.reading, Trace):
        raise UsageError(
            f"{path} has no task graph ({converted.reading.source.format}): "
            "recup ingest --run NAME joins it with a run that has one"
        )
    return converted


def _vocabularies(reading: Trace | Evidence) -> tuple[Graph, ...]:
    return tuple(map(vocabulary_graph, reading.vocabularies))
