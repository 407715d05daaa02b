"""The entities of a Process Run Crate 0.5: https://w3id.org/ro/wfrun/process/0.5. What no source said is left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from recup_kg.rdf.names import Names, names_of
from recup_kg.records import Number, TaskExecution, Timestamp, Trace
from recup_kg.vocab import RECUP, segment, source_iri

Entity: TypeAlias = dict[str, object]
PROCESS = "https://w3id.org/ro/wfrun/process/0.5"
CRATE = "https://w3id.org/ro/crate/1.1"
CONTEXT = [f"{CRATE}/context", "https://w3id.org/ro/terms/workflow-run"]
NO_LICENCE = "This export states no licence."
_DONE = frozenset(("completed", "success", "succeeded", "ok"))
_FAILED = frozenset(("failed", "error", "errored"))
_USAGE = (
    ("run_time", "runTime", "s"),
    ("core_count", "coreCount", None),
    ("average_cpu_utilization", "averageCpuUtilization", "% of one core"),
    ("read_bytes", "readBytes", "byte"),
    ("written_bytes", "writtenBytes", "byte"),
    ("resident_memory", "residentMemory", "byte"),
    ("energy", "energy", "kWh"),
    ("average_power", "averagePower", "W"),
)
"""Fields of a task, the terms of ours for them, and their units."""


def document(trace: Trace, published: str) -> dict[str, object]:
    """The metadata document of a run's crate, as JSON-LD."""
    names = names_of(trace)
    files = list(_files(trace, names))
    actions = list(_actions(trace, names))
    usage = [item for task in trace.tasks for item in _usage(task, names)]
    descriptor: Entity = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": CRATE},
    }
    profile: Entity = {"@id": PROCESS, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}
    root = _root(trace, published, files, actions)
    others = [*_software(trace), *_places(trace, names), *_author(trace)]
    return {"@context": CONTEXT, "@graph": [descriptor, root, profile, *files, *actions, *usage, *others]}


def _root(trace: Trace, published: str, files: Sequence[Entity], actions: Sequence[Entity]) -> Entity:
    return {
        "@id": "./",
        "@type": "Dataset",
        "name": trace.execution.label,
        "description": f"A run of {trace.execution.workflow_name}, as {trace.source.file_name} tells of it",
        "datePublished": published,
        "license": NO_LICENCE,
        "conformsTo": {"@id": PROCESS},
        "hasPart": _references(str(item["@id"]) for item in files),
        "mentions": _references(str(item["@id"]) for item in actions),
    }


def _references(identifiers: Iterator[str]) -> list[dict[str, str]]:
    return [{"@id": item} for item in identifiers]


def _files(trace: Trace, names: Names) -> Iterator[Entity]:
    source = trace.source
    author = {} if source.author is None else {"author": {"@id": "#author"}}
    yield {
        "@id": source_iri(source.sha256),
        "@type": "File",
        "name": source.file_name,
        "contentSize": str(source.size),
        "sha256": source.sha256,
        **author,
        **({} if source.description is None else {"description": source.description}),
    }
    for item in trace.data:
        size = {} if item.size is None else {"contentSize": str(item.size)}
        yield {"@id": names.data(item.identifier), "@type": "File", "name": item.logical_name, **size}


def _actions(trace: Trace, names: Names) -> Iterator[Entity]:
    run = trace.execution
    if run.system is not None:
        yield {
            "@id": names.run,
            "@type": "CreateAction",
            "name": run.label,
            "instrument": {"@id": "#workflow-system"},
            **_times(run.started, run.ended),
            **_status(run.status, None, True),
        }
    written = {task.identifier: task.outputs or () for task in trace.tasks}
    for task in trace.tasks:
        yield {
            "@id": names.task(task.identifier),
            "@type": "CreateAction",
            "name": task.name,
            "identifier": task.identifier,
            "instrument": {"@id": _program(task)},
            **_linked("object", [names.data(item) for item in task.inputs or ()]),
            **_linked("result", [names.data(item) for item in written[task.identifier]]),
            **_linked("location", [names.node(item) for item in task.nodes or ()]),
            **_linked("resourceUsage", [str(item["@id"]) for item in _usage(task, names)]),
            **_times(task.started, task.ended),
            **_status(task.status, task.exit_code, task.executed),
        }


def _linked(term: str, identifiers: list[str]) -> Entity:
    return {term: _references(iter(identifiers))} if identifiers else {}


def _times(started: Timestamp | None, ended: Timestamp | None) -> Entity:
    found: Entity = {}
    for term, time in (("startTime", started), ("endTime", ended)):
        if time is not None and time.iso is not None:
            found[term] = time.iso
    return found


def _status(status: str | None, code: int | None, executed: bool) -> Entity:
    """The status that the source states, by its word or by an exit code; nothing for words that we don't know."""
    word = (status or "").lower()
    if not executed:
        return {"actionStatus": "http://schema.org/PotentialActionStatus"}
    if word in _FAILED or code not in (None, 0):
        why = {} if code is None else {"error": f"exit code {code}"}
        return {"actionStatus": "http://schema.org/FailedActionStatus", **why}
    if word in _DONE or code == 0:
        return {"actionStatus": "http://schema.org/CompletedActionStatus"}
    return {}


def _usage(task: TaskExecution, names: Names) -> Iterator[Entity]:
    values: list[tuple[str, Number | None, str | None]] = [
        (term, getattr(task, field), unit) for field, term, unit in _USAGE
    ]
    for term, value, unit in (*values, ("exitCode", task.exit_code, None)):
        if value is not None:
            yield {
                "@id": f"{names.task(task.identifier)}#{term}",
                "@type": "PropertyValue",
                "name": term,
                "propertyID": RECUP + term,
                "value": str(value),
                **({} if unit is None else {"unitText": unit}),
            }


def _program(task: TaskExecution) -> str:
    return f"#software/{segment(task.program or task.step)}"


def _software(trace: Trace) -> Iterator[Entity]:
    system = trace.execution.system
    if system is not None:
        stated = {"softwareVersion": system.version, "url": system.url}
        facts = {term: value for term, value in stated.items() if value is not None}
        yield {"@id": "#workflow-system", "@type": "SoftwareApplication", "name": system.name, **facts}
    named = {_program(task): task.program or task.step for task in trace.tasks}
    for identifier, name in named.items():
        yield {"@id": identifier, "@type": "SoftwareApplication", "name": name}


def _places(trace: Trace, names: Names) -> Iterator[Entity]:
    known = [node.name for node in trace.nodes]
    used = [name for task in trace.tasks for name in task.nodes or ()]
    for name in dict.fromkeys((*known, *used)):
        yield {"@id": names.node(name), "@type": "Place", "name": name}


def _author(trace: Trace) -> Iterator[Entity]:
    author = trace.source.author
    if author is not None:
        stated = {} if author.email is None else {"email": author.email}
        yield {"@id": "#author", "@type": "Person", "name": author.name, **stated}
