"""Values that tell how they were recorded, found by general rules and not by name.

Counted in real traces: the size of a folder of a data base (0 in some runs, 5.1 GB in others of the same host and input), the
momentary clock rate of a processor, and run times of 0 beside processor time and I/O.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from recup_kg.converters.wfformat.neutral import Neutral, NeutralTask
from recup_kg.records import DataObject, RecordingArtefact, Subject
from recup_kg.vocab import DCAT, RECUP

SIZE = DCAT + "byteSize"
RUN_TIME = RECUP + "runTime"
CPU_SPEED = RECUP + "cpuSpeedReading"


def artefacts(neutral: Neutral, data: Mapping[str, DataObject]) -> Iterator[RecordingArtefact]:
    """The recording artefacts of a trace."""
    where = {file.identifier: file.where for file in reversed(neutral.files)}
    folders = _folders(neutral.tasks)
    for name, item in data.items():
        comment = _doubtful_size(item, name in folders)
        if comment is not None:
            yield RecordingArtefact(Subject("data", name), SIZE, where.get(name, "$"), comment)
    yield from _zero_run_times(neutral.tasks)
    for index, node in enumerate(neutral.machines or ()):
        if node.cpu_speed_reading is not None:
            place = f"{neutral.machines_where}[{index}].cpu"
            comment = "a momentary reading of the clock rate, not a property of the machine"
            yield RecordingArtefact(Subject("node", node.name), CPU_SPEED, place, comment)


def unreliable_sizes(found: Iterable[RecordingArtefact]) -> set[str]:
    """The data objects whose size is an artefact."""
    return {artefact.about.identifier for artefact in found if artefact.property == SIZE}


def _doubtful_size(item: DataObject, folder: bool) -> str | None:
    if item.size is None:
        return None
    if folder:
        return "the arguments use this as a folder: its recorded size is not that of its content"
    if item.size == 0 and not item.generators:
        return "an input that no task wrote, with size 0: it is empty, or its size was not recorded"
    return None


def _folders(tasks: Iterable[NeutralTask]) -> set[str]:
    """The inputs that an argument of their task uses as a folder: `nt` in `-d nt/nt`."""
    found: set[str] = set()
    for task in tasks:
        command = task.executed.command if task.executed else None
        if command is None or not task.inputs:
            continue
        inputs = set(task.inputs)
        for argument in command.arguments or ():
            head, slash, _ = argument.removeprefix("./").partition("/")
            if slash and head in inputs:
                found.add(head)
    return found


def _zero_run_times(tasks: Iterable[NeutralTask]) -> Iterator[RecordingArtefact]:
    for task in tasks:
        run = task.executed
        if (
            run is not None
            and run.runtimeInSeconds == 0
            and (run.avgCPU or run.readBytes or run.writtenBytes)
        ):
            place = f"{task.executed_where}.runtimeInSeconds"
            comment = "run time 0 although processor use or I/O was recorded"
            yield RecordingArtefact(Subject("task", task.identifier), RUN_TIME, place, comment)
