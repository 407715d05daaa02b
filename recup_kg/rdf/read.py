"""Named graphs back to traces: the reverse of `recup_kg.rdf.write`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from urllib.parse import unquote

import pyoxigraph

from recup_kg.collector import paused_collector
from recup_kg.rdf.descriptions import Description, Descriptions
from recup_kg.rdf.vocabulary import measurement_properties
from recup_kg.records import (
    Author,
    ComputeNode,
    Coverage,
    DataObject,
    Execution,
    Gap,
    Number,
    RecordingArtefact,
    Signatures,
    Source,
    SourceMember,
    StatedMetric,
    Step,
    Subject,
    TaskExecution,
    Timestamp,
    Trace,
    Workflow,
    WorkflowSystem,
)
from recup_kg.vocab import DCAT, DCTERMS, DQV, P_PLAN, PROV, RDFS, RECUP, SCHEMA, SPDX, WFPROV

_FIELDS = frozenset(
    RECUP + name
    for name in (
        *("runTime", "averageCpuUtilization", "readBytes", "writtenBytes"),
        *("residentMemory", "energy", "averagePower"),
    )
)
"""The measurements that are fields of a task."""


@paused_collector()
def read_trace(ntriples: str | bytes) -> Trace:
    """The records of an execution graph, given as N-Triples or N-Quads. Raises `BundleError` for any other graph."""
    graph = Descriptions(ntriples)
    run = graph.one(RECUP + "Execution")
    listed = run.iris(RECUP + "hasNode")
    gaps = tuple(_gap(item, run.iri) for item in _numbered(graph.of_type(RECUP + "Gap")))
    coverage = tuple(_coverage(item) for item in graph.of_type(RECUP + "Coverage"))
    stated = {entry.property for entry in coverage if entry.observed}
    generated, generators = _generation(graph)
    absent = {
        (gap.about.identifier, gap.where.rsplit(".", 1)[-1]) for gap in gaps if gap.kind == "NotCaptured"
    }
    lists = _Lists(stated, absent, generated)
    tasks = [_task(item, lists, True) for item in graph.of_type(RECUP + "TaskExecution")]
    tasks += [_task(item, lists, False) for item in graph.of_type(RECUP + "PlannedTask")]
    no_machines = any(gap.where.endswith(".machines") and gap.about.kind == "execution" for gap in gaps)
    execution = _execution(graph, run, None if no_machines else tuple(map(_last, listed)))
    return Trace(
        source=_source(graph, graph.one(RECUP + "SourceFile"), graph.one(PROV + "Bundle")),
        workflow=_workflow(execution, tasks),
        execution=execution,
        tasks=tuple(tasks),
        data=tuple(_data(item, generators) for item in graph.of_type(RECUP + "DataObject")),
        nodes=tuple(_node(item, set(listed)) for item in graph.of_type(RECUP + "ComputeNode")),
        coverage=coverage,
        gaps=gaps,
        artefacts=tuple(
            _artefact(item, run.iri) for item in _numbered(graph.of_type(RECUP + "RecordingArtefact"))
        ),
        metrics=tuple(_metric(item) for item in graph.of_type(DQV + "QualityMeasurement")),
    )


@dataclass(frozen=True, slots=True)
class _Lists:
    """What tells an empty list of a task from one that the source leaves out."""

    stated: set[str]
    absent: set[tuple[str, str]]
    generated: Mapping[str, list[str]]

    def names(self, task: str, member: str, covered: str, iris: list[str]) -> tuple[str, ...] | None:
        if not iris and (covered not in self.stated or (task, member) in self.absent):
            return None
        return tuple(map(_last, iris))


def _last(iri: str) -> str:
    return unquote(iri.rsplit("/", 1)[-1])


def _numbered(descriptions: Iterator[Description]) -> list[Description]:
    return sorted(descriptions, key=lambda item: int(item.iri.rsplit("/", 1)[-1]))


def _generation(graph: Descriptions) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The data of each task that wrote or was to write some, and the tasks of each data object."""
    by_task: dict[str, list[str]] = {}
    by_data: dict[str, list[str]] = {}
    for item in graph.of_type(RECUP + "DataObject"):
        for task in item.iris(PROV + "wasGeneratedBy"):
            by_task.setdefault(task, []).append(item.iri)
            by_data.setdefault(item.iri, []).append(_last(task))
    for planned in graph.of_type(RECUP + "PlannedTask"):
        for data in planned.iris(RECUP + "plannedOutput"):
            by_task.setdefault(planned.iri, []).append(data)
            by_data.setdefault(data, []).append(_last(planned.iri))
    return by_task, by_data


