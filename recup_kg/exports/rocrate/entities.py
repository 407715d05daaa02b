"""The entities of a crate of a run: https://w3id.org/ro/wfrun/process/0.5. What no source said is left out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from recup_kg.exports.rocrate.software import program_id, software
from recup_kg.exports.rocrate.terms import (
    CONTEXT,
    CRATE,
    WORKFLOW_CRATE,
    Entity,
    Profile,
    claimed,
    linked,
    references,
)
from recup_kg.exports.rocrate.workflow import FILE, control, workflow_of
from recup_kg.rdf.names import Names, names_of
from recup_kg.records import Number, TaskExecution, Timestamp, Trace
from recup_kg.vocab import RECUP, source_iri

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


def document(
    trace: Trace, published: str, profile: Profile = "process", licences: Sequence[str] = ()
) -> dict[str, object]:
    """The metadata document of a run's crate, as JSON-LD; `licences` are those that the source states."""
    names = names_of(trace)
    files = list(_files(trace, names))
    actions = list(_actions(trace, names, profile))
    usage = [item for task in trace.tasks for item in _usage(task, names)]
    whole: list[Entity] = []
    if profile != "process":
        whole = list(workflow_of(trace, steps=profile == "provenance"))
        files.insert(0, whole.pop(0))
    if profile == "provenance":
        actions.extend(control(trace, names))
    profiles = claimed(profile)
    descriptor: Entity = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": references([CRATE] if profile == "process" else [CRATE, WORKFLOW_CRATE]),
    }
    root: Entity = {
        "@id": "./",
        "@type": "Dataset",
        "name": trace.execution.label,
        "description": f"A run of {trace.execution.workflow_name}, as {trace.source.file_name} tells of it",
        "datePublished": published,
        "license": _licence(licences),
        "conformsTo": references(str(item["@id"]) for item in profiles),
        **({} if profile == "process" else {"mainEntity": {"@id": FILE}}),
        "hasPart": references(str(item["@id"]) for item in files),
        "mentions": references(str(item["@id"]) for item in actions),
    }
    others = [*whole, *software(trace), *_places(trace, names), *_author(trace)]
    return {"@context": CONTEXT, "@graph": [descriptor, root, *profiles, *files, *actions, *usage, *others]}


def _licence(stated: Sequence[str]) -> object:
    found = [{"@id": item} if item.startswith(("http://", "https://")) else item for item in stated]
    return NO_LICENCE if not found else found[0] if len(found) == 1 else found


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


def _actions(trace: Trace, names: Names, profile: Profile) -> Iterator[Entity]:
    run = trace.execution
    if run.system is not None or profile != "process":
        yield {
            "@id": names.run,
            "@type": "CreateAction",
            "name": run.label,
            "instrument": {"@id": "#workflow-system" if profile == "process" else FILE},
            **_times(run.started, run.ended),
            **_status(run.status, None, True),
        }
    made = {item.identifier: item.generators for item in trace.data}
    for task in trace.tasks:
        yield _task(task, names, made)


def _task(task: TaskExecution, names: Names, made: Mapping[str, Sequence[str]]) -> Entity:
    """A task; its dependencies are stated where no data between tells of them."""
    told = {maker for item in task.inputs or () for maker in made.get(item, ())}
    arguments = None if task.arguments is None else json.dumps(task.arguments, ensure_ascii=False)
    return {
        "@id": names.task(task.identifier),
        "@type": "CreateAction",
        "name": task.name,
        "identifier": task.identifier,
        "instrument": {"@id": program_id(task)},
        **({} if arguments is None else {"arguments": arguments}),
        **linked("object", map(names.data, task.inputs or ())),
        **linked("result", map(names.data, task.outputs or ())),
        **linked("wasInformedBy", (names.task(item) for item in task.parents if item not in told)),
        **linked("location", map(names.node, task.nodes or ())),
        **linked("resourceUsage", (str(item["@id"]) for item in _usage(task, names))),
        **_times(task.started, task.ended),
        **_status(task.status, task.exit_code, task.executed),
    }


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
