"""From the events of a capture to records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from recup_kg.align.assemble import complete, coverage_of, template
from recup_kg.align.dag import CycleError
from recup_kg.converters.dask.events import Events, events
from recup_kg.converters.dask.files import (
    GRAPH,
    KINDS,
    SCHEDULER_TRANSITIONS,
    WORKER_TRANSITIONS,
    Capture,
)
from recup_kg.converters.dask.logs import Told, read_logs
from recup_kg.converters.dask.nodes import listed, only, processes, roles
from recup_kg.converters.dask.tasks import Known, Ran, known, outputs, stated_size, states, tasks
from recup_kg.converters.dask.transfers import transfers
from recup_kg.converters.dask.values import seconds
from recup_kg.converters.sources import source_of
from recup_kg.errors import MalformedSource
from recup_kg.evidence.scheduling import GraphSubmission, UncapturedTask
from recup_kg.records import (
    ComputeNode,
    Coverage,
    DataObject,
    Execution,
    Gap,
    Source,
    Subject,
    TaskExecution,
    Timestamp,
    Trace,
    Workflow,
    WorkflowSystem,
)
from recup_kg.vocab import PROV, RECUP, digest

PREFIXES_IN_NAME = 3


def build(path: Path, found: Capture, name: str, version: str) -> Trace:
    """The trace of a capture. Raises `MalformedSource` where it names no task, or tasks that depend on each other in a circle."""
    told = events(found)
    by_task = known(told)
    if not by_task.identifiers:
        raise _without_tasks(path, told)
    logs = read_logs(found.others)
    nodes, node_gaps = listed(found.others)
    ran = states(by_task, _silent_workers(told))
    data = outputs(by_task)
    complete_tasks = _completed(path, by_task, tasks(by_task, ran, only(nodes, "worker")), data)
    workflow = template(_name(complete_tasks), complete_tasks)
    unknown = [key for key, state in ran.items() if state is Ran.UNKNOWN]
    submissions, submission_gaps = _submissions(told, set(by_task.identifiers))
    return Trace(
        source=_source(found, name, version),
        workflow=workflow,
        execution=_execution(told, logs, workflow, complete_tasks, nodes),
        tasks=complete_tasks,
        data=data,
        nodes=tuple(ComputeNode(node) for node in sorted({n for names in nodes.values() for n in names})),
        coverage=_coverage(by_task, complete_tasks, data),
        gaps=(
            *_absent(found),
            *(gap for notes in told.notes for gap in notes.all()),
            *node_gaps,
            *logs.gaps,
            *by_task.gaps,
            *submission_gaps,
            *_mistaken(by_task),
            *_untold(unknown),
        ),
        artefacts=(),
        records=(
            *processes(told, logs, nodes),
            *logs.settings,
            *roles(nodes),
            *told.registrations,
            *submissions,
            *told.scheduler,
            *told.workers,
            *transfers(told.moves),
            *map(UncapturedTask, unknown),
        ),
    )


def _source(found: Capture, name: str, version: str) -> Source:
    """Several files are known by one of them, the same whichever of them was named."""
    return source_of(
        found.files[0],
        converter=name,
        version=version,
        format_version="csv",
        layer="WorkflowSystemLayer",
        members=found.files,
    )


def _without_tasks(path: Path, told: Events) -> MalformedSource:
    gaps = [gap for notes in told.notes for gap in notes.all()]
    unreadable = next((gap for gap in gaps if gap.kind in ("UnreadableValue", "NotCaptured")), None)
    if unreadable is not None:
        problem = f"no task can be read: {unreadable.where}: {unreadable.comment}"
        return MalformedSource(path, problem, advice="copy the whole files of the capture again")
    advice = "add the graph or the transitions of the same run to its folder"
    return MalformedSource(path, "the capture names no task", advice=advice)


def _completed(
    path: Path, found: Known, listed_tasks: Sequence[TaskExecution], data: Sequence[DataObject]
) -> tuple[TaskExecution, ...]:
    # Only some data are transferred, and others in another run: only what the scheduler states of all is compared.
    sized = [replace(item, size=stated_size(found, item.identifier)) for item in data]
    try:
        return complete(listed_tasks, sized)
    except CycleError as error:
        cycle = error.cycle if len(error.cycle) <= 6 else (*error.cycle[:5], "…")
        raise MalformedSource(
            path,
            f"the dependencies form a cycle: {' -> '.join(cycle)}",
            where="column dependencies",
            advice="a task can't depend on itself",
        ) from error


def _name(listed_tasks: Sequence[TaskExecution]) -> str:
    """What stands for the name of the workflow, which no file states: the prefixes of its tasks."""
    steps = sorted({task.step for task in listed_tasks})
    more = len(steps) - PREFIXES_IN_NAME
    shown = ", ".join(steps[:PREFIXES_IN_NAME])
    return f"dask {shown} and {more} more" if more > 0 else f"dask {shown}"


def _execution(
    told: Events,
    logs: Told,
    workflow: Workflow,
    listed_tasks: Sequence[TaskExecution],
    nodes: Mapping[str, tuple[str, ...]],
) -> Execution:
    named = (*(item.client for item in told.submissions), *(item.client for item in told.registrations))
    clients = sorted({client for client in named if client})
    started = _first([item.time for item in told.submissions])
    facts = _facts(told, logs, workflow, listed_tasks)
    first = [] if started is None else [started.written]
    events_of = [] if told.submissions else sorted(_fallback(told))
    return Execution(
        identity=digest(["dask", *clients, *first, *events_of, *(task.identifier for task in listed_tasks)]),
        label=" ".join([workflow.name, *("-".join(client.split("-")[:2]) for client in clients[:1])]),
        workflow_name=workflow.name,
        workflow=workflow.identity,
        started=started,
        makespan=_makespan(told, started),
        system=WorkflowSystem("Dask"),
        nodes=tuple(sorted({name for names in nodes.values() for name in names})) if nodes else None,
        fingerprint=digest(facts),
        facts=facts,
        reported_makespan=logs.total,
    )


def _fallback(told: Events) -> list[str]:
    """What tells executions of one workflow apart where no graph does: when the first transition was, and who took part."""
    transitions = (*told.scheduler, *told.workers)
    first = _first([item.time for item in transitions])
    return [
        *([] if first is None else [first.written]),
        *{item.process for item in transitions if item.process},
    ]


def _facts(
    told: Events, logs: Told, workflow: Workflow, listed_tasks: Sequence[TaskExecution]
) -> tuple[str, ...]:
    facts = {
        f"workflow={workflow.name}",
        f"template={workflow.identity}",
        f"tasks={len(listed_tasks)}",
        "system=Dask",
    }
    workers = {item.process for item in told.registrations if item.process is not None}
    if workers:
        facts.add(f"workers={len(workers)}")
    threads = {item.thread_count for item in logs.settings if item.thread_count is not None}
    facts |= {f"threads of a worker={count}" for count in threads}
    return tuple(sorted(facts))


def _makespan(told: Events, started: Timestamp | None) -> float | None:
    """From the first submission to the scheduler's last transition: both by the scheduler's clock."""
    moments = [moment for item in told.scheduler if (moment := seconds(item.time)) is not None]
    begin = seconds(started)
    if not moments or begin is None or max(moments) < begin:
        return None
    return float(max(moments) - begin)


def _first(times: Sequence[Timestamp | None]) -> Timestamp | None:
    readable = [(moment, time) for time in times if time and (moment := seconds(time)) is not None]
    return min(readable, key=lambda pair: pair[0])[1] if readable else None


def _silent_workers(told: Events) -> bool:
    workers = {item.process for item in told.registrations if item.process is not None}
    telling = {item.process for item in told.workers}
    return not workers or not workers <= telling


def _submissions(told: Events, tasks_known: set[str]) -> tuple[list[GraphSubmission], list[Gap]]:
    found: list[GraphSubmission] = []
    gaps: list[Gap] = []
    for item in told.submissions:
        wanted = tuple(key for key in item.wanted if key in tasks_known)
        if len(wanted) < len(item.wanted):
            comment = f"{len(item.wanted) - len(wanted)} keys are wanted that no graph and no event tells of"
            gaps.append(Gap("NotCaptured", Subject("submission", item.identifier), item.where, comment))
        keys = tuple(key for key, _ in item.tasks)
        found.append(GraphSubmission(item.identifier, item.client, item.time, keys, wanted))
    return found, gaps


def _coverage(
    found: Known, listed_tasks: Sequence[TaskExecution], data: Sequence[DataObject]
) -> tuple[Coverage, ...]:
    ran = [task for task in listed_tasks if task.executed]

    def of_ran(member: str) -> tuple[int, int]:
        return len(ran), sum(getattr(task, member) is not None for task in ran)

    also = {
        RECUP + "execution": (len(listed_tasks), len(ran)),
        PROV + "wasInformedBy": (
            len(listed_tasks),
            sum(task.identifier in found.parents for task in listed_tasks),
        ),
        RECUP + "performedBy": of_ran("worker"),
        RECUP + "threadId": of_ran("thread"),
        RECUP + "taskGroup": of_ran("group"),
    }
    return coverage_of(ran, data, also)


def _absent(found: Capture) -> list[Gap]:
    """A gap for each kind of file that the capture lacks."""
    return [
        Gap("NotCaptured", Subject("execution"), f"{kind}.csv", "the capture has no such file")
        for kind in KINDS
        if not found.tables.get(kind)
    ]


def _mistaken(found: Known) -> list[Gap]:
    if not found.mistaken:
        return []
    comment = (
        f"begins, ends and duration of {found.mistaken} tasks are those of the transfer of their inputs; "
        "their times are from the transitions of workers where there are such"
    )
    return [Gap("ConflictingValue", Subject("execution"), f"{SCHEDULER_TRANSITIONS}.csv", comment)]


def _untold(unknown: Sequence[str]) -> list[Gap]:
    if not unknown:
        return []
    comment = (
        f"{len(unknown)} tasks of the graph may have run where nothing was captured: "
        f"neither {WORKER_TRANSITIONS}.csv of all workers nor {SCHEDULER_TRANSITIONS}.csv is there"
    )
    return [Gap("NotCaptured", Subject("execution"), f"{GRAPH}.csv", comment)]
