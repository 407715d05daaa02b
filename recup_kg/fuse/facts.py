"""What is known before the join, one frozen dataclass for each kind of thing.

`iri` is the thing's name in the graph of its source. Times are seconds since 1970-01-01T00:00:00Z, `None` is *not captured*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Member:
    """A source of the execution: its graph, what it describes, the converter that read it, the names of its files."""

    graph: str
    described: str
    converter: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Task:
    """A task execution. `worker` is the process (an IRI) that ran it, `thread` as the source states it."""

    iri: str
    identifier: str = ""
    worker: str | None = None
    thread: int | None = None
    hosts: tuple[str, ...] = ()
    start: float | None = None
    end: float | None = None
    program: str | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which a worker executed a task, by the worker's own clock."""

    task: str
    worker: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that a task scheduler names. `host` is a host name that the source states, `address` like `tcp://10.0.0.1:8786`."""

    iri: str
    address: str | None = None
    host: str | None = None
    process_id: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A process group: what a Darshan log or a profile is about."""

    iri: str
    label: str = ""
    tool: str | None = None
    command: str | None = None
    process_id: int | None = None
    job: str | None = None
    user_id: int | None = None
    start: float | None = None
    end: float | None = None
    hosts: tuple[str, ...] = ()


class Segment(NamedTuple):
    """One operation that a tool traced. `file` is the file's IRI, `operation` read or write, `length` in bytes."""

    module: str
    file: str
    operation: str
    length: int
    start: float
    end: float
    thread: int | None = None
    host: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A file that a tool saw processes touch. `shared` says whether its file system is one that several hosts mount."""

    iri: str
    group: str | None
    path: str
    shared: bool | None = None


@dataclass(frozen=True, slots=True)
class DataObject:
    """A data object of the task graph; its names are what the source calls it."""

    iri: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """A job of a batch system, or a step of one. `start` and `end` have a zone only where the source gives one."""

    iri: str
    job_id: str
    parent: str | None = None
    scheduler: str | None = None
    user_id: int | None = None
    start: datetime | None = None
    end: datetime | None = None
    nodes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Node:
    """A compute node of the task graph; `listed` if the execution has it in its list of nodes."""

    iri: str
    name: str
    listed: bool = True


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that an environment source describes, or the host that an environment snapshot was captured on."""

    iri: str
    name: str


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment snapshot; `host` where it was captured."""

    iri: str
    host: str | None = None


class TransferFact(NamedTuple):
    """A transfer from one process (an IRI) to another, as one of them (`recorder`) recorded it."""

    sender: str | None
    receiver: str | None
    recorder: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of one execution before the join.

    `listed_workers` are those of the scheduler's own list; `events` counts the state transitions that each worker itself
    reported. `scheduled` are the tasks that the scheduler's own transitions name, `assigned` the workers with the threads that it
    says ran a task, `ended` the tasks that a worker's transitions show to have run, `submitted` those of the graph that a client
    gave to the scheduler. `unreadable` are process groups whose trace could not be read, `moving` those whose counters show that
    they read or wrote, `mounts` pairs of a mount point and its file system's type, `configuration` pairs of a fact's name and its
    value. `span` is the time from the first to the last event of a task.
    """

    run: str
    members: tuple[Member, ...] = ()
    tasks: tuple[Task, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    workers: tuple[Worker, ...] = ()
    listed_workers: frozenset[str] = frozenset()
    groups: tuple[Group, ...] = ()
    segments: Mapping[str, tuple[Segment, ...]] = field(default_factory=dict)
    unreadable: frozenset[str] = frozenset()
    moving: frozenset[str] = frozenset()
    files: tuple[File, ...] = ()
    mounts: tuple[tuple[str, str], ...] = ()
    data: tuple[DataObject, ...] = ()
    jobs: tuple[Job, ...] = ()
    nodes: tuple[Node, ...] = ()
    machines: tuple[Machine, ...] = ()
    environments: tuple[Environment, ...] = ()
    transfers: tuple[TransferFact, ...] = ()
    events: Mapping[str, int] = field(default_factory=dict)
    scheduled: frozenset[str] = frozenset()
    assigned: tuple[tuple[str, int | None], ...] = ()
    ended: frozenset[str] = frozenset()
    submitted: frozenset[str] = frozenset()
    span: tuple[float, float] | None = None
    configuration: tuple[tuple[str, str], ...] = ()
