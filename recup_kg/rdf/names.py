"""The IRIs of a trace: of its graph, its execution and their parts."""

from __future__ import annotations

from dataclasses import dataclass

from recup_kg.records import Source, Subject, Trace
from recup_kg.vocab import bundle_iri, digest, part_iri, run_iri, source_iri, workflow_iri


@dataclass(frozen=True, slots=True)
class Names:
    """The IRIs of the parts of one execution."""

    run: str
    workflow: str
    source: str

    def task(self, identifier: str) -> str:
        return part_iri(self.run, "task", identifier)

    def data(self, identifier: str) -> str:
        return part_iri(self.run, "data", identifier)

    def node(self, name: str) -> str:
        return part_iri(self.run, "node", name)

    def step(self, name: str) -> str:
        return part_iri(self.workflow, "step", name)

    def subject(self, subject: Subject) -> str:
        """The IRI of what a gap or an artefact is about."""
        if subject.kind == "execution":
            return self.run
        return part_iri(self.run, subject.kind, subject.identifier)


def graph_of_source(source: Source) -> str:
    """The graph of what one source tells: it depends on the file's bytes, on its name if that tells too, and on the converter."""
    name = [source.file_name] if source.named else []
    return bundle_iri(digest([source.sha256, source.format, source.converter_version, *name]))


def names_of(trace: Trace) -> Names:
    """The IRIs of the parts of a trace."""
    return Names(
        run_iri(trace.execution.identity),
        workflow_iri(trace.workflow.identity),
        source_iri(trace.source.sha256),
    )