def _task(item: Description, lists: _Lists, executed: bool) -> TaskExecution:
    identifier = item.required(DCTERMS + "identifier")
    used = item.iris(PROV + "used" if executed else RECUP + "plannedInput")
    parents = (*item.iris(PROV + "wasInformedBy"), *item.iris(RECUP + "plannedAfter"))
    step = item.required_iri(P_PLAN + "correspondsToStep" if executed else RECUP + "plannedStep")
    arguments = item.text(RECUP + "arguments")
    worker, code = item.iri_of(RECUP + "performedBy"), item.text(RECUP + "exitCode")
    return TaskExecution(
        identifier=identifier,
        name=item.required(RDFS + "label"),
        step=_last(step),
        level=int(item.required_number(RECUP + "level")),
        parents=tuple(map(_last, parents)),
        inputs=lists.names(identifier, "inputFiles", PROV + "used", used),
        outputs=lists.names(identifier, "outputFiles", PROV + "generated", lists.generated.get(item.iri, [])),
        signatures=_signatures(item),
        local_identifier=item.text(RECUP + "sourceLocalId"),
        task_type=item.text(RECUP + "taskType"),
        category=item.text(RECUP + "category"),
        started=_time(item, PROV + "startedAtTime", RECUP + "startedAsWritten"),
        program=item.text(RECUP + "program"),
        arguments=None if arguments is None else tuple(json.loads(arguments)),
        nodes=lists.names(identifier, "machines", PROV + "atLocation", item.iris(PROV + "atLocation")),
        run_time=item.number(RECUP + "runTime"),
        core_count=item.number(RECUP + "coreCount"),
        average_cpu_utilization=item.number(RECUP + "averageCpuUtilization"),
        read_bytes=item.number(RECUP + "readBytes"),
        written_bytes=item.number(RECUP + "writtenBytes"),
        resident_memory=item.number(RECUP + "residentMemory"),
        energy=item.number(RECUP + "energy"),
        average_power=item.number(RECUP + "averagePower"),
        priority=item.number(RECUP + "priority"),
        executed=executed,
        ended=_time(item, PROV + "endedAtTime", RECUP + "endedAsWritten"),
        status=item.text(RECUP + "status"),
        exit_code=None if code is None else int(code),
        group=item.text(RECUP + "taskGroup"),
        worker=None if worker is None else _last(worker),
        thread=item.integer(RECUP + "threadId"),
        measurements=tuple(_measurements(item)),
    )


def _measurements(item: Description) -> Iterator[tuple[str, Number]]:
    """The measurements that a task has no field for."""
    for iri in measurement_properties():
        if iri not in _FIELDS and (value := item.number(iri)) is not None:
            yield iri.removeprefix(RECUP), value


def _signatures(item: Description) -> Signatures:
    return Signatures(
        canonical=item.required(RECUP + "canonicalId"),
        local=item.required(RECUP + "localSignature"),
        neighbourhood=item.required(RECUP + "neighbourhoodSignature"),
        arguments=item.text(RECUP + "argumentSignature"),
        inputs=item.text(RECUP + "inputSignature"),
        outputs=item.text(RECUP + "outputSignature"),
    )


def _time(item: Description, predicate: str, spelling: str) -> Timestamp | None:
    iso = item.text(predicate)
    written = item.text(spelling) or iso
    return None if written is None else Timestamp(written, iso)


def _execution(graph: Descriptions, run: Description, nodes: tuple[str, ...] | None) -> Execution:
    configuration = graph[run.required_iri(RECUP + "configuration")]
    facts = configuration.facts.get(RECUP + "configurationFact", [])
    workflow = run.required_iri(WFPROV + "describedByWorkflow")
    return Execution(
        identity=_last(run.iri),
        label=run.required(RDFS + "label"),
        workflow_name=run.required(RECUP + "workflowName"),
        workflow=_last(workflow),
        started=_time(run, PROV + "startedAtTime", RECUP + "startedAsWritten"),
        makespan=run.number(RECUP + "makespan"),
        system=_system(graph, run.iri_of(PROV + "wasAssociatedWith")),
        nodes=nodes,
        fingerprint=configuration.required(RECUP + "fingerprint"),
        facts=tuple(sorted(fact.value for fact in facts if isinstance(fact, pyoxigraph.Literal))),
        repository=run.text(SCHEMA + "codeRepository"),
        run_name=run.text(RECUP + "runName"),
        ended=_time(run, PROV + "endedAtTime", RECUP + "endedAsWritten"),
        status=run.text(RECUP + "status"),
        reported_makespan=run.number(RECUP + "reportedMakespan"),
    )


def _system(graph: Descriptions, iri: str | None) -> WorkflowSystem | None:
    if iri is None:
        return None
    item = graph[iri]
    return WorkflowSystem(
        item.required(SCHEMA + "name"), item.text(SCHEMA + "softwareVersion"), item.text(SCHEMA + "url")
    )


