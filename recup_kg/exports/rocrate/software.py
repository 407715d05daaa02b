"""The programs that tasks ran and the system that ran the workflow, as a crate names them."""

from __future__ import annotations

from collections.abc import Iterator

from recup_kg.exports.rocrate.terms import Entity
from recup_kg.records import TaskExecution, Trace
from recup_kg.vocab import segment

UNKNOWN = "#software-not-captured/"
"""How the identifier starts of a program that no source names: profiles demand an instrument of each action."""


def program_id(task: TaskExecution) -> str:
    """The identifier of the program of a task; one for each step where it is not captured."""
    return f"#software/{segment(task.program)}" if task.program else f"{UNKNOWN}{segment(task.step)}"


def software(trace: Trace) -> Iterator[Entity]:
    """The workflow system and the programs."""
    system = trace.execution.system
    if system is not None:
        stated = {"softwareVersion": system.version, "url": system.url}
        facts = {term: value for term, value in stated.items() if value is not None}
        yield {"@id": "#workflow-system", "@type": "SoftwareApplication", "name": system.name, **facts}
    for identifier, task in {program_id(task): task for task in trace.tasks}.items():
        named: Entity = {"name": task.program} if task.program else {}
        told = {} if task.program else {"description": f"The program of step {task.step} is not captured."}
        yield {"@id": identifier, "@type": "SoftwareApplication", **named, **told}
