"""What makes two traces traces of one execution, and two executions runs of one configuration.

The identity covers every fact that all layouts can state, so one execution has one IRI in every layout. It leaves out what
WfCommons' migration adds or drops: task types, categories, secondary ids, and a program that is the task's name up to `_ID`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from recup_kg.align.tokens import (
    is_simple,
    logical_name,
    program_name,
    program_of_name,
    without_run_tokens,
    workflow_name,
)
from recup_kg.converters.times import timestamp
from recup_kg.converters.wfformat.neutral import Neutral, NeutralTask
from recup_kg.records import ComputeNode, Number
from recup_kg.vocab import digest

_AMOUNTS = (
    "runtimeInSeconds",
    "coreCount",
    "avgCPU",
    "readBytes",
    "writtenBytes",
    "memoryInBytes",
    "energyInKWh",
    "avgPowerInW",
    "priority",
)


def execution_identity(neutral: Neutral, sizes: dict[str, int | None]) -> str:
    """Hash of the facts of an execution that every layout can state."""
    return digest(_facts(neutral, sizes))


def configuration_facts(neutral: Neutral, primary: Iterable[str], template: str) -> tuple[str, ...]:
    """The facts that two runs of one configuration share, as `name=value`, sorted.

    `primary` are the inputs that no task wrote, each with its size where that is known; `template` is the workflow's identity.
    """
    facts = {f"workflow={workflow_name(neutral.name)}", f"template={template}", f"tasks={len(neutral.tasks)}"}
    if neutral.system is not None:
        facts.add(f"system={neutral.system.name} {neutral.system.version or ''}".rstrip())
    facts.update(f"program={name}" for name in _programs(neutral.tasks))
    facts.update(f"node type={_node_type(node)}" for node in neutral.machines or ())
    facts.add(f"inputs={digest(sorted(primary))}")
    facts.add(f"commands={digest(sorted(_command(task) for task in neutral.tasks))}")
    return tuple(sorted(facts))


def _facts(neutral: Neutral, sizes: dict[str, int | None]) -> Iterator[str]:
    started = timestamp(neutral.started) if neutral.started is not None else None
    yield neutral.name
    yield (started.iso or started.written) if started else ""
    yield _number(neutral.makespan)
    for task in sorted(neutral.tasks, key=lambda task: task.identifier):
        yield from _task_facts(task)
    for identifier in sorted(sizes):
        yield f"{identifier} {sizes[identifier]}"
    for node in sorted(neutral.machines or (), key=lambda node: node.name):
        yield f"{node.name} {_node_type(node)} {node.cpu_speed_reading}"


def _task_facts(task: NeutralTask) -> Iterator[str]:
    run = task.executed
    yield task.identifier
    yield _names(task.parents)
    yield _names(task.inputs)
    yield _names(task.outputs)
    if run is None:
        return
    yield "\x1e".join(_number(getattr(run, name)) for name in _AMOUNTS)
    yield _names(run.machines)
    yield run.executedAt or ""
    if run.command is not None:
        yield "\x1e".join(run.command.arguments or ())
        if run.command.program not in (None, program_of_name(task.name)):
            yield str(run.command.program)


def _names(names: Sequence[str] | None) -> str:
    return "\x1e".join(sorted(set(names or ())))


def _number(value: Number | None) -> str:
    return "" if value is None else repr(float(value))


def _programs(tasks: Iterable[NeutralTask]) -> set[str]:
    programs = {task.executed.command.program for task in tasks if task.executed and task.executed.command}
    return {program_name(program) for program in programs if program and is_simple(program)}


def _node_type(node: ComputeNode) -> str:
    described = (
        node.operating_system,
        node.architecture,
        node.kernel_release,
        node.cpu_vendor,
        None if node.core_count is None else f"{node.core_count} cores",
        None if node.memory_size is None else f"{node.memory_size} bytes",
    )
    return " ".join(fact for fact in described if fact is not None) or "not described"


def _command(task: NeutralTask) -> str:
    command = task.executed.command if task.executed else None
    if command is None:
        return ""
    words = (command.program or "", *(command.arguments or ()))
    return "\x1e".join(without_run_tokens(logical_name(word)) for word in words)
