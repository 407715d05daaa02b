"""From records back to a trace in layout 1.5 (1.6 where the source was of it)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, TypeAlias

from recup_kg.records import ComputeNode, Gap, TaskExecution, Timestamp, Trace

Object: TypeAlias = dict[str, Any]

_OF_SPECIFICATION = {
    "numberOfTasks",
    "numberOfFiles",
    "sumOfFileSizesInBytes",
    "numberOfLevels",
    "minimumWidth",
    "maximumWidth",
}
_PLACE = re.compile(
    r"\$\.workflow\.(?P<section>specification|execution)\.(?P<list>tasks|files|machines)\[(?P<index>\d+)\]\.(?P<member>.+)"
)


def write(trace: Trace) -> bytes:
    """The trace as UTF-8 JSON, tasks and files sorted by identifier.

    What the source says beyond its layout comes back from the gaps that recorded it.
    """
    document = _document(trace)
    _restore(document, trace)
    return json.dumps(document, ensure_ascii=False, indent=4).encode()


def _document(trace: Trace) -> Object:
    execution, source = trace.execution, trace.source
    author, system = source.author, execution.system
    return _present(
        name=execution.label,
        description=source.description,
        createdAt=_written(source.created),
        schemaVersion="1.6" if source.format_version == "1.6" else "1.5",
        author=author
        and _present(
            name=author.name, email=author.email, institution=author.institution, country=author.country
        ),
        runtimeSystem=system and _present(name=system.name, version=system.version, url=system.url),
        workflow=_present(
            specification=_specification(trace),
            execution=_execution(trace),
            repo=execution.repository,
            runName=execution.run_name,
        ),
    )


def _specification(trace: Trace) -> Object:
    children = _children(trace)
    only_parent = _one_sided(trace.gaps, "children")
    listed = not _absent(trace.gaps, "$.workflow.specification.files")
    files = [
        {"id": item.identifier, "sizeInBytes": item.size} for item in trace.data if item.size is not None
    ]
    return _present(
        tasks=[
            _present(
                name=task.name,
                id=task.identifier,
                parents=sorted(
                    parent for parent in task.parents if (parent, task.identifier) not in only_parent
                ),
                children=sorted(children[task.identifier]),
                inputFiles=_sorted(task.inputs),
                outputFiles=_sorted(task.outputs),
            )
            for task in _by_identifier(trace.tasks)
        ],
        files=sorted(files, key=lambda file: str(file["id"])) if listed else None,
        metrics=_metrics(trace, True),
    )


def _execution(trace: Trace) -> Object:
    execution = trace.execution
    machines = None if execution.nodes is None else [_machine(node) for node in trace.nodes if node.listed]
    return _present(
        makespanInSeconds=execution.makespan,
        executedAt=_written(execution.started),
        tasks=[_executed(task) for task in _by_identifier(trace.tasks) if task.executed],
        machines=machines,
        metrics=_metrics(trace, False),
    )


def _executed(task: TaskExecution) -> Object:
    command = _present(
        program=task.program, arguments=None if task.arguments is None else list(task.arguments)
    )
    return _present(
        id=task.identifier,
        runtimeInSeconds=task.run_time,
        executedAt=_written(task.started),
        command=command or None,
        coreCount=task.core_count,
        avgCPU=task.average_cpu_utilization,
        readBytes=task.read_bytes,
        writtenBytes=task.written_bytes,
        memoryInBytes=task.resident_memory,
        energyInKWh=task.energy,
        avgPowerInW=task.average_power,
        priority=task.priority,
        machines=_sorted(task.nodes),
    )


def _machine(node: ComputeNode) -> Object:
    cpu = _present(coreCount=node.core_count, speedInMHz=node.cpu_speed_reading, vendor=node.cpu_vendor)
    return _present(
        nodeName=node.name,
        system=node.operating_system,
        architecture=node.architecture,
        release=node.kernel_release,
        memoryInBytes=node.memory_size,
        cpu=cpu or None,
    )


def _metrics(trace: Trace, of_specification: bool) -> Object | None:
    found = {
        metric.name: metric.value
        for metric in trace.metrics
        if (metric.name in _OF_SPECIFICATION) == of_specification
    }
    return found or None


def _children(trace: Trace) -> dict[str, list[str]]:
    """The children that each task of the source states: all edges, less those that only the child states."""
    only_child = {(parent, child) for child, parent in _one_sided(trace.gaps, "parents")}
    children: dict[str, list[str]] = {task.identifier: [] for task in trace.tasks}
    for task in trace.tasks:
        for parent in task.parents:
            if (parent, task.identifier) not in only_child:
                children[parent].append(task.identifier)
    return children


def _one_sided(gaps: Iterable[Gap], member: str) -> set[tuple[str, str]]:
    """The dependencies that only one task states: that task, and the one that it names in this member."""
    return {
        (gap.about.identifier, json.loads(gap.value))
        for gap in gaps
        if gap.kind == "OneSidedDependency" and gap.where.endswith(member) and gap.value is not None
    }


def _absent(gaps: Iterable[Gap], where: str) -> bool:
    return any(gap.kind == "NotCaptured" and gap.where == where for gap in gaps)


def _restore(document: Object, trace: Trace) -> None:
    """Put back what gaps recorded: members that the layout does not define, nulls and empty objects."""
    for gap in trace.gaps:
        restorable = gap.kind == "UnmappedField" or (gap.kind == "NotCaptured" and gap.value is not None)
        if restorable and gap.value is not None:
            _put(document, gap)


def _put(document: Object, gap: Gap) -> None:
    target: Any = document
    match = _PLACE.fullmatch(gap.where)
    if match:
        name = "nodeName" if match["list"] == "machines" else "id"
        entries = document["workflow"][match["section"]].get(match["list"], [])
        target = next((entry for entry in entries if entry.get(name) == gap.about.identifier), None)
        steps = match["member"].split(".")
    else:
        steps = gap.where.removeprefix("$.").split(".")
    for step in steps[:-1]:
        target = target.setdefault(step, {}) if isinstance(target, dict) else None
    if isinstance(target, dict):
        target[steps[-1]] = json.loads(str(gap.value))


def _by_identifier(tasks: Iterable[TaskExecution]) -> list[TaskExecution]:
    return sorted(tasks, key=lambda task: task.identifier)


def _sorted(names: Iterable[str] | None) -> list[str] | None:
    return None if names is None else sorted(names)


def _written(time: Timestamp | None) -> str | None:
    return None if time is None else time.written


def _present(**members: object) -> Object:
    """An object with the members that are not None."""
    return {name: value for name, value in members.items() if value is not None}
