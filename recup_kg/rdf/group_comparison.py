"""Comparisons with groups to named graphs; docs/data-model.md shows what they look like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from recup_kg.comparisons import Verdict
from recup_kg.group_comparisons import FrontierTask, GroupComparison
from recup_kg.rdf import terms
from recup_kg.rdf.explanation import describe_explanation
from recup_kg.rdf.graph import Graph, optional_text
from recup_kg.scores import NodeScore, Part, TaskScore
from recup_kg.vocab import PROV, RDFS, RECUP

Fact: TypeAlias = tuple[str, str | None]

_VERDICTS = {
    Verdict.SAME: RECUP + "Same",
    Verdict.DIFFERENT: RECUP + "Different",
    Verdict.CANT_TELL: RECUP + "CantTell",
}
_WEAKEST = 1.0
"""Evidence (-log10 p) below which a part of a score is left out, but for the strongest of a task."""


def group_comparison_graph(comparison: GroupComparison) -> Graph:
    """The graph of a comparison with a group: verdict, references, scores of run, nodes and tasks with what they consist of."""
    graph = Graph(comparison.graph)
    graph.describe(graph.name, (PROV + "Bundle",), ((RECUP + "describes", terms.iri(comparison.iri)),))
    _summary(graph, comparison)
    _run_score(graph, comparison)
    tasks = {
        task.identifier: _task_iri(comparison, rank) for rank, task in enumerate(comparison.scores.tasks, 1)
    }
    for rank, node in enumerate(comparison.scores.nodes, 1):
        _node_score(graph, comparison, rank, node, tasks)
    first = {task.identifier: task for task in comparison.frontier}
    for rank, task in enumerate(comparison.scores.tasks, 1):
        _task_score(graph, comparison, rank, task, first.get(task.identifier), tasks)
    if comparison.explanation is not None:
        describe_explanation(graph, comparison.iri, comparison.explanation)
    return graph


def _summary(graph: Graph, comparison: GroupComparison) -> None:
    run, group = comparison.run, comparison.group
    graphs = dict.fromkeys((run.graph, *(reference.graph for reference in group.runs)))
    screened = {name for name, _ in comparison.scores.screened}
    facts: list[Fact] = [
        (RDFS + "label", terms.text(f"{run.name} against {len(group.runs)} reference runs")),
        (RDFS + "comment", terms.text(comparison.reason)),
        *((PROV + "used", terms.iri(used)) for used in graphs),
        (RECUP + "comparedRun", terms.iri(run.execution)),
        (RECUP + "comparedGraph", terms.iri(run.graph)),
        *((RECUP + "referenceRun", terms.iri(reference.execution)) for reference in group.runs),
        *(
            (RECUP + "screenedRun", terms.iri(reference.execution))
            for reference in group.runs
            if reference.name in screened
        ),
        (RECUP + "groupExpression", terms.text(group.expression)),
        *((RECUP + "confounder", terms.text(fact)) for fact in group.confounders),
        *((RECUP + "remark", terms.text(remark)) for remark in comparison.remarks),
        (RECUP + "typicalComparison", terms.iri(comparison.typical.iri)),
        (RECUP + "verdict", terms.iri(_VERDICTS[comparison.verdict])),
        (RECUP + "scoredWithVersion", terms.text(comparison.software_version)),
    ]
    graph.describe(comparison.iri, (RECUP + "GroupComparison", PROV + "Activity"), facts)


def _run_score(graph: Graph, comparison: GroupComparison) -> None:
    run = comparison.scores.run
    graph.describe(
        f"{comparison.iri}/run",
        (RECUP + "RunScore", RECUP + "DeviationScore", PROV + "Entity"),
        (
            *_of(comparison, 1),
            (RECUP + "scoredRun", terms.iri(comparison.run.execution)),
            *_numbers(run.score, run.n, run.p, run.p, run.p_floor, run.needed, run.verdict),
        ),
    )


def _node_score(
    graph: Graph, comparison: GroupComparison, rank: int, node: NodeScore, tasks: dict[str, str]
) -> None:
    graph.describe(
        f"{comparison.iri}/node/{rank}",
        (RECUP + "NodeScore", RECUP + "DeviationScore", PROV + "Entity"),
        (
            *_of(comparison, rank),
            (RECUP + "nodeName", terms.text(node.name)),
            *((RECUP + "scoreIncludes", terms.iri(tasks[name])) for name, _ in node.tasks if name in tasks),
            *_numbers(node.score, node.n, node.p, node.p_adjusted, node.p_floor, node.needed, node.verdict),
        ),
    )


def _task_score(
    graph: Graph,
    comparison: GroupComparison,
    rank: int,
    task: TaskScore,
    place: FrontierTask | None,
    tasks: dict[str, str],
) -> None:
    iri = _task_iri(comparison, rank)
    inherited = place.inherited_from if place is not None else ()
    graph.describe(
        iri,
        (RECUP + "TaskScore", RECUP + "DeviationScore", PROV + "Entity"),
        (
            *_of(comparison, rank),
            (RECUP + "scoredTask", terms.iri(task.iri)),
            (RECUP + "taskKey", terms.text(task.key)),
            (RECUP + "ownEvidence", terms.double(task.own)),
            *_numbers(task.score, task.n, task.p, task.p_adjusted, task.p_floor, task.needed, task.verdict),
            (RECUP + "deviatesFirst", None if place is None else terms.boolean(place.first)),
            *((RECUP + "deviationFrom", terms.iri(tasks[root])) for root in inherited if root in tasks),
        ),
    )
    for number, part in enumerate(_told(task.parts), 1):
        _part(graph, iri, number, part)


def _told(parts: Sequence[Part]) -> Iterable[Part]:
    """The strongest part, and all that are no weaker than the limit."""
    return (part for number, part in enumerate(parts) if number == 0 or part.evidence >= _WEAKEST)


def _part(graph: Graph, task: str, number: int, part: Part) -> None:
    graph.describe(
        f"{task}/part/{number}",
        (RECUP + "ScorePart", PROV + "Entity"),
        (
            (RECUP + "partOfScore", terms.iri(task)),
            (RECUP + "ofMeasurement", terms.iri(part.measurement)),
            (RECUP + "measuredValue", terms.double(part.value)),
            (RECUP + "measurementUnit", optional_text(part.unit)),
            (RECUP + "referenceMedian", _double(part.median)),
            (RECUP + "lowerQuartile", _double(part.low)),
            (RECUP + "upperQuartile", _double(part.high)),
            (RECUP + "ratioToMedian", _double(part.ratio)),
            (RECUP + "robustDistance", _double(part.z)),
            (RECUP + "probability", _double(part.p)),
            (RECUP + "ownEvidence", terms.double(part.evidence)),
            (RECUP + "referenceCount", terms.integer(part.n)),
        ),
    )


def _of(comparison: GroupComparison, rank: int) -> Sequence[Fact]:
    return (
        (PROV + "wasGeneratedBy", terms.iri(comparison.iri)),
        (RECUP + "scoreRank", terms.integer(rank)),
    )


def _numbers(
    score: float,
    n: int,
    p: float | None,
    adjusted: float | None,
    floor: float,
    needed: int | None,
    verdict: Verdict,
) -> Sequence[Fact]:
    return (
        (RECUP + "score", terms.double(score)),
        (RECUP + "referenceCount", terms.integer(n)),
        (RECUP + "probability", _double(p)),
        (RECUP + "adjustedProbability", _double(adjusted)),
        (RECUP + "probabilityFloor", terms.double(floor)),
        (RECUP + "neededReferences", None if needed is None else terms.integer(needed)),
        (RECUP + "verdict", terms.iri(_VERDICTS[verdict])),
    )


def _task_iri(comparison: GroupComparison, rank: int) -> str:
    return f"{comparison.iri}/task/{rank}"


def _double(value: float | None) -> str | None:
    return None if value is None else terms.double(value)
