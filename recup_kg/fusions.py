"""What the join of the sources of one execution gives; see `recup_kg.fuse`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Certainty(Enum):
    """How sure a link is: the local name of the term of the ontology."""

    EXACT = "Exact"
    INTERVAL = "ByInterval"
    CANDIDATE = "OnlyCandidate"


class State(Enum):
    """How much of what a source should have delivered arrived."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Link:
    """That two sources speak of one thing, or of two that belong together.

    `predicate` is a local name of our ontology, or an IRI. `zone` is an offset from UTC that the join derived for times that
    have none.
    """

    subject: str
    predicate: str
    object: str
    method: str
    certainty: Certainty
    comment: str | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Unjoined:
    """A thing that stayed without a link: why, and how many candidates there were.

    `segments` is the number of traced operations of a process group that are of no single task.
    """

    subject: str
    reason: str
    candidates: int | None = None
    segments: int | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """What one task did to one file in one module: operations, bytes, seconds in them."""

    task: str
    file: str
    module: str
    certainty: Certainty
    reads: int
    writes: int
    read_bytes: int
    written_bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class SourceCoverage:
    """What was expected of a source on a host (None: of the source as a whole), and what arrived. `expected` None is unknown."""

    host: str | None
    source: str
    expected: int | None
    observed: int
    state: State
    why: str


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The facts of a configuration as `name=value`, and their hash."""

    fingerprint: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fused:
    """The result of a join."""

    links: tuple[Link, ...]
    unjoined: tuple[Unjoined, ...]
    accesses: tuple[Access, ...]
    coverage: tuple[SourceCoverage, ...]
    fingerprint: Fingerprint | None


@dataclass(frozen=True, slots=True)
class UnusedFile:
    """A file that lay with the sources of an execution and is none of them: refused as broken, or of no format that is read."""

    name: str
    problem: str
