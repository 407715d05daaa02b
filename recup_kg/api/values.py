"""What the API gives back about runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from recup_kg.records import Coverage


@dataclass(frozen=True, slots=True)
class RunSource:
    """A source that tells of a run: its graph, what it describes (an IRI), and its file."""

    graph: str
    described: str
    file: str
    sha256: str
    format: str
    format_version: str


@dataclass(frozen=True, slots=True)
class Run:
    """One execution as its sources tell of it; None is *not captured*.

    `run` and `graph` are IRIs, `name` is unique in the store, `label` is the name that the source gives, `workflow` that
    name without what is specific to the run, `makespan` is in seconds, `started` an xsd:dateTime or, where the source's
    spelling is none, that spelling; `tasks` counts the tasks that were executed, None where no source has a task graph.
    `source`, `sha256`, `format` and `format_version` are of the first of its `sources`, that of the task graph where there is
    one. Runs with one `fingerprint` have the same configuration, as far as it was captured. `tags` are what users called it.
    """

    run: str
    graph: str
    name: str
    label: str
    workflow: str | None
    source: str
    sha256: str
    format: str
    format_version: str
    tasks: int | None
    started: str | None = None
    makespan: float | None = None
    system: str | None = None
    sources: tuple[RunSource, ...] = ()
    fingerprint: str | None = None
    tags: tuple[str, ...] = ()

    @property
    def identifier(self) -> str:
        """The hash in the IRI of the execution; a unique prefix of it names the run."""
        return self.run.rsplit("/", 1)[-1]

    def to_dict(self) -> dict[str, Any]:
        """All fields, for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class GapCount:
    """How often a kind of gap (an IRI) occurs with one comment, and the first place in the source."""

    kind: str
    comment: str
    where: str
    count: int


@dataclass(frozen=True, slots=True)
class SourceState:
    """What one kind of source was expected to tell of a host (None: of the run), and what arrived.

    `expected` is None where no other source says; `state` is complete, partial, missing or unknown.
    """

    host: str | None
    source: str
    expected: int | None
    observed: int
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class RunCoverage:
    """The states of all sources of a run; none where one source alone tells of it."""

    run: str
    sources: tuple[SourceState, ...]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"run": self.run, "sources": [asdict(source) for source in self.sources]}


@dataclass(frozen=True, slots=True)
class KnownFact:
    """One fact of a thing: a property and a value as text, and the file that says it."""

    subject: str
    property: str
    value: str
    unit: str | None
    source: str


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run, how much of it was captured, and what is missing."""

    run: Run
    coverage: tuple[Coverage, ...]
    gaps: tuple[GapCount, ...]

    def facts(self) -> Iterator[tuple[str, object]]:
        """The run's own facts with readable names; a value is None where it was not captured."""
        run = self.run
        yield "run", run.run
        yield "graph", run.graph
        yield "source", run.source
        yield "sha256 of the source", run.sha256
        yield "format", f"{run.format} {run.format_version}"
        yield "name in the source", run.label
        yield "workflow", run.workflow
        yield "workflow system", run.system
        yield "started", run.started
        yield "makespan, s", run.makespan
        yield "tasks executed", run.tasks

    def to_dict(self) -> dict[str, Any]:
        """For JSON: the run's fields, `coverage` and `gaps`."""
        return {
            **self.run.to_dict(),
            "coverage": [asdict(entry) for entry in self.coverage],
            "gaps": [asdict(gap) for gap in self.gaps],
        }


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that was not taken, and why, in one line."""

    source: str
    error: str


@dataclass(frozen=True, slots=True)
class Part:
    """One of the sources of a run. `new` is False where the store had it before."""

    source: str
    format: str
    triples: int
    gaps: int
    new: bool


@dataclass(frozen=True, slots=True)
class Ingested:
    """A run that is in the store. `bundle` is the name of its bundle, `new` is False if nothing about it is new.

    Of a run that several sources tell of, `source` is the folder, `bundle` the one that joins them, and `triples` and `gaps` are
    of all; `refused` are files of the folder that could not be used, `unrecognised` those of no format that is read.
    """

    run: str
    name: str
    source: str
    format: str
    bundle: str
    triples: int
    gaps: int
    new: bool
    sources: tuple[Part, ...] = ()
    refused: tuple[Refused, ...] = ()
    unrecognised: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What became of each file and folder."""

    runs: tuple[Ingested, ...]
    refused: tuple[Refused, ...]

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "runs": [asdict(run) for run in self.runs],
            "refused": [asdict(item) for item in self.refused],
        }
