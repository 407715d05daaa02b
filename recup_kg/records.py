"""What converters say: one frozen dataclass for each class of the ontology.

`None` means *not captured*: the source does not say it. An empty tuple means that the source says there are none.
Units: seconds, bytes, megahertz, per cent of one core, watts, kilowatt hours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Number: TypeAlias = int | float


@dataclass(frozen=True, slots=True)
class Timestamp:
    """A point in time: `written` as the source spells it, `iso` as xsd:dateTime (None if it can't be read as one)."""

    written: str
    iso: str | None


@dataclass(frozen=True, slots=True)
class Author:
    """Who made the trace."""

    name: str
    email: str | None = None
    institution: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class SourceMember:
    """One of the files of a source that is several. `file_name` is relative to their folder."""

    file_name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Source:
    """A source file. `sha256` and `size` (bytes) are of the file as it lies on disk.

    A source of several files lists them as `members`; its `sha256` is that of what `sha256sum` prints for them, by name.
    `layer` is JobLayer, WorkflowSystemLayer or SystemLayer: what kind of capture it is. `named` says that the name of the file
    states facts too (the job whose output it is): the same bytes under another name are another source then.
    """

    file_name: str
    sha256: str
    size: int
    format: str
    format_version: str
    converter_version: str
    created: Timestamp | None = None
    description: str | None = None
    author: Author | None = None
    members: tuple[SourceMember, ...] = ()
    layer: str = "WorkflowSystemLayer"
    named: bool = False


@dataclass(frozen=True, slots=True)
class WorkflowSystem:
    """The system that ran the workflow."""

    name: str
    version: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a workflow template, with the names of the steps before it."""

    name: str
    preceded_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow template. `identity` is the hash of its content."""

    identity: str
    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Execution:
    """One execution of a workflow.

    `identity` is a hash of the facts that every layout of a trace can state. `facts` are the configuration facts,
    `fingerprint` their hash. `nodes` are the names of the nodes that the source lists, None if it has no such list.
    `reported_makespan` is what the executed program itself printed as its total time, in seconds.
    """

    identity: str
    label: str
    workflow_name: str
    workflow: str
    started: Timestamp | None
    makespan: Number | None
    system: WorkflowSystem | None
    nodes: tuple[str, ...] | None
    fingerprint: str
    facts: tuple[str, ...]
    repository: str | None = None
    run_name: str | None = None
    ended: Timestamp | None = None
    status: str | None = None
    reported_makespan: Number | None = None


@dataclass(frozen=True, slots=True)
class Signatures:
    """Keys that comparison joins on; see `recup_kg.align.signatures`. All are hexadecimal."""

    canonical: str
    local: str
    neighbourhood: str
    arguments: str | None
    inputs: str | None
    outputs: str | None


@dataclass(frozen=True, slots=True)
class TaskExecution:
    """One task of an execution. Identifiers of tasks, data and nodes are those of the source.

    `group` is the set of alike tasks that the source itself names, `worker` the identifier of the process that ran it.
    `measurements` are values of properties that have no field here: the local name of a `recup:MeasurementProperty`, and the
    value in the unit that the ontology states, an int where it counts things, a float where it does not.
    """

    identifier: str
    name: str
    step: str
    level: int
    parents: tuple[str, ...]
    inputs: tuple[str, ...] | None
    outputs: tuple[str, ...] | None
    signatures: Signatures
    local_identifier: str | None = None
    task_type: str | None = None
    category: str | None = None
    started: Timestamp | None = None
    program: str | None = None
    arguments: tuple[str, ...] | None = None
    nodes: tuple[str, ...] | None = None
    run_time: Number | None = None
    core_count: Number | None = None
    average_cpu_utilization: Number | None = None
    read_bytes: Number | None = None
    written_bytes: Number | None = None
    resident_memory: Number | None = None
    energy: Number | None = None
    average_power: Number | None = None
    priority: Number | None = None
    executed: bool = True
    ended: Timestamp | None = None
    status: str | None = None
    exit_code: int | None = None
    group: str | None = None
    worker: str | None = None
    thread: int | None = None
    measurements: tuple[tuple[str, Number], ...] = ()


@dataclass(frozen=True, slots=True)
class DataObject:
    """A file, or another piece of data, with its size in bytes and the tasks that the source says wrote it."""

    identifier: str
    logical_name: str
    size: int | None = None
    generators: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ComputeNode:
    """A machine as the source describes it. `listed` is False where only tasks mention it.

    `host` is the name of the machine on which it runs where it is a container or a virtual machine.
    """

    name: str
    listed: bool = True
    operating_system: str | None = None
    architecture: str | None = None
    kernel_release: str | None = None
    memory_size: int | None = None
    core_count: int | None = None
    cpu_vendor: str | None = None
    cpu_speed_reading: int | None = None
    host: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What a gap or an artefact is about: `kind` is execution, task, data or node."""

    kind: str
    identifier: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that the source should have said, or said in a way that could not be taken over.

    `value` is the JSON text of what the source says there, where there is something.
    """

    kind: str
    about: Subject
    where: str
    comment: str
    value: str | None = None


@dataclass(frozen=True, slots=True)
class RecordingArtefact:
    """A value that tells how it was recorded and not what it was. `property` is the IRI of what was recorded."""

    about: Subject
    property: str
    where: str
    comment: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """For how many things the source could have stated a property (an IRI), and for how many it did."""

    property: str
    expected: int
    observed: int


@dataclass(frozen=True, slots=True)
class StatedMetric:
    """A summary number that the source itself states of the execution, under the name of a term of ours."""

    name: str
    value: Number


@dataclass(frozen=True, slots=True)
class SideTable:
    """A table that is too long for the graph: it goes to a Parquet file beside the bundle, described by the hash of its content.

    `columns` are lists, or arrays of numpy or pyarrow, of one length; `units` gives the unit of a column where it has one.
    """

    identifier: str
    label: str
    description: str
    columns: Mapping[str, Sequence[object]]
    units: tuple[tuple[str, str], ...] = ()
    process_group: str | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """All that one source says of one execution.

    `records` are of classes of `recup_kg.evidence`; `tables` are its side tables; `vocabularies` are files of `ontology/` that
    describe the counters.
    """

    source: Source
    workflow: Workflow
    execution: Execution
    tasks: tuple[TaskExecution, ...]
    data: tuple[DataObject, ...]
    nodes: tuple[ComputeNode, ...]
    coverage: tuple[Coverage, ...]
    gaps: tuple[Gap, ...]
    artefacts: tuple[RecordingArtefact, ...]
    metrics: tuple[StatedMetric, ...] = ()
    records: tuple[object, ...] = ()
    tables: tuple[SideTable, ...] = ()
    vocabularies: tuple[str, ...] = ()
