"""How much of what a trace could state it does state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from recup_kg.converters.wfformat.neutral import Neutral
from recup_kg.records import ComputeNode, Coverage, DataObject, Gap, Subject, TaskExecution
from recup_kg.vocab import DCAT, PROV, RECUP, SPDX

_OF_TASKS: dict[str, str] = {
    PROV + "used": "inputs",
    PROV + "generated": "outputs",
    PROV + "atLocation": "nodes",
    PROV + "startedAtTime": "started",
    RECUP + "program": "program",
    RECUP + "arguments": "arguments",
    RECUP + "runTime": "run_time",
    RECUP + "coreCount": "core_count",
    RECUP + "averageCpuUtilization": "average_cpu_utilization",
    RECUP + "readBytes": "read_bytes",
    RECUP + "writtenBytes": "written_bytes",
    RECUP + "residentMemory": "resident_memory",
    RECUP + "energy": "energy",
    RECUP + "averagePower": "average_power",
    RECUP + "priority": "priority",
}
_OF_NODES: dict[str, str] = {
    RECUP + "operatingSystem": "operating_system",
    RECUP + "architecture": "architecture",
    RECUP + "kernelRelease": "kernel_release",
    RECUP + "memorySize": "memory_size",
    RECUP + "cpuCoreCount": "core_count",
}
_OF_DATA: dict[str, str] = {DCAT + "byteSize": "size"}

STATUS = RECUP + "status"
CHECKSUM = SPDX + "checksum"


def coverage(
    tasks: Sequence[TaskExecution], data: Sequence[DataObject], nodes: Sequence[ComputeNode]
) -> Iterator[Coverage]:
    """The coverage of each property, of tasks as far as they ran.

    The format has no place for the status of a task nor for checksums of files.
    """
    ran = [task for task in tasks if task.executed]
    yield Coverage(RECUP + "execution", len(tasks), len(ran))
    for things, members in ((ran, _OF_TASKS), (data, _OF_DATA), (nodes, _OF_NODES)):
        for name, member in members.items():
            yield Coverage(name, len(things), _stated(things, member))
    yield Coverage(STATUS, len(ran), 0)
    yield Coverage(CHECKSUM, len(data), 0)


def absent_members(neutral: Neutral) -> Iterator[Gap]:
    """A gap for each list that the source leaves out, where an empty list would mean that there are none."""
    run = Subject("execution")
    if neutral.machines is None:
        yield Gap("NotCaptured", run, neutral.machines_where, "no machines are listed")
    for task in neutral.tasks:
        if task.executed is None:
            comment = "the task is specified, and no execution of it is recorded"
            yield Gap("NotCaptured", Subject("task", task.identifier), task.where, comment)
    yield from _mixed(neutral, "inputFiles", lambda task: task.inputs)
    yield from _mixed(neutral, "outputFiles", lambda task: task.outputs)
    yield from _mixed(neutral, "machines", lambda task: task.executed.machines if task.executed else None)


def _mixed(neutral: Neutral, member: str, get: Callable[[Any], Any]) -> Iterator[Gap]:
    """Gaps of the tasks that leave a list out, where other tasks of the same trace have it."""
    tasks = [task for task in neutral.tasks if task.executed or member != "machines"]
    missing = [task for task in tasks if get(task) is None]
    if len(missing) == len(tasks):
        return
    for task in missing:
        place = task.executed_where if member == "machines" else task.where
        comment = f"{member} is left out here, other tasks have it"
        yield Gap("NotCaptured", Subject("task", task.identifier), f"{place}.{member}", comment)


def _stated(things: Sequence[object], member: str) -> int:
    return sum(getattr(thing, member) is not None for thing in things)
