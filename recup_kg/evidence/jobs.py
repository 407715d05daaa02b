"""Jobs of a batch system, and the scripts that asked for them."""

from __future__ import annotations

from dataclasses import dataclass

from recup_kg.records import Number, Timestamp


@dataclass(frozen=True, slots=True)
class Job:
    """A job, or a step of one (then `parent` is the job's identifier). Times in s, memory in bytes.

    A time that the source gives without a zone keeps that: `Timestamp.iso` has no zone then.
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


@dataclass(frozen=True, slots=True)
class JobScript:
    """A batch script: who interprets it, what it asks of the scheduler, which commands it runs."""

    identifier: str
    label: str
    scheduler: str | None = None
    interpreter: str | None = None
    directives: tuple[tuple[str, str], ...] = ()
    commands: tuple[str, ...] = ()
