"""How far a run, its tasks and its machines lie from reference runs: frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from recup_kg.comparisons import Verdict


@dataclass(frozen=True, slots=True)
class Part:
    """One measurement's part in the score of a task.

    `median` and the range `low` to `high` (its quartiles) are those of the `n` references that have it, in its `unit`. `z` is the
    robust, shrunken distance of the logarithms, `p` its two-sided probability; both None without a reference. `evidence` is
    -log10 p, capped. `ratio` is value over median, None where the median is 0.
    """

    measurement: str
    label: str
    unit: str | None
    value: float
    n: int
    median: float | None = None
    low: float | None = None
    high: float | None = None
    ratio: float | None = None
    z: float | None = None
    p: float | None = None
    evidence: float = 0.0


@dataclass(frozen=True, slots=True)
class TaskScore:
    """How far a task deviates: `score` = `own` evidence + what it shares with others (`pooled`: attribute, value, evidence).

    What a stronger node of its machine explains is taken off, as a negative entry `inherited` of `pooled`: the score ranks
    where deviations come from. `p` is that of the evidence before this, among the reference runs: whether the task
    deviates. `p_adjusted` is that after correction for the number of tasks, `p_floor` the smallest that `n` references can
    give. `needed` is how many more references would make it significant at best, None where there are enough.
    """

    iri: str
    identifier: str
    key: str
    step: str
    nodes: tuple[str, ...]
    score: float
    own: float
    pooled: tuple[tuple[str, str, float], ...]
    n: int
    p: float | None
    p_adjusted: float | None
    p_floor: float
    needed: int | None
    verdict: Verdict
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class NodeScore:
    """How far a machine deviates: the evidence of its tasks together. `tasks` are (identifier, contribution), largest first."""

    name: str
    score: float
    n: int
    p: float | None
    p_adjusted: float | None
    p_floor: float
    needed: int | None
    verdict: Verdict
    tasks: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class RunScore:
    """How far the run as a whole lies from the references: `p` = (1 + references at least as far) / (1 + n), leave one out."""

    score: float
    n: int
    p: float | None
    p_floor: float
    needed: int | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Scores:
    """All scores of one run, tasks and nodes from the most deviating to the least.

    `screened` are references that were left out (name, why), since they lie apart from the others themselves.
    """

    run: RunScore
    tasks: tuple[TaskScore, ...]
    nodes: tuple[NodeScore, ...]
    references: tuple[str, ...]
    screened: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
