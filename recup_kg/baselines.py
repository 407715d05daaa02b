"""What reference runs measured, task by task: frozen values that a baseline in the graph is made from."""

from __future__ import annotations

from dataclasses import dataclass

from recup_kg.measurements import Measurement


@dataclass(frozen=True, slots=True)
class TaskKey:
    """What tells a task from the others of its run: its canonical id, and more only where several tasks share that."""

    canonical: str
    neighbourhood: str | None = None
    identifier: str | None = None


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A value of a measurement (IRI) of a task of a run (its execution's IRI)."""

    key: str
    step: str
    run: str
    measurement: str
    value: float


@dataclass(frozen=True, slots=True)
class Statistic:
    """A summary of one measurement of one task (or class of tasks) over `runs` runs, in the measurement's unit.

    `n` values; `mad` is the median absolute deviation; `spread` the largest of 1.4826 MAD, the distance of the quartiles over
    1.349, and the resolution of the measurement; None where there is one value only.
    """

    key: str
    task: TaskKey
    step: str
    measurement: str
    n: int
    runs: int
    minimum: float
    low: float
    median: float
    high: float
    maximum: float
    mad: float
    spread: float | None


@dataclass(frozen=True, slots=True)
class Baseline:
    """The statistics of a group under a name. `graph` and `iri` depend on content; `revision_of` is the IRI of the one before."""

    name: str
    iri: str
    graph: str
    expression: str
    runs: tuple[str, ...]
    graphs: tuple[str, ...]
    measurements: tuple[Measurement, ...]
    statistics: tuple[Statistic, ...]
    software_version: str
    revision_of: str | None = None
