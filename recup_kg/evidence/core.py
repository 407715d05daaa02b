"""Evidence: all that one source tells, and the counters that tools measured."""

from __future__ import annotations

from dataclasses import dataclass

from recup_kg.records import Coverage, Gap, Number, SideTable, Source


@dataclass(frozen=True, slots=True)
class CounterTerm:
    """A counter that no ontology file describes: the source itself names it.

    `tool` is the name of a namespace of ours (`darshan`, `hpctoolkit`), `name` the counter's own name there, `unit` a QUDT
    unit's local name (`BYTE`, `SEC`, `NUM`, `PERCENT`) or None where the source says none, `module` the part of the tool.
    """

    tool: str
    name: str
    label: str
    definition: str
    unit: str | None = None
    module: str | None = None


@dataclass(frozen=True, slots=True)
class CounterRecord:
    """Counters of one subject in one module of a tool: `counters` are (name, value), each value exactly as the source has it.

    `rank` -1 is a record that all ranks share. `partial` says that the tool could not record everything. `label` is what the tool
    calls the subject where that is no file or process.
    """

    identifier: str
    tool: str
    module: str
    counters: tuple[tuple[str, Number], ...]
    process_group: str | None = None
    process: str | None = None
    file: str | None = None
    task: str | None = None
    rank: int | None = None
    host: str | None = None
    partial: bool | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class CounterTotal:
    """Counters of one module over all records of a source, aggregated as the tool itself does."""

    identifier: str
    tool: str
    module: str
    counters: tuple[tuple[str, Number], ...]
    process_group: str | None = None
    partial: bool | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that one source tells of something that is no task graph: a log, a profile, an environment.

    `identity` is the hash of what the source says of itself, so that two forms of one log (binary and text) describe the same
    thing. `records` are of the classes of this package. `layer` is JobLayer, WorkflowSystemLayer or SystemLayer.
    `vocabularies` are files of `ontology/` that describe the counters, `terms` the counters that none describes.
    """

    source: Source
    identity: str
    label: str
    layer: str
    records: tuple[object, ...]
    coverage: tuple[Coverage, ...] = ()
    gaps: tuple[Gap, ...] = ()
    tables: tuple[SideTable, ...] = ()
    vocabularies: tuple[str, ...] = ()
    terms: tuple[CounterTerm, ...] = ()
