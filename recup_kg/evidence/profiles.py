"""Call-path profiles."""

from __future__ import annotations

from dataclasses import dataclass

from recup_kg.records import Number


@dataclass(frozen=True, slots=True)
class ProcedureCost:
    """What a procedure cost over all contexts and profiles: `counters` are (metric name with scope, value).

    Costs without callees are summed over all contexts of the procedure, costs with callees over those that no other context of
    the same procedure encloses. `line` is where the procedure is defined.
    """

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
    """A place in the context tree that is on a hot path.

    `kind` is entry, procedure, call site, loop, line, instruction, load module or file. `parent` is the context above it,
    `relation` how it comes below that: lexical, call or inlined call. `line` is the source line
    (a procedure: of its definition), `offset` the place in bytes from the start of the load module.
    """

    identifier: str
    label: str
    kind: str
    tool: str
    counters: tuple[tuple[str, Number], ...]
    parent: str | None = None
    relation: str | None = None
    procedure: str | None = None
    load_module: str | None = None
    file_name: str | None = None
    line: int | None = None
    offset: int | None = None
    process_group: str | None = None
