"""From the neutral form of a trace to records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from recup_kg.align.dag import levels
from recup_kg.align.signatures import Unsigned, sign
from recup_kg.align.tokens import logical_name, step_name, workflow_name
from recup_kg.converters.times import timestamp
from recup_kg.converters.wfformat.artefacts import artefacts, unreliable_sizes
from recup_kg.converters.wfformat.check import duplicates, edges, one_sided, order
from recup_kg.converters.wfformat.coverage import absent_members, coverage
from recup_kg.converters.wfformat.identity import configuration_facts, execution_identity
from recup_kg.converters.wfformat.layouts import ExecutedTask
from recup_kg.converters.wfformat.neutral import Neutral, NeutralTask
from recup_kg.records import (
    Author,
    ComputeNode,
    DataObject,
    Execution,
    Gap,
    Signatures,
    Source,
    StatedMetric,
    Step,
    Subject,
    TaskExecution,
    Timestamp,
    Trace,
    Workflow,
    WorkflowSystem,
)
from recup_kg.vocab import digest


def build(path: Path, neutral: Neutral, source: Source, gaps: tuple[Gap, ...]) -> Trace:
    """All records of a trace. Raises `MalformedSource` where its tasks don't form a directed acyclic graph."""
    parents = edges(path, neutral.tasks)
    sequence = order(path, neutral.tasks, parents)
    steps = {task.identifier: _step(task) for task in neutral.tasks}
    data, data_gaps = _data(neutral)
    found = tuple(artefacts(neutral, data))
    sizes = {name: item.size for name, item in data.items()}
    doubtful = unreliable_sizes(found)
    reliable = {name: None if name in doubtful else size for name, size in sizes.items()}
    signatures = sign([_unsigned(task, steps, parents) for task in neutral.tasks], sequence, reliable)
    workflow = _workflow(neutral, steps, parents)
    level = levels(sequence, parents)
    nodes = _nodes(neutral)
    tasks = tuple(
        _task(task, steps[task.identifier], level, parents, signatures[task.identifier])
        for task in neutral.tasks
    )
    return Trace(
        source=source,
        workflow=workflow,
        execution=_execution(neutral, workflow, data, sizes, doubtful),
        tasks=tasks,
        data=tuple(data.values()),
        nodes=tuple(nodes.values()),
        coverage=tuple(coverage(tasks, tuple(data.values()), tuple(nodes.values()))),
        gaps=(
            *gaps,
            *neutral.gaps,
            *data_gaps,
            *one_sided(neutral),
            *duplicates(neutral),
            *absent_members(neutral),
            *_unreadable_times(neutral),
            *_repeated_machines(neutral),
        ),
        artefacts=found,
        metrics=tuple(StatedMetric(name, value) for name, value in sorted(neutral.metrics.items())),
    )


def source_record(neutral: Neutral, file_name: str, sha256: str, size: int, version: str) -> Source:
    """The source file as the graph describes it."""
    author = neutral.author
    return Source(
        file_name=file_name,
        sha256=sha256,
        size=size,
        format="wfformat",
        format_version=neutral.layout,
        converter_version=version,
        created=_time(neutral.created),
        description=neutral.description,
        author=Author(author.name, author.email, author.institution, author.country) if author else None,
    )


def _step(task: NeutralTask) -> str:
    command = task.executed.command if task.executed else None
    return step_name(task.name, command.program if command else None, task.category) or task.identifier


def _unsigned(
    task: NeutralTask, steps: Mapping[str, str], parents: Mapping[str, tuple[str, ...]]
) -> Unsigned:
    command = task.executed.command if task.executed else None
    return Unsigned(
        identifier=task.identifier,
        step=steps[task.identifier],
        parents=parents[task.identifier],
        program=command.program if command else None,
        arguments=command.arguments if command else None,
        inputs=task.inputs,
        outputs=task.outputs,
    )


def _data(neutral: Neutral) -> tuple[dict[str, DataObject], list[Gap]]:
    """All data objects, in the order of the source, and a gap for each size that contradicts an earlier one."""
    sizes: dict[str, int | None] = {}
    gaps: list[Gap] = []
    listed = set()
    for file in neutral.files:
        if file.identifier in listed and (
            gap := _repeated_file(neutral, sizes, file.identifier, file.size, file.where)
        ):
            gaps.append(gap)
        listed.add(file.identifier)
        if sizes.get(file.identifier) is None:
            sizes[file.identifier] = file.size
    generators: dict[str, list[str]] = {}
    for task in neutral.tasks:
        for name in (*(task.inputs or ()), *(task.outputs or ())):
            sizes.setdefault(name, None)
        for name in dict.fromkeys(task.outputs or ()):
            generators.setdefault(name, []).append(task.identifier)
    data = {
        name: DataObject(name, logical_name(name), size, tuple(generators.get(name, ())))
        for name, size in sizes.items()
    }
    return data, gaps


