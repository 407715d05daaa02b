"""Why a run deviates from reference runs: facts of the run, of its tasks and its machines, with the chain that leads to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from statistics import median

from recup_kg.api.co_running import co_running
from recup_kg.api.explain_chain import chains
from recup_kg.api.explain_facts import facts_of_runs, facts_of_tasks
from recup_kg.api.explain_time import date_remarks
from recup_kg.causes.find import Options, find_causes, ranked
from recup_kg.causes.observed import Quantity
from recup_kg.causes.outcomes import Outcome, split_outcome
from recup_kg.causes.words import count
from recup_kg.comparisons import Comparison, Evidence, Verdict
from recup_kg.explanations import Cause, Explanation, Fact
from recup_kg.measurements import MeasuredRun, MeasuredRuns
from recup_kg.scores import NodeScore, Scores
from recup_kg.store import Entry, Store

RUN_LABELS = ("this run", "reference runs")
TASK_LABELS = ("deviating tasks", "other tasks")
_ADDED_UP = "bytes"


def explain(
    store: Store,
    run: Entry,
    references: Sequence[Entry],
    scores: Scores | None = None,
    typical: Comparison | None = None,
    *,
    measured: MeasuredRuns | None = None,
) -> Explanation:
    """What separates a run from the reference runs, and its deviating tasks from its other tasks.

    `scores` are those of the run against the references, `typical` the comparison with one of them, which chains start from;
    `measured` holds the references and the run, read from the store where not given.
    """
    from recup_kg.api.measure import measured_runs

    known = measured or measured_runs(store, (*references, run))
    of_run = _of_run(store, run, references, known)
    causes, remarks = list(of_run.causes), list(of_run.remarks)
    if scores is not None:
        of_tasks = _of_tasks(store, run, scores)
        of_nodes = tuple(_of_nodes(run, scores))
        told = {cause.facts for cause in of_nodes}
        causes += [*of_nodes, *(cause for cause in of_tasks.causes if cause.facts not in told)]
        remarks += of_tasks.remarks
    ordered = ranked(causes)
    if typical is not None:
        ordered, said = chains(store, run, typical, scores, ordered)
        remarks += said
    return replace(of_run, causes=ordered, remarks=tuple(dict.fromkeys(remarks)))


def _of_run(store: Store, run: Entry, references: Sequence[Entry], measured: MeasuredRuns) -> Explanation:
    entries = (*references, run)
    facts = facts_of_runs(store, entries)
    by_graph = {found.graph: found for found in measured.runs}
    runs = {entry.name: by_graph[entry.graph] for entry in entries if entry.graph in by_graph}
    runs |= {entry.name: by_graph[entry.task_graph] for entry in entries if entry.task_graph in by_graph}
    makespans = {name: found.makespan for name, found in runs.items() if found.makespan is not None}
    others = tuple(entry.name for entry in references)
    complete = all(entry.name in makespans for entry in entries)
    outcome = Outcome(
        name="makespan" if complete else "deviation",
        about="run",
        deviating=(run.name,),
        others=others,
        values=makespans if complete else {},
        unit="s" if complete else None,
        labels=RUN_LABELS,
        rule=f"{run.name} against {count(len(others), 'reference run')}",
    )
    found = find_causes(
        outcome,
        (*facts.properties, *co_running(store, entries)),
        (*facts.quantities, *step_quantities(runs, measured)),
        facts.touched,
    )
    return replace(found, remarks=(*found.remarks, *date_remarks(outcome, runs)))


def step_quantities(runs: Mapping[str, MeasuredRun], measured: MeasuredRuns) -> Iterator[Quantity]:
    """Of each step and measurement one number a run: the sum of bytes and counts, the median of anything else.

    A run counts where all tasks of the step have the measurement: a sum over some of them is none.
    """
    cells: dict[tuple[str, str], dict[str, list[float | None]]] = defaultdict(lambda: defaultdict(list))
    for name, run in runs.items():
        for task in run.tasks:
            for iri in measured.measurements:
                cells[task.step, iri][name].append(task.values.get(iri))
    for (step, iri), values in sorted(cells.items()):
        measurement = measured.measurements[iri]
        whole = {
            run: [v for v in found if v is not None] for run, found in values.items() if None not in found
        }
        summed = measurement.unit in (None, _ADDED_UP)
        numbers = {
            run: sum(found) if summed else float(median(found)) for run, found in whole.items() if found
        }
        if len(numbers) > 1:
            name = f"{'sum' if summed else 'median'} of {measurement.label} of {step}"
            evidence = (Evidence("task-measurements", {}),)
            yield Quantity("measurement", name, numbers, measurement.unit, evidence)


def _of_tasks(store: Store, run: Entry, scores: Scores) -> Explanation:
    """What the deviating tasks share that the other tasks of the run do not have."""
    outcome = task_outcome(scores)
    if outcome is None:
        return Explanation("task deviation", (), (), (), ("no task stands apart from the others of the run",))
    found = find_causes(outcome, facts_of_tasks(store, run), options=Options(sure_only=True))
    note = "tasks of one run are not independent of each other: p of what they share is too small rather than too large"
    return replace(found, remarks=(*found.remarks, note) if found.causes else found.remarks)


def task_outcome(scores: Scores) -> Outcome | None:
    """The tasks that deviate against the others, by verdict; where no task can be told to, those whose scores stand apart.

    Values are the tasks' own evidence, without what is pooled over a machine: so the machine is not its own cause.
    """
    own = {task.identifier: task.own for task in scores.tasks}
    deviating = tuple(task.identifier for task in scores.tasks if task.verdict is Verdict.DIFFERENT)
    rule = "tasks that deviate after correction for their number; facts tested by ranks of the tasks' own evidence"
    if not deviating:
        split = split_outcome("own evidence", own, about="task")
        if not split.two_groups:
            return None
        deviating, rule = split.deviating, f"{split.rule}; facts tested by ranks of the tasks' own evidence"
    chosen = set(deviating)
    others = tuple(task.identifier for task in scores.tasks if task.identifier not in chosen)
    if not others:
        return None
    return Outcome(
        "task deviation", "task", deviating, others, own, None, TASK_LABELS, rule, two_groups=False
    )


def _of_nodes(run: Entry, scores: Scores) -> Iterator[Cause]:
    """Machines whose tasks together deviate more than in the references; not containers of one that does as a whole."""
    flagged = {task.identifier for task in scores.tasks if task.verdict is Verdict.DIFFERENT}
    total = len(scores.tasks)
    tasks = {
        node.name: {task.identifier for task in scores.tasks if node.name in task.nodes}
        for node in scores.nodes
    }
    deviating = [node for node in scores.nodes if node.verdict is Verdict.DIFFERENT]
    for node in deviating:
        if not any(tasks[node.name] < tasks[other.name] for other in deviating):
            yield _of_node(run, node, scores, flagged, total)


def _of_node(run: Entry, node: NodeScore, scores: Scores, flagged: set[str], total: int) -> Cause:
    there = {task.identifier for task in scores.tasks if node.name in task.nodes}
    hit, rest = len(there & flagged), len(flagged - there)
    separation = _share(hit, len(flagged)) - _share(len(there) - hit, total - len(flagged))
    message = (
        f"node {node.name}: its {count(len(there), 'task')} together lie further from the references than on any "
        f"machine of these; {hit:,} of the {count(hit + rest, 'deviating task')} of the run ran there"
    )
    return Cause(
        facts=(Fact("node", "node", node.name),),
        about="node",
        subjects=tuple(name for name, _ in node.tasks if name in there) or tuple(sorted(there)),
        separation=max(0.0, separation),
        with_fact=len(there),
        without_fact=total - len(there),
        message=message,
        verdict=node.verdict,
        p=node.p,
        p_floor=node.p_floor,
        p_adjusted=node.p_adjusted,
        evidence=(Evidence("task-facts", {"run": run.name, "kind": "node", "value": node.name}),),
    )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
