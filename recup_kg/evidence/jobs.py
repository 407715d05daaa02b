"""Jobs of a batch system, and the scripts that asked for them."""

from __future__ import annotations

from dataclasses import dataclass

from recup_kg.records import Number, Timestamp


@dataclass(frozen=True, slots=True)
class Job:
    """A job, or a step of one (then `parent` is the job's identifier). Times in s, memory in bytes.

    A time that the source gives without a zone keeps that: `Timestamp.iso` has no zone then. `cpu_time` is that of all
    processes, `virtual_memory` and `resident_memory` the largest of a process. Resources are the scheduler's own names and
    spellings (`gres/gpu` and `4`, `mem` and `199G`).
    """

    identifier: str
    job_id: str
    scheduler: str
    name: str | None = None
    parent: str | None = None
    user: str | None = None
    user_id: int | None = None
    account: str | None = None
    partition: str | None = None
    state: str | None = None
    exit_code: str | None = None
    submitted: Timestamp | None = None
    started: Timestamp | None = None
    ended: Timestamp | None = None
    run_time: Number | None = None
    time_limit: Number | None = None
    node_count: int | None = None
    task_count: int | None = None
    core_count: int | None = None
    requested_memory: int | None = None
    resident_memory: int | None = None
    nodes: tuple[str, ...] = ()
    working_directory: str | None = None
    command: str | None = None
    cancelled_by: int | None = None
    cpu_time: Number | None = None
    user_cpu_time: Number | None = None
    system_cpu_time: Number | None = None
    virtual_memory: int | None = None
    requested_resources: tuple[tuple[str, str], ...] = ()
    allocated_resources: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class JobScript:
    """A batch script: who interprets it, what it asks of the scheduler, which commands it runs.

    `directives` have the long name of each option, however the script spells it; `modules` are those that it asks to load, in
    that order: whether they were loaded it can't say.
    """

    identifier: str
    label: str
    scheduler: str | None = None
    interpreter: str | None = None
    directives: tuple[tuple[str, str], ...] = ()
    commands: tuple[str, ...] = ()
    modules: tuple[str, ...] | None = None
