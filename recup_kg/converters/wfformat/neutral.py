"""What every layout says, in one form: the layouts differ in names, units and nesting only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from recup_kg.converters.wfformat.layouts import (
    Author,
    Command,
    ExecutedTask,
    Instance10,
    Instance15,
    Job,
    Machine,
    SpecifiedTask,
    System,
)
from recup_kg.errors import MalformedSource
from recup_kg.records import ComputeNode, Gap, Number, Subject

BYTES_PER_KB = 1000
"""WfCommons' own migration from 1.3 to 1.4 multiplies by 1000."""


_NO_FILES = Gap(
    "NotCaptured", Subject("execution"), "$.workflow.specification.files", "the source has no list of files"
)


@dataclass(frozen=True, slots=True)
class NeutralTask:
    """A task. `where` is the JSON path of its specification, `executed` is None where no execution of it is recorded."""

    identifier: str
    name: str
    where: str
    parents: tuple[str, ...]
    children: tuple[str, ...] | None
    inputs: tuple[str, ...] | None
    outputs: tuple[str, ...] | None
    executed: ExecutedTask | None
    executed_where: str
    local_identifier: str | None = None
    task_type: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class NeutralFile:
    """A size in bytes as the source states it at `where`."""

    identifier: str
    size: int | None
    where: str


@dataclass(frozen=True, slots=True)
class Neutral:
    """A whole trace."""

    name: str
    layout: str
    description: str | None
    created: str | None
    author: Author | None
    system: System | None
    started: str | None
    makespan: Number | None
    tasks: tuple[NeutralTask, ...]
    files: tuple[NeutralFile, ...]
    machines: tuple[ComputeNode, ...] | None
    machines_where: str
    repository: str | None = None
    run_name: str | None = None
    metrics: Mapping[str, Number] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()


def from_new_layout(path: Path, instance: Instance15) -> Neutral:
    """The trace of layout 1.5 or 1.6."""
    specification, execution = instance.workflow.specification, instance.workflow.execution
    if execution is None:
        raise MalformedSource(
            path,
            "there is a specification, but no execution",
            where="$.workflow.execution",
            advice="give the trace of a workflow that ran",
        )
    executed = _executed_by_id(path, execution.tasks, {task.id for task in specification.tasks})
    return Neutral(
        name=instance.name,
        layout=instance.schemaVersion,
        description=instance.description,
        created=instance.createdAt,
        author=instance.author,
        system=instance.runtimeSystem,
        started=execution.executedAt,
        makespan=execution.makespanInSeconds,
        tasks=tuple(_new_task(index, task, executed) for index, task in enumerate(specification.tasks)),
        files=tuple(
            NeutralFile(file.id, file.sizeInBytes, f"$.workflow.specification.files[{index}].sizeInBytes")
            for index, file in enumerate(specification.files or ())
        ),
        machines=_nodes(execution.machines),
        machines_where="$.workflow.execution.machines",
        repository=instance.workflow.repo,
        run_name=instance.workflow.runName,
        metrics={**(specification.metrics or {}), **(execution.metrics or {})},
        gaps=() if specification.files is not None else (_NO_FILES,),
    )


def from_old_layout(path: Path, instance: Instance10) -> Neutral:
    """The trace of layout 1.0 to 1.4."""
    workflow = instance.workflow
    section = "tasks" if workflow.tasks is not None else "jobs"
    jobs = workflow.tasks if workflow.tasks is not None else workflow.jobs
    if not jobs:
        raise MalformedSource(
            path, "there are no tasks", where=f"$.workflow.{section}", advice="give the trace of a run"
        )
    identifiers = _references(jobs)
    places = [f"$.workflow.{section}[{index}]" for index in range(len(jobs))]
    tasks = tuple(
        _old_task(path, job, identifier, where)
        for job, identifier, where in zip(jobs, identifiers, places, strict=True)
    )
    return Neutral(
        name=instance.name,
        layout=instance.schemaVersion,
        description=instance.description,
        created=instance.createdAt,
        author=instance.author,
        system=instance.wms,
        started=workflow.executedAt,
        makespan=_first(workflow.makespanInSeconds, workflow.makespan),
        tasks=tasks,
        files=tuple(file for job, where in zip(jobs, places, strict=True) for file in _old_files(job, where)),
        machines=_nodes(workflow.machines),
        machines_where="$.workflow.machines",
        gaps=tuple(
            gap for job, where in zip(jobs, places, strict=True) for gap in _unit_conflicts(job, where)
        ),
    )


def _executed_by_id(
    path: Path, tasks: Iterable[ExecutedTask], specified: set[str]
) -> dict[str, tuple[ExecutedTask, str]]:
    found: dict[str, tuple[ExecutedTask, str]] = {}
    for index, task in enumerate(tasks):
        where = f"$.workflow.execution.tasks[{index}]"
        if task.id not in specified:
            raise MalformedSource(
                path, f"no task {task.id!r} in the specification", where=f"{where}.id", advice="add it there"
            )
        if task.id in found:
            raise MalformedSource(
                path, f"task {task.id!r} is there twice", where=f"{where}.id", advice="ids must be unique"
            )
        found[task.id] = (task, where)
    return found


