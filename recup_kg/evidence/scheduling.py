"""What a task scheduler (Dask) tells of its tasks as time goes by."""

from __future__ import annotations

from dataclasses import dataclass

from recup_kg.records import Number, Timestamp


@dataclass(frozen=True, slots=True)
class StateTransition:
    """A task changed its state. `process` is the worker that says so, or the scheduler's own process.

    A scheduler also says which `worker` and which thread of it ran the task, how large its output is (`size`, in bytes), and a
    begin, end and duration (in s) that the worker reported: of the computation, or of the first thing that the worker did for it.
    """

    identifier: str
    task: str
    from_state: str
    to_state: str
    time: Timestamp | None
    process: str | None = None
    stimulus: str | None = None
    position: int | None = None
    worker: str | None = None
    thread: int | None = None
    size: int | None = None
    began: Timestamp | None = None
    ended: Timestamp | None = None
    duration: Number | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """Data that one worker got from another. `size` in bytes; `times_recorded` is how often the source repeats the row.

    Each of the two workers records the transfer by its own clock: `recorded_by` is which one, `direction` incoming or outgoing,
    `other_end` the identifier of what the other one recorded, where only one record can be it. `compressed_size` in bytes.
    """

    identifier: str
    items: tuple[str, ...]
    from_process: str | None
    to_process: str | None
    size: int | None = None
    started: Timestamp | None = None
    ended: Timestamp | None = None
    duration: Number | None = None
    times_recorded: int = 1
    direction: str | None = None
    recorded_by: str | None = None
    other_end: str | None = None
    compressed_size: int | None = None


@dataclass(frozen=True, slots=True)
class GraphSubmission:
    """A client gave tasks to the scheduler, of which it wants the results of some."""

    identifier: str
    client: str | None
    time: Timestamp | None
    tasks: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Registration:
    """A worker (`process`) or a client came to the scheduler or left it; `action` as the source calls it (add, remove)."""

    identifier: str
    action: str
    time: Timestamp | None
    process: str | None = None
    client: str | None = None
    stimulus: str | None = None


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    """How a worker was set up; `identifier` is that of its process. `memory_limit` is as the source writes it (`503.22 GiB`)."""

    identifier: str
    thread_count: int | None = None
    memory_limit: str | None = None
    local_directory: str | None = None


@dataclass(frozen=True, slots=True)
class NodeRole:
    """What ran on a node; `identifier` is the node's name, `roles` are such as worker, scheduler, client."""

    identifier: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UncapturedTask:
    """A planned task (`identifier`) of which nothing tells whether it ran, because what would tell was not captured."""

    identifier: str
