"""Which activity of a PROV document is the execution, and which are its tasks.

As CWLProv states it (https://w3id.org/cwl/prov/): wfprov:WorkflowRun and wfprov:ProcessRun, or activities that followed a plan.
"""

from __future__ import annotations

from dataclasses import dataclass

from recup_kg.converters.prov.document import TYPE, Document
from recup_kg.vocab import PROV, WFPROV

WFDESC = "http://purl.org/wf4ever/wfdesc#"
RUN_TYPES = (WFPROV + "WorkflowRun",)
TASK_TYPES = (WFPROV + "ProcessRun",)


@dataclass(frozen=True, slots=True)
class Run:
    """`execution` is the activity that is the whole, None where none is; `whole` are all that could be."""

    execution: str | None
    whole: tuple[str, ...]
    tasks: tuple[str, ...]


def find_run(document: Document) -> Run | None:
    """The run that a document describes, None where it describes none."""
    runs = document.of_type(*RUN_TYPES)
    tasks = [name for name in document.of_type(*TASK_TYPES) if name not in runs]
    if not runs and not tasks:
        planned = [name for name in document.of_type(PROV + "Activity") if plans(document, name)]
        runs = [
            name for name in planned if any(_is_workflow(document, plan) for plan in plans(document, name))
        ]
        tasks = [name for name in planned if name not in runs]
    if not runs and not tasks:
        return None
    known = {*runs, *tasks}
    top = [name for name in runs if not set(parents(document, name)) & (known - {name})]
    return Run(top[0] if len(top) == 1 else None, tuple(top), tuple(tasks))


def parents(document: Document, name: str) -> list[str]:
    """What an activity is a part of, or was started by."""
    found = document.refs(name, WFPROV + "wasPartOfWorkflowRun")
    for node in document.refs(name, PROV + "qualifiedStart"):
        found += document.refs(node, PROV + "hadActivity")
    return list(dict.fromkeys(found))


def plans(document: Document, name: str) -> list[str]:
    """The plans that an activity followed."""
    found = document.refs(name, WFPROV + "describedByProcess") + document.refs(
        name, WFPROV + "describedByWorkflow"
    )
    for node in document.refs(name, PROV + "qualifiedAssociation"):
        found += document.refs(node, PROV + "hadPlan")
    return list(dict.fromkeys(found))


def _is_workflow(document: Document, plan: str) -> bool:
    return WFDESC + "Workflow" in document.refs(plan, TYPE) or bool(
        document.refs(plan, WFDESC + "hasSubProcess")
    )
