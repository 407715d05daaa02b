"""How reproducible something is: metrics, their values and what they were computed from. Frozen values.

`None` means that it can't be told, and the note says why; it is never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from recup_kg.comparisons import Verdict

Unit = Literal["values", "share", "ratio", "count"]
"""The unit of a metric: that of the values; a share, written as per cent; a ratio or other number without unit; a count."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What a metric is: its name, its definition, where its formula is from, and what it needs.

    `groups` is 1 for a metric of one group of values, 2 for one of two groups. Of fewer than `minimum` values in a group it
    can't be told; of fewer than `advised` it is told with a note.
    """

    name: str
    label: str
    definition: str
    source: str
    unit: Unit = "ratio"
    groups: int = 1
    minimum: int = 1
    advised: int = 1

    @property
    def local_name(self) -> str:
        """The name of its individual in the ontology."""
        return local_name(self.name)


def local_name(metric: str) -> str:
    """The local name of a metric in the ontology, where it is followed by Metric: median-bca is medianBcaMetric."""
    first, *rest = metric.split("-")
    return first + "".join(word.capitalize() for word in (*rest, "metric"))


@dataclass(frozen=True, slots=True)
class MetricOptions:
    """What the metrics are asked for: level of confidence, share of the median wanted as half-width of its interval, effect and
    margin of equivalence as shares, wanted power, and the seed of whatever is drawn.
    """

    confidence: float = 0.95
    half_width: float = 0.05
    effect: float = 0.05
    power: float = 0.8
    seed: int = 20240418

    @property
    def alpha(self) -> float:
        """The level of significance."""
        return 1 - self.confidence


@dataclass(frozen=True, slots=True)
class MetricValue:
    """The value of a metric of `n` values (and `m` of the second group), with interval and probability where it has them.

    `value` None: can't be told, `note` says why. `p_floor` is the smallest p that groups of these sizes can give, two-sided.
    """

    metric: str
    value: float | None
    n: int
    m: int | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    p_floor: float | None = None
    p_adjusted: float | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """A value of one run: the name of the run, the value, and whether its capture is complete (None: nothing tells)."""

    run: str
    value: float
    complete: bool | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """Values of one quantity in the unit given, and the metrics of them.

    `subject` is the workflow, a step or a node, `kind` says which. `selection` is "all runs", or "complete capture" where the
    runs of incomplete capture are left out. `share` is its part of the variance of all task time.
    """

    kind: Literal["run", "task", "node"]
    subject: str
    quantity: str
    unit: str | None
    selection: str
    values: tuple[Observed, ...]
    metrics: tuple[MetricValue, ...]
    share: float | None = None
    against: tuple[Observed, ...] = ()


@dataclass(frozen=True, slots=True)
class RunClass:
    """The runs of one configuration, by name, with their executions and graphs, and their samples.

    `facts` are those that tell it from the other classes. `incomplete` are runs of which a source did not arrive as a whole, with
    what did not.
    """

    fingerprint: str | None
    runs: tuple[str, ...]
    executions: tuple[str, ...]
    graphs: tuple[tuple[str, ...], ...]
    samples: tuple[Sample, ...]
    workflow: str | None = None
    facts: tuple[str, ...] = ()
    incomplete: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QualityReport:
    """All metrics of the runs that were asked about, one class of configuration after the other.

    `graph` and `iri` are those of the computation; `parameters` are as `name=value`.
    """

    title: str
    by: str
    classes: tuple[RunClass, ...]
    parameters: tuple[str, ...]
    software_version: str
    graph: str
    iri: str
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that a level of reproducibility asks for: whether it is the same in both runs, and why that is said."""

    name: str
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Level:
    """A level of reproducibility of a pair of runs.

    `reached` same: it is; different: it is not; can't tell: evidence is lacking. `blocking` are the conditions that fail, or
    of which nothing tells.
    """

    scheme: str
    name: str
    reached: Verdict
    blocking: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class ReachedLevels:
    """The levels that a pair of runs reaches, the conditions behind them, and the comparison that tells of these."""

    reference: str
    other: str
    levels: tuple[Level, ...]
    conditions: tuple[Condition, ...]
    comparison: str | None