def _source(graph: Descriptions, item: Description, bundle: Description) -> Source:
    checksum = graph[item.required_iri(SPDX + "checksum")]
    author = item.iri_of(PROV + "wasAttributedTo")
    return Source(
        file_name=item.required(RECUP + "fileName"),
        sha256=checksum.required(SPDX + "checksumValue"),
        size=int(item.required_number(DCAT + "byteSize")),
        format=item.required(RECUP + "format"),
        format_version=item.required(RECUP + "formatVersion"),
        converter_version=bundle.required(RECUP + "converterVersion"),
        created=_time(item, DCTERMS + "created", RECUP + "createdAsWritten"),
        description=item.text(DCTERMS + "description"),
        author=None if author is None else _author(graph[author]),
        members=tuple(
            sorted(
                (_member(graph, graph[name]) for name in item.iris(PROV + "hadMember")),
                key=attrgetter("file_name"),
            )
        ),
        layer=item.required_iri(RECUP + "layer").removeprefix(RECUP),
    )


def _member(graph: Descriptions, item: Description) -> SourceMember:
    return SourceMember(
        file_name=item.required(RECUP + "fileName"),
        sha256=graph[item.required_iri(SPDX + "checksum")].required(SPDX + "checksumValue"),
        size=int(item.required_number(DCAT + "byteSize")),
    )


def _author(item: Description) -> Author:
    return Author(
        item.required(SCHEMA + "name"),
        item.text(SCHEMA + "email"),
        item.text(SCHEMA + "affiliation"),
        item.text(SCHEMA + "addressCountry"),
    )


def _workflow(execution: Execution, tasks: list[TaskExecution]) -> Workflow:
    """The template as its tasks show it: what stands before a step follows from their dependencies."""
    step = {task.identifier: task.step for task in tasks}
    before: dict[str, set[str]] = {name: set() for name in step.values()}
    for task in tasks:
        before[task.step].update(step[parent] for parent in task.parents)
    steps = tuple(Step(name, tuple(sorted(before[name]))) for name in sorted(before))
    return Workflow(execution.workflow, execution.workflow_name, steps)


def _data(item: Description, generators: Mapping[str, list[str]]) -> DataObject:
    return DataObject(
        identifier=item.required(DCTERMS + "identifier"),
        logical_name=item.required(RECUP + "logicalName"),
        size=item.integer(DCAT + "byteSize"),
        generators=tuple(generators.get(item.iri, ())),
    )


def _node(item: Description, listed: set[str]) -> ComputeNode:
    host = item.iri_of(RECUP + "hostedBy")
    return ComputeNode(
        name=item.required(RECUP + "nodeName"),
        listed=item.iri in listed,
        operating_system=item.text(RECUP + "operatingSystem"),
        architecture=item.text(RECUP + "architecture"),
        kernel_release=item.text(RECUP + "kernelRelease"),
        memory_size=item.integer(RECUP + "memorySize"),
        core_count=item.integer(RECUP + "cpuCoreCount"),
        cpu_vendor=item.text(RECUP + "cpuVendor"),
        cpu_speed_reading=item.integer(RECUP + "cpuSpeedReading"),
        host=None if host is None else _last(host),
    )


def _coverage(item: Description) -> Coverage:
    return Coverage(
        property=item.required_iri(RECUP + "observedProperty"),
        expected=int(item.required_number(RECUP + "expectedCount")),
        observed=int(item.required_number(RECUP + "observedCount")),
    )


def _gap(item: Description, run: str) -> Gap:
    return Gap(
        kind=item.required_iri(RECUP + "gapKind").removeprefix(RECUP),
        about=_subject(item, run),
        where=item.required(RECUP + "where"),
        comment=item.required(RDFS + "comment"),
        value=item.text(RECUP + "statedValue"),
    )


def _artefact(item: Description, run: str) -> RecordingArtefact:
    return RecordingArtefact(
        about=_subject(item, run),
        property=item.required_iri(RECUP + "observedProperty"),
        where=item.required(RECUP + "where"),
        comment=item.required(RDFS + "comment"),
    )


def _subject(item: Description, run: str) -> Subject:
    about = item.required_iri(RECUP + "about")
    kind, _, identifier = about.removeprefix(run).lstrip("/").partition("/")
    return Subject(kind, unquote(identifier)) if identifier else Subject("execution")


def _metric(item: Description) -> StatedMetric:
    name = item.required_iri(DQV + "isMeasurementOf").removeprefix(RECUP)
    return StatedMetric(unquote(name), item.required_number(DQV + "value"))
