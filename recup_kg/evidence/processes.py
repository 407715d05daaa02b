"""Processes that a tool observed, the files that they touched, and the machines that they ran on."""

from __future__ import annotations

from dataclasses import dataclass

from recup_kg.records import Number, Timestamp


@dataclass(frozen=True, slots=True)
class ProcessGroup:
    """Processes that were launched together and observed by one tool: what a Darshan log or a profile is about.

    `job` is the identifier as the tool recorded it; `process_id` that of the operating system, where it is one process.
    """

    identifier: str
    label: str
    executable: str | None = None
    command_line: str | None = None
    user_id: int | None = None
    job: str | None = None
    process_id: int | None = None
    process_count: int | None = None
    started: Timestamp | None = None
    ended: Timestamp | None = None
    run_time: Number | None = None
    hosts: tuple[str, ...] = ()
    tool: str | None = None
    tool_version: str | None = None
    log_version: str | None = None


@dataclass(frozen=True, slots=True)
class Process:
    """One process, thread or GPU stream: of a process group, or of a scheduler (then with the address that it listens on).

    `identifier_tuple` is who it is as the tool says it, from the largest to the smallest: kind, logical and physical identifier.
    """

    identifier: str
    label: str
    process_group: str | None = None
    host: str | None = None
    address: str | None = None
    process_id: int | None = None
    rank: int | None = None
    thread: int | None = None
    stream: int | None = None
    started: Timestamp | None = None
    ended: Timestamp | None = None
    identifier_tuple: tuple[dict[str, str | int], ...] | None = None


@dataclass(frozen=True, slots=True)
class AccessedFile:
    """A file that a tool saw processes touch. `identifier` is the tool's (a Darshan record id), `path` as the tool spells it."""

    identifier: str
    path: str | None = None
    mount_point: str | None = None
    file_system: str | None = None


@dataclass(frozen=True, slots=True)
class Mount:
    """A file system that was mounted where the processes ran."""

    identifier: str
    mount_point: str
    file_system: str
