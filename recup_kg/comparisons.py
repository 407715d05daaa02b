"""What a comparison of two executions says: frozen values that the graph, the report and the JSON are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

Value: TypeAlias = str | int | float | bool | None


class Verdict(StrEnum):
    """Three-valued: what was not captured is never the same."""

    SAME = "same"
    DIFFERENT = "different"
    CANT_TELL = "can't tell"


class Kind(StrEnum):
    """Kinds of deviation."""

    STRUCTURE = "structure"
    PROGRAM = "program"
    PARAMETER = "parameter"
    SEED = "seed"
    INPUT = "input"
    ENVIRONMENT = "environment"
    STATUS = "status"
    OUTPUT = "output content"
    PERFORMANCE = "performance"
    PLACEMENT = "placement"
    CAPTURE_GAP = "capture gap"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A query of the library and the values that make it return the row behind a statement."""

    query: str
    bindings: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Deviation:
    """One difference. Tasks are named by the identifiers of the source; `inherited_from` names the first deviations upstream.

    `reference_node` and `other_node` are the IRIs of what differs: tasks, or data that no task wrote. `role` says of an output
    what makes it differ: behaviour, parameter or environment root, or propagated; None where that can't be told.
    """

    kind: Kind
    name: str
    message: str
    evidence: Evidence
    rank: int = 0
    reference_task: str | None = None
    other_task: str | None = None
    first: bool = True
    inherited_from: tuple[str, ...] = ()
    reference_value: Value = None
    other_value: Value = None
    unit: str | None = None
    ratio: float | None = None
    reference_node: str | None = None
    other_node: str | None = None
    level: int = 0
    role: str | None = None


@dataclass(frozen=True, slots=True)
class CoverageEntry:
    """How much of a property each run states: (observed, expected) counts, None where it says nothing of it."""

    property: str
    label: str
    reference: tuple[int, int] | None
    other: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class SourceGap:
    """A source of one of the two runs that did not arrive, or in part.

    `run` is the name of the run, `in_reference` tells which of the two it is. `host` None is the source as a whole. `state` is
    missing or partial; `expected` and `observed` count what `why` says. `touches` names the aspects that it lets nobody tell.
    `iri` is that of the row in the fusion graph.
    """

    iri: str
    run: str
    in_reference: bool
    source: str
    host: str | None
    state: str
    expected: int | None
    observed: int
    why: str
    touches: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """What did not arrive, in one sentence."""
        where = f" of {self.host}" if self.host else ""
        counts = "" if self.expected is None else f" ({self.observed:,} of {self.expected:,})"
        return f"{self.run}: {self.source}{where}: {self.state}{counts}"


@dataclass(frozen=True, slots=True)
class Aspect:
    """A verdict on one aspect, with its reason. `captured` is False where neither run states anything of it."""

    name: str
    verdict: Verdict
    reason: str
    captured: bool = True


@dataclass(frozen=True, slots=True)
class AmbiguousTasks:
    """A class of tasks that can't be told from each other, by identifier."""

    name: str
    reference: tuple[str, ...]
    other: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatchingSummary:
    """Counts of tasks: `ambiguous` and `only_reference` of the reference, so they sum to its tasks with `matched`."""

    matched: int
    ambiguous: int
    only_reference: int
    only_other: int
    classes: tuple[AmbiguousTasks, ...] = ()


@dataclass(frozen=True, slots=True)
class MakespanPart:
    """A part of the makespan of both runs, in seconds."""

    part: str
    reference: float
    other: float

    @property
    def difference(self) -> float:
        """Other less reference, in seconds."""
        return self.other - self.reference


UNEXPLAINED = frozenset(
    (
        "before the first task",
        "between tasks without a dependency",
        "after the last task",
        "unattributed",
    )
)
"""Parts of a makespan that no task explains."""


@dataclass(frozen=True, slots=True)
class MakespanStep:
    """What one task of the critical paths adds to the makespans, by part; one on a single path adds 0 to the other run."""

    reference_task: str | None
    other_task: str | None
    parts: tuple[MakespanPart, ...]

    @property
    def difference(self) -> float:
        """Other less reference, in seconds."""
        return sum(part.difference for part in self.parts)


@dataclass(frozen=True, slots=True)
class Makespan:
    """The makespans in seconds, their parts, and the critical paths by task identifier. The parts sum to the makespan.

    `steps` split the parts over the tasks of the two paths; what they leave of the makespan is what no task explains.
    """

    reference: float | None
    other: float | None
    parts: tuple[MakespanPart, ...]
    reference_path: tuple[str, ...]
    other_path: tuple[str, ...]
    message: str
    steps: tuple[MakespanStep, ...] = ()

    @property
    def difference(self) -> float | None:
        """Other less reference, in seconds."""
        return None if self.reference is None or self.other is None else self.other - self.reference

    @property
    def unexplained(self) -> float | None:
        """The part of the difference that no task explains, in seconds."""
        if self.difference is None:
            return None
        return sum(part.difference for part in self.parts if part.part in UNEXPLAINED)

    @property
    def ratio(self) -> float | None:
        """Other over reference."""
        return None if not self.reference or self.other is None else self.other / self.reference


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One of the two runs: its execution and graph (IRIs), its name, and the file that tells of it."""

    execution: str
    graph: str
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class Options:
    """When a difference of run times counts: `ratio` times and `seconds` at least; `makespan_ratio` for the whole."""

    ratio: float = 2.0
    seconds: float = 1.0
    makespan_ratio: float = 1.1


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole comparison. `alignment` pairs IRIs of tasks and data of the reference with those of the other run.

    `sources` are the sources of both runs that are missing or partial, `fusions` the graphs that tell so. `absorbed` are the
    matched tasks (identifiers of the reference) whose outputs are equal although their inputs or arguments differ. `contents` are
    pairs of data (IRIs) whose files were compared, with the verdict on their content.
    """

    reference: ComparedRun
    other: ComparedRun
    verdict: Verdict
    aspects: tuple[Aspect, ...]
    coverage: tuple[CoverageEntry, ...]
    matching: MatchingSummary
    deviations: tuple[Deviation, ...]
    makespan: Makespan
    options: Options
    software_version: str
    graph: str
    iri: str
    alignment: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    sources: tuple[SourceGap, ...] = ()
    fusions: tuple[str, ...] = ()
    absorbed: tuple[str, ...] = ()
    contents: tuple[tuple[str, str, Verdict], ...] = ()
