"""Tasks that a converter made, completed: their levels and signatures, and the template of their workflow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from recup_kg.align.dag import levels, topological
from recup_kg.align.signatures import Unsigned, sign
from recup_kg.records import Coverage, DataObject, Signatures, Step, TaskExecution, Workflow
from recup_kg.vocab import DCAT, PROV, RECUP, digest

UNSIGNED = Signatures("", "", "", None, None, None)
"""What a task has as signatures until it is completed."""

_OF_TASKS: dict[str, str] = {
    PROV + "used": "inputs",
    PROV + "generated": "outputs",
    PROV + "atLocation": "nodes",
    PROV + "startedAtTime": "started",
    PROV + "endedAtTime": "ended",
    RECUP + "status": "status",
    RECUP + "exitCode": "exit_code",
    RECUP + "program": "program",
    RECUP + "arguments": "arguments",
    RECUP + "runTime": "run_time",
    RECUP + "coreCount": "core_count",
    RECUP + "averageCpuUtilization": "average_cpu_utilization",
    RECUP + "readBytes": "read_bytes",
    RECUP + "writtenBytes": "written_bytes",
    RECUP + "residentMemory": "resident_memory",
}


def complete(tasks: Sequence[TaskExecution], data: Iterable[DataObject]) -> tuple[TaskExecution, ...]:
    """The tasks with their levels and signatures, whatever they have there now; `data` gives the sizes of files.

    Each parent must be one of the tasks. Raises `recup_kg.align.dag.CycleError`.
    """
    parents = {task.identifier: task.parents for task in tasks}
    order = topological(parents)
    signed = sign(
        [
            Unsigned(
                task.identifier,
                task.step,
                task.parents,
                task.program,
                task.arguments,
                task.inputs,
                task.outputs,
            )
            for task in tasks
        ],
        order,
        {item.identifier: item.size for item in data},
    )
    level = levels(order, parents)
    return tuple(
        replace(task, level=level[task.identifier], signatures=signed[task.identifier]) for task in tasks
    )


def template(name: str, tasks: Iterable[TaskExecution], declared: Iterable[str] = ()) -> Workflow:
    """The workflow template of tasks: their steps, the steps that the source declares beyond, and the order between them."""
    listed = tuple(tasks)
    steps = {task.identifier: task.step for task in listed}
    before: dict[str, set[str]] = {step: set() for step in (*declared, *steps.values())}
    for task in listed:
        before[task.step].update(steps[parent] for parent in task.parents)
    described = tuple(Step(step, tuple(sorted(before[step]))) for step in sorted(before))
    return Workflow(
        digest([name, *(f"{step.name}\x1f{step.preceded_by}" for step in described)]), name, described
    )


def coverage_of(
    tasks: Sequence[TaskExecution],
    data: Sequence[DataObject],
    also: Mapping[str, tuple[int, int]] | None = None,
) -> tuple[Coverage, ...]:
    """For how many tasks and data objects the source states what it could state; `also` gives more (expected, observed)."""
    found = [
        Coverage(name, len(tasks), sum(getattr(task, member) is not None for task in tasks))
        for name, member in _OF_TASKS.items()
    ]
    found.append(Coverage(DCAT + "byteSize", len(data), sum(item.size is not None for item in data)))
    found += [Coverage(name, *counts) for name, counts in (also or {}).items()]
    return tuple(found)
