"""One run against many reference runs: frozen values that the graph, the report and the JSON are made from."""

from __future__ import annotations

from dataclasses import dataclass

from recup_kg.comparisons import ComparedRun, Comparison, Verdict
from recup_kg.explanations import Explanation
from recup_kg.scores import Scores


@dataclass(frozen=True, slots=True)
class ReferenceGroup:
    """The reference runs and how they were chosen. `confounders` are facts that not all of them, and the run, share."""

    expression: str
    runs: tuple[ComparedRun, ...]
    confounders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Distribution:
    """A quantity of the references beside that of the run, with its unit. `references` are in the order of the group's runs."""

    label: str
    unit: str | None
    value: float | None
    references: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class FrontierTask:
    """A task that deviates, and whether it does so first: `inherited_from` names the deviating tasks upstream that its inputs
    come from, `node` the machine that deviates as a whole and hosts it.
    """

    identifier: str
    first: bool
    inherited_from: tuple[str, ...] = ()
    node: str | None = None


@dataclass(frozen=True, slots=True)
class GroupComparison:
    """The whole comparison of a run with a group.

    `typical` compares it with the reference whose makespan is the median, task by task: structure, programs, data and how the
    difference of makespans splits up.
    """

    run: ComparedRun
    group: ReferenceGroup
    verdict: Verdict
    reason: str
    scores: Scores
    makespan: Distribution
    typical: Comparison
    frontier: tuple[FrontierTask, ...]
    software_version: str
    graph: str
    iri: str
    explanation: Explanation | None = None
    distributions: tuple[Distribution, ...] = ()
    remarks: tuple[str, ...] = ()