def _repeated_file(
    neutral: Neutral, sizes: Mapping[str, int | None], name: str, size: int | None, where: str
) -> Gap | None:
    if size is not None and size != sizes[name]:
        comment = f"the source states {sizes[name]} bytes of this file before; the graph has the first"
        return Gap("ConflictingValue", Subject("data", name), where, comment, str(size))
    if neutral.layout >= "1.5":
        return Gap("DuplicateEntry", Subject("data", name), where, "this file is listed before", str(size))
    return None


def _nodes(neutral: Neutral) -> dict[str, ComputeNode]:
    nodes: dict[str, ComputeNode] = {}
    for node in neutral.machines or ():
        nodes.setdefault(node.name, node)
    for task in neutral.tasks:
        for name in (task.executed.machines or ()) if task.executed else ():
            nodes.setdefault(name, ComputeNode(name, listed=False))
    return nodes


def _repeated_machines(neutral: Neutral) -> Iterator[Gap]:
    first: dict[str, ComputeNode] = {}
    for index, node in enumerate(neutral.machines or ()):
        where = f"{neutral.machines_where}[{index}]"
        if node.name not in first:
            first[node.name] = node
        elif first[node.name] == node:
            yield Gap("DuplicateEntry", Subject("node", node.name), where, "this machine is listed before")
        else:
            comment = "this machine is listed before with another description; the graph has the first"
            yield Gap("ConflictingValue", Subject("node", node.name), where, comment)


def _workflow(neutral: Neutral, steps: Mapping[str, str], parents: Mapping[str, tuple[str, ...]]) -> Workflow:
    before: dict[str, set[str]] = {step: set() for step in steps.values()}
    for task, above in parents.items():
        before[steps[task]].update(steps[parent] for parent in above)
    name = workflow_name(neutral.name)
    described = tuple(Step(step, tuple(sorted(before[step]))) for step in sorted(before))
    identity = digest([name, *(f"{step.name}\x1f{step.preceded_by}" for step in described)])
    return Workflow(identity, name, described)


def _execution(
    neutral: Neutral,
    workflow: Workflow,
    data: Mapping[str, DataObject],
    sizes: dict[str, int | None],
    doubtful: set[str],
) -> Execution:
    primary = [
        f"{item.logical_name} {'?' if name in doubtful else item.size}"
        for name, item in data.items()
        if not item.generators
    ]
    facts = configuration_facts(neutral, primary, workflow.identity)
    system = neutral.system
    return Execution(
        identity=execution_identity(neutral, sizes),
        label=neutral.name,
        workflow_name=workflow.name,
        workflow=workflow.identity,
        started=_time(neutral.started),
        makespan=neutral.makespan,
        system=WorkflowSystem(system.name, system.version, system.url) if system else None,
        nodes=None
        if neutral.machines is None
        else tuple(dict.fromkeys(node.name for node in neutral.machines)),
        fingerprint=digest(facts),
        facts=facts,
        repository=neutral.repository,
        run_name=neutral.run_name,
    )


def _task(
    task: NeutralTask,
    step: str,
    level: Mapping[str, int],
    parents: Mapping[str, tuple[str, ...]],
    signatures: Signatures,
) -> TaskExecution:
    run = task.executed or ExecutedTask(id=task.identifier)
    command = run.command
    return TaskExecution(
        identifier=task.identifier,
        name=task.name,
        step=step,
        level=level[task.identifier],
        parents=parents[task.identifier],
        inputs=_unique(task.inputs),
        outputs=_unique(task.outputs),
        signatures=signatures,
        local_identifier=task.local_identifier,
        task_type=task.task_type,
        category=task.category,
        started=_time(run.executedAt),
        program=command.program if command else None,
        arguments=command.arguments if command else None,
        nodes=_unique(run.machines),
        run_time=run.runtimeInSeconds,
        core_count=run.coreCount,
        average_cpu_utilization=run.avgCPU,
        read_bytes=run.readBytes,
        written_bytes=run.writtenBytes,
        resident_memory=run.memoryInBytes,
        energy=run.energyInKWh,
        average_power=run.avgPowerInW,
        priority=run.priority,
        executed=task.executed is not None,
    )


def _unique(names: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(dict.fromkeys(names))


def _time(written: str | None) -> Timestamp | None:
    return None if written is None else timestamp(written)


def _unreadable_times(neutral: Neutral) -> Iterator[Gap]:
    execution = Subject("execution")
    run_where = "$.workflow.execution.executedAt" if neutral.layout >= "1.5" else "$.workflow.executedAt"
    stated = [(execution, "$.createdAt", neutral.created), (execution, run_where, neutral.started)]
    stated += [
        (Subject("task", task.identifier), f"{task.executed_where}.executedAt", task.executed.executedAt)
        for task in neutral.tasks
        if task.executed is not None and task.executed.executedAt is not None
    ]
    for about, where, written in stated:
        if written is not None and timestamp(written).iso is None:
            yield Gap("UnreadableValue", about, where, "not a time that can be read", f'"{written}"')