def _new_task(
    index: int, task: SpecifiedTask, executed: Mapping[str, tuple[ExecutedTask, str]]
) -> NeutralTask:
    where = f"$.workflow.specification.tasks[{index}]"
    run, run_where = executed.get(task.id, (None, where))
    return NeutralTask(
        identifier=task.id,
        name=task.name,
        where=where,
        parents=task.parents,
        children=task.children,
        inputs=task.inputFiles,
        outputs=task.outputFiles,
        executed=run,
        executed_where=run_where,
    )


def _references(jobs: tuple[Job, ...]) -> list[str]:
    """The identifiers by which the tasks name each other: their names, or their ids where the names don't serve."""
    names = [job.name for job in jobs]
    mentioned = {parent for job in jobs for parent in job.parents}
    if len(set(names)) == len(names) and (mentioned <= set(names) or not _ids(jobs) >= mentioned):
        return names
    return [job.id or job.name for job in jobs]


def _ids(jobs: tuple[Job, ...]) -> set[str]:
    return {job.id for job in jobs if job.id is not None}


def _old_task(path: Path, job: Job, identifier: str, where: str) -> NeutralTask:
    for index, file in enumerate(job.files or ()):
        if file.link not in ("input", "output"):
            raise MalformedSource(
                path,
                f"expected input or output, got {file.link!r}",
                where=f"{where}.files[{index}].link",
                advice="say which",
            )
    return NeutralTask(
        identifier=identifier,
        name=job.name,
        where=where,
        parents=job.parents,
        children=job.children,
        inputs=_linked(job, "input"),
        outputs=_linked(job, "output"),
        executed=_old_execution(job, identifier),
        executed_where=where,
        local_identifier=job.id if job.id != identifier else None,
        task_type=job.type,
        category=job.category,
    )


def _linked(job: Job, link: str) -> tuple[str, ...] | None:
    if job.files is None:
        return None
    return tuple(file.name for file in job.files if file.link == link)


def _old_execution(job: Job, identifier: str) -> ExecutedTask:
    command = job.command
    if command is None and job.arguments is not None:
        command = Command(arguments=job.arguments)
    return ExecutedTask(
        id=identifier,
        runtimeInSeconds=_first(job.runtimeInSeconds, job.runtime),
        command=command,
        coreCount=job.cores,
        avgCPU=job.avgCPU,
        readBytes=_first(job.readBytes, _in_bytes(job.bytesRead)),
        writtenBytes=_first(job.writtenBytes, _in_bytes(job.bytesWritten)),
        memoryInBytes=_first(job.memoryInBytes, _in_bytes(job.memory)),
        energyInKWh=job.energy,
        avgPowerInW=job.avgPower,
        priority=job.priority,
        machines=None if job.machine is None else (job.machine,),
    )


def _unit_conflicts(job: Job, where: str) -> Iterable[Gap]:
    """A gap for each amount that layout 1.4 states twice, in KB and in bytes, and not the same."""
    for kilobytes, name, stated in (
        (job.bytesRead, "bytesRead", job.readBytes),
        (job.bytesWritten, "bytesWritten", job.writtenBytes),
        (job.memory, "memory", job.memoryInBytes),
    ):
        if kilobytes is not None and stated is not None and _in_bytes(kilobytes) != stated:
            comment = f"{name} in KB and the same amount in bytes differ; the graph has the bytes"
            yield Gap(
                "ConflictingValue", Subject("task", job.name), f"{where}.{name}", comment, str(kilobytes)
            )


def _old_files(job: Job, where: str) -> Iterable[NeutralFile]:
    for index, file in enumerate(job.files or ()):
        name = "size" if file.sizeInBytes is None else "sizeInBytes"
        yield NeutralFile(
            file.name, _whole(_first(file.sizeInBytes, file.size)), f"{where}.files[{index}].{name}"
        )


def _whole(value: Number | None) -> int | None:
    return None if value is None else int(value)


def _first(*values: Number | None) -> Number | None:
    return next((value for value in values if value is not None), None)


def _in_bytes(kilobytes: Number | None) -> Number | None:
    return None if kilobytes is None else kilobytes * BYTES_PER_KB


def _nodes(machines: tuple[Machine, ...] | None) -> tuple[ComputeNode, ...] | None:
    return None if machines is None else tuple(map(_node, machines))


def _node(machine: Machine) -> ComputeNode:
    cpu = machine.cpu
    return ComputeNode(
        name=machine.nodeName,
        operating_system=machine.system,
        architecture=machine.architecture,
        kernel_release=machine.release,
        memory_size=_whole(_first(machine.memoryInBytes, _in_bytes(machine.memory))),
        core_count=_whole(_first(cpu.coreCount, cpu.count)) if cpu else None,
        cpu_vendor=cpu.vendor if cpu else None,
        cpu_speed_reading=_whole(_first(cpu.speedInMHz, cpu.speed)) if cpu else None,
    )
