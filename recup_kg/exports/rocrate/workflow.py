"""What makes a Process Run Crate a Workflow Run Crate and a Provenance Run Crate, version 0.5.

https://w3id.org/ro/wfrun/workflow/0.5 and https://w3id.org/ro/wfrun/provenance/0.5. A trace doesn't hold the file in which its
workflow was written: the main entity is the file of the crate with our template of it, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from recup_kg.exports.rocrate.software import program_id
from recup_kg.exports.rocrate.terms import Entity, linked, references
from recup_kg.rdf.names import Names
from recup_kg.records import TaskExecution, Trace
from recup_kg.vocab import P_PLAN, segment

FILE = "workflow.nt"
_LANGUAGE = "#p-plan"
_TOLD = (
    "The steps of the workflow and their order, as derived from the tasks of the run. "
    "The file in which the workflow was written is not captured."
)


def workflow_of(trace: Trace, *, steps: bool) -> Iterator[Entity]:
    """The main entity and its language; with `steps`, also the steps and the programs that they ran."""
    programs = dict.fromkeys(program_id(task) for task in trace.tasks)
    numbered = step_programs(trace.tasks)
    yield {
        "@id": FILE,
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", *(["HowTo"] if steps else [])],
        "name": trace.execution.workflow_name,
        "description": _TOLD,
        "encodingFormat": "application/n-triples",
        "programmingLanguage": {"@id": _LANGUAGE},
        **({"hasPart": references(programs), "step": references(map(step_id, numbered))} if steps else {}),
    }
    yield {
        "@id": _LANGUAGE,
        "@type": "ComputerLanguage",
        "name": "P-Plan",
        "identifier": {"@id": P_PLAN},
        "url": {"@id": P_PLAN},
    }
    if steps:
        for name, tools in numbered.items():
            yield {
                "@id": step_id(name),
                "@type": "HowToStep",
                "name": name,
                **linked("workExample", tools),
            }


def control(trace: Trace, names: Names) -> Iterator[Entity]:
    """A control action for each task that ran, and the organising one where the workflow system is known."""
    controls = {control_id(task): task for task in trace.tasks if task.executed}
    for identifier, task in controls.items():
        yield {
            "@id": identifier,
            "@type": "ControlAction",
            "name": f"{task.step}: {task.name}",
            "instrument": {"@id": step_id(task.step)},
            "object": {"@id": names.task(task.identifier)},
        }
    if trace.execution.system is not None and controls:
        yield {
            "@id": "#organize",
            "@type": "OrganizeAction",
            "name": f"{trace.execution.system.name} ran {trace.execution.label}",
            "instrument": {"@id": "#workflow-system"},
            "object": references(controls),
            "result": {"@id": names.run},
        }


def step_programs(tasks: Iterable[TaskExecution]) -> dict[str, list[str]]:
    """The programs that tasks of each step ran."""
    found: dict[str, dict[str, None]] = {}
    for task in tasks:
        found.setdefault(task.step, {})[program_id(task)] = None
    return {step: list(programs) for step, programs in found.items()}


def step_id(step: str) -> str:
    """The identifier of a step within the crate."""
    return f"{FILE}#{segment(step)}"


def control_id(task: TaskExecution) -> str:
    """The identifier of the control action of a task."""
    return f"#control/{segment(task.identifier)}"
