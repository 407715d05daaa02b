"""What a task scheduler (Dask) tells of its tasks as time goes by."""

from __future__ import annotations

from dataclasses import dataclass

from recup_kg.records import Number, Timestamp


@dataclass(frozen=True, slots=True)
class StateTransition:
    """A task changed its state. `process` is the worker that says so, or the scheduler's own process."""

    identifier: str
    task: str
    from_state: str
    to_state: str
    time: Timestamp | None
    process: str | None = None
    stimulus: str | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """Data that one worker got from another. `size` in bytes; `times_recorded` is how often the source repeats the row."""

    identifier: str
    items: tuple[str, ...]
    from_process: str | None
    to_process: str | None
    size: int | None = None
    started: Timestamp | None = None
    ended: Timestamp | None = None
    duration: Number | None = None
    times_recorded: int = 1


@dataclass(frozen=True, slots=True)
class GraphSubmission:
    """A client gave tasks to the scheduler."""

    identifier: str
    client: str
    time: Timestamp | None
    tasks: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
