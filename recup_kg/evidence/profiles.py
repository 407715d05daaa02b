"""Call-path profiles."""

from __future__ import annotations

from dataclasses import dataclass

from recup_kg.records import Number


@dataclass(frozen=True, slots=True)
class ProcedureCost:
    """What a procedure cost over all contexts and profiles: `counters` are (metric name with scope, value)."""

    identifier: str
    procedure: str
    tool: str
    counters: tuple[tuple[str, Number], ...]
    load_module: str | None = None
    file_name: str | None = None
    line: int | None = None
    process_group: str | None = None


@dataclass(frozen=True, slots=True)
class CallContext:
    """A place in the context tree that is on a hot path. `kind` is entry, procedure, loop, line, instruction or load module."""

    identifier: str
    label: str
    kind: str
    tool: str
    counters: tuple[tuple[str, Number], ...]
    parent: str | None = None
    procedure: str | None = None
    load_module: str | None = None
    file_name: str | None = None
    line: int | None = None
    process_group: str | None = None
