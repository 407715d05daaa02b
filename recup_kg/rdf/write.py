"""Traces to named graphs; docs/data-model.md shows what they look like."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from recup_kg.collector import paused_collector
from recup_kg.rdf import terms
from recup_kg.rdf.about import write_coverage, write_gaps, write_source
from recup_kg.rdf.graph import Graph, optional_text
from recup_kg.rdf.mapping import time_facts
from recup_kg.rdf.names import Names, graph_of_source, names_of
from recup_kg.rdf.parts import write_records, write_tables
from recup_kg.records import (
    ComputeNode,
    DataObject,
    Number,
    RecordingArtefact,
    Source,
    TaskExecution,
    Trace,
    Workflow,
)
from recup_kg.vocab import (
    DCAT,
    DCTERMS,
    DQV,
    P_PLAN,
    PROV,
    RDFS,
    RECUP,
    SCHEMA,
    WFPROV,
    bundle_iri,
    part_iri,
    segment,
    workflow_iri,
)

Fact = tuple[str, str | None]

_TASK = (RECUP + "TaskExecution", WFPROV + "ProcessRun", PROV + "Activity")
_PLANNED_TASK = (RECUP + "PlannedTask",)
_DATA = (RECUP + "DataObject", PROV + "Entity")


@paused_collector()
def graphs(trace: Trace) -> tuple[Graph, Graph]:
    """The graph of the execution, and the graph of the workflow template that executions share."""
    return _execution_graph(trace), _workflow_graph(trace.workflow)


def _workflow_graph(workflow: Workflow) -> Graph:
    name = workflow_iri(workflow.identity)
    graph = Graph(bundle_iri(workflow.identity))
    graph.describe(graph.name, (PROV + "Bundle",), ((RECUP + "describes", terms.iri(name)),))
    types = (RECUP + "Workflow", P_PLAN + "Plan", PROV + "Plan", PROV + "Entity")
    graph.describe(name, types, ((RDFS + "label", terms.text(workflow.name)),))
    for step in workflow.steps:
        facts: list[Fact] = [
            (RDFS + "label", terms.text(step.name)),
            (P_PLAN + "isStepOfPlan", terms.iri(name)),
        ]
        facts += [
            (RECUP + "isPrecededByStep", terms.iri(part_iri(name, "step", before)))
            for before in step.preceded_by
        ]
        graph.describe(part_iri(name, "step", step.name), (RECUP + "Step", P_PLAN + "Step"), facts)
    return graph


def _execution_graph(trace: Trace) -> Graph:
    names = names_of(trace)
    graph = Graph(graph_of_source(trace.source))
    _bundle(graph, names, trace.source)
    write_source(graph, names.run, trace.source)
    _execution(graph, names, trace)
    for node in trace.nodes:
        _node(graph, names, node)
    executed = {task.identifier: task.executed for task in trace.tasks}
    for task in trace.tasks:
        if task.executed:
            _task(graph, names, task, executed)
        else:
            _planned_task(graph, names, task)
    for item in trace.data:
        _data_object(graph, names, item, executed)
    write_coverage(graph, names.run, trace.source, trace.coverage)
    write_gaps(graph, names.run, trace.source, trace.gaps)
    for index, artefact in enumerate(trace.artefacts):
        _artefact(graph, names, index, artefact)
    for metric in trace.metrics:
        _metric(graph, names, metric.name, metric.value)
    write_records(graph, names.run, trace.records)
    write_tables(graph, names.run, trace.tables)
    return graph


def _bundle(graph: Graph, names: Names, source: Source) -> None:
    graph.describe(
        graph.name,
        (PROV + "Bundle",),
        (
            (RECUP + "describes", terms.iri(names.run)),
            (PROV + "wasDerivedFrom", terms.iri(names.source)),
            (RECUP + "converter", terms.text(source.format)),
            (RECUP + "converterVersion", terms.text(source.converter_version)),
        ),
    )


def _execution(graph: Graph, names: Names, trace: Trace) -> None:
    run, system = trace.execution, f"{names.run}/system"
    configuration = f"{names.run}/configuration"
    facts: list[Fact] = [
        (RDFS + "label", terms.text(run.label)),
        (RECUP + "workflowName", terms.text(run.workflow_name)),
        (WFPROV + "describedByWorkflow", terms.iri(names.workflow)),
        (RECUP + "makespan", _double(run.makespan)),
        (RECUP + "reportedMakespan", _double(run.reported_makespan)),
        (PROV + "wasAssociatedWith", terms.iri(system) if run.system else None),
        (SCHEMA + "codeRepository", optional_text(run.repository)),
        (RECUP + "runName", optional_text(run.run_name)),
        (RECUP + "configuration", terms.iri(configuration)),
        *time_facts(PROV + "startedAtTime", run.started),
        *time_facts(PROV + "endedAtTime", run.ended),
        (RECUP + "status", optional_text(run.status)),
    ]
    facts += [(RECUP + "hasNode", terms.iri(names.node(node))) for node in run.nodes or ()]
    graph.describe(names.run, (RECUP + "Execution", WFPROV + "WorkflowRun", PROV + "Activity"), facts)
    if run.system is not None:
        graph.describe(
            system,
            (RECUP + "WorkflowSystem", PROV + "SoftwareAgent", PROV + "Agent"),
            (
                (SCHEMA + "name", terms.text(run.system.name)),
                (SCHEMA + "softwareVersion", optional_text(run.system.version)),
                (SCHEMA + "url", optional_text(run.system.url)),
            ),
        )
    graph.describe(
        configuration,
        (RECUP + "ConfigurationFingerprint",),
        (
            (RECUP + "fingerprint", terms.text(run.fingerprint)),
            *((RECUP + "configurationFact", terms.text(fact)) for fact in run.facts),
        ),
    )


def _node(graph: Graph, names: Names, node: ComputeNode) -> None:
    graph.describe(
        names.node(node.name),
        (RECUP + "ComputeNode", PROV + "Location"),
        (
            (RECUP + "nodeName", terms.text(node.name)),
            (RECUP + "operatingSystem", optional_text(node.operating_system)),
            (RECUP + "architecture", optional_text(node.architecture)),
            (RECUP + "kernelRelease", optional_text(node.kernel_release)),
            (RECUP + "memorySize", _number(node.memory_size)),
            (RECUP + "cpuCoreCount", _number(node.core_count)),
            (RECUP + "cpuVendor", optional_text(node.cpu_vendor)),
            (RECUP + "cpuSpeedReading", _number(node.cpu_speed_reading)),
            (RECUP + "hostedBy", None if node.host is None else terms.iri(names.node(node.host))),
        ),
    )


def _task_identity(names: Names, task: TaskExecution) -> Iterator[Fact]:
    """The facts that executed and planned tasks share."""
    signatures = task.signatures
    yield DCTERMS + "identifier", terms.text(task.identifier)
    yield RDFS + "label", terms.text(task.name)
    yield RECUP + "level", terms.integer(task.level)
    yield RECUP + "canonicalId", f'"{signatures.canonical}"'
    yield RECUP + "localSignature", f'"{signatures.local}"'
    yield RECUP + "neighbourhoodSignature", f'"{signatures.neighbourhood}"'
    yield RECUP + "argumentSignature", optional_text(signatures.arguments)
    yield RECUP + "inputSignature", optional_text(signatures.inputs)
    yield RECUP + "outputSignature", optional_text(signatures.outputs)
    yield RECUP + "sourceLocalId", optional_text(task.local_identifier)
    yield RECUP + "taskType", optional_text(task.task_type)
    yield RECUP + "category", optional_text(task.category)
    yield RECUP + "taskGroup", optional_text(task.group)


def _task(graph: Graph, names: Names, task: TaskExecution, executed: Mapping[str, bool]) -> None:
    facts: list[Fact] = [
        *_task_identity(names, task),
        *_task_measurements(task),
        (WFPROV + "wasPartOfWorkflowRun", terms.iri(names.run)),
        (P_PLAN + "correspondsToStep", terms.iri(names.step(task.step))),
        *time_facts(PROV + "startedAtTime", task.started),
        *time_facts(PROV + "endedAtTime", task.ended),
        (RECUP + "status", optional_text(task.status)),
        (RECUP + "exitCode", None if task.exit_code is None else terms.text(str(task.exit_code))),
        (
            RECUP + "performedBy",
            None if task.worker is None else terms.iri(part_iri(names.run, "process", task.worker)),
        ),
        (RECUP + "threadId", _number(task.thread)),
    ]
    facts += [
        (
            PROV + "wasInformedBy" if executed[parent] else RECUP + "plannedAfter",
            terms.iri(names.task(parent)),
        )
        for parent in task.parents
    ]
    facts += [(PROV + "used", terms.iri(names.data(item))) for item in task.inputs or ()]
    facts += [(PROV + "atLocation", terms.iri(names.node(node))) for node in task.nodes or ()]
    graph.describe(names.task(task.identifier), _TASK, facts)


def _task_measurements(task: TaskExecution) -> Iterator[Fact]:
    yield RECUP + "program", optional_text(task.program)
    yield RECUP + "arguments", _json(task.arguments)
    yield RECUP + "runTime", _double(task.run_time)
    yield RECUP + "coreCount", _number(task.core_count)
    yield RECUP + "averageCpuUtilization", _double(task.average_cpu_utilization)
    yield RECUP + "readBytes", _number(task.read_bytes)
    yield RECUP + "writtenBytes", _number(task.written_bytes)
    yield RECUP + "residentMemory", _number(task.resident_memory)
    yield RECUP + "energy", _double(task.energy)
    yield RECUP + "averagePower", _double(task.average_power)
    yield RECUP + "priority", _number(task.priority)
    for name, value in task.measurements:
        yield RECUP + name, terms.double(value) if isinstance(value, float) else terms.integer(value)


def _planned_task(graph: Graph, names: Names, task: TaskExecution) -> None:
    facts: list[Fact] = [
        *_task_identity(names, task),
        (RECUP + "plannedIn", terms.iri(names.run)),
        (RECUP + "plannedStep", terms.iri(names.step(task.step))),
    ]
    facts += [(RECUP + "plannedAfter", terms.iri(names.task(parent))) for parent in task.parents]
    facts += [(RECUP + "plannedInput", terms.iri(names.data(item))) for item in task.inputs or ()]
    facts += [(RECUP + "plannedOutput", terms.iri(names.data(item))) for item in task.outputs or ()]
    graph.describe(names.task(task.identifier), _PLANNED_TASK, facts)


def _data_object(graph: Graph, names: Names, item: DataObject, executed: Mapping[str, bool]) -> None:
    facts: list[Fact] = [
        (DCTERMS + "identifier", terms.text(item.identifier)),
        (RECUP + "logicalName", terms.text(item.logical_name)),
        (DCAT + "byteSize", _number(item.size)),
    ]
    facts += [
        (PROV + "wasGeneratedBy", terms.iri(names.task(task))) for task in item.generators if executed[task]
    ]
    graph.describe(names.data(item.identifier), _DATA, facts)


def _artefact(graph: Graph, names: Names, index: int, artefact: RecordingArtefact) -> None:
    graph.describe(
        part_iri(names.run, "artefact", str(index)),
        (RECUP + "RecordingArtefact",),
        (
            (RECUP + "about", terms.iri(names.subject(artefact.about))),
            (RECUP + "observedProperty", terms.iri(artefact.property)),
            (RECUP + "where", terms.text(artefact.where)),
            (RDFS + "comment", terms.text(artefact.comment)),
            (PROV + "wasDerivedFrom", terms.iri(names.source)),
        ),
    )


def _metric(graph: Graph, names: Names, name: str, value: Number) -> None:
    graph.describe(
        part_iri(names.run, "metric", name),
        (RECUP + "Measurement", DQV + "QualityMeasurement"),
        (
            (DQV + "computedOn", terms.iri(names.run)),
            (DQV + "isMeasurementOf", terms.iri(RECUP + segment(name))),
            (DQV + "value", terms.number(value)),
        ),
    )


def _double(value: Number | None) -> str | None:
    return None if value is None else terms.double(value)


def _number(value: Number | None) -> str | None:
    return None if value is None else terms.number(value)


def _json(words: tuple[str, ...] | None) -> str | None:
    return None if words is None else terms.json_text(json.dumps(words, ensure_ascii=False))
