"""What was measured of the tasks of a run: frozen values that scores, metrics and causes are computed from.

`None`, or a missing entry, means *not captured*; it is never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Measurement:
    """A property that is measured of tasks: its IRI, its label and its unit as the ontology states them.

    `resolution` is the smallest step, in that unit, in which the source states it; 0 where it is exact or unknown.
    """

    iri: str
    label: str
    unit: str | None = None
    resolution: float = 0.0


@dataclass(frozen=True, slots=True)
class MeasuredTask:
    """A task that ran, with the value of each measurement (by IRI) that was captured of it.

    `key` is the same for the same task in all runs that were read together; tasks of one run that share a key can't be told
    apart and are compared as a class. `kind` is compute, transfer or auxiliary, None where the source does not say.
    """

    iri: str
    identifier: str
    key: str
    step: str
    nodes: tuple[str, ...] = ()
    kind: str | None = None
    values: Mapping[str, float] = field(default_factory=dict)
    started: str | None = None


@dataclass(frozen=True, slots=True)
class MeasuredRun:
    """A run: its execution and graph (IRIs), its name, its makespan in seconds, its tasks and the parents of each, by identifier.

    `facts` are the facts of its configuration, `fingerprint` their hash.
    """

    execution: str
    graph: str
    name: str
    tasks: tuple[MeasuredTask, ...]
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    makespan: float | None = None
    started: str | None = None
    fingerprint: str | None = None
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MeasuredRuns:
    """Runs that were read together, so that their keys agree, and what was measured of their tasks, by IRI."""

    runs: tuple[MeasuredRun, ...]
    measurements: Mapping[str, Measurement]
