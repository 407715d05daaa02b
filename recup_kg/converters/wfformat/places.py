"""Where a trace says something: from a thing and a property of the graph to a JSONPath (RFC 9535)."""

from __future__ import annotations

import json
from collections.abc import Mapping

from recup_kg.converters.wfformat.decode import NEW_LAYOUTS
from recup_kg.vocab import DCAT, DCTERMS, PROV, RDFS, RECUP, SCHEMA

_SPECIFIED: Mapping[str, str] = {
    DCTERMS + "identifier": "id",
    RDFS + "label": "name",
    PROV + "wasInformedBy": "parents",
    RECUP + "level": "parents",
    RECUP + "plannedAfter": "parents",
    PROV + "used": "inputFiles",
    RECUP + "plannedInput": "inputFiles",
    RECUP + "plannedOutput": "outputFiles",
}
_EXECUTED: Mapping[str, str] = {
    RECUP + "runTime": "runtimeInSeconds",
    PROV + "startedAtTime": "executedAt",
    PROV + "atLocation": "machines",
    RECUP + "program": "command.program",
    RECUP + "arguments": "command.arguments",
    RECUP + "coreCount": "coreCount",
    RECUP + "averageCpuUtilization": "avgCPU",
    RECUP + "readBytes": "readBytes",
    RECUP + "writtenBytes": "writtenBytes",
    RECUP + "residentMemory": "memoryInBytes",
    RECUP + "energy": "energyInKWh",
    RECUP + "averagePower": "avgPowerInW",
    RECUP + "priority": "priority",
}
_OLD_TASK: Mapping[str, str] = {
    **_SPECIFIED,
    **_EXECUTED,
    DCTERMS + "identifier": "name",
    PROV + "used": "files",
    PROV + "atLocation": "machine",
    RECUP + "plannedInput": "files",
    RECUP + "plannedOutput": "files",
    RECUP + "coreCount": "cores",
    RECUP + "energy": "energy",
    RECUP + "averagePower": "avgPower",
    RECUP + "taskType": "type",
    RECUP + "category": "category",
    RECUP + "sourceLocalId": "id",
}
_UNTIL_1_3: Mapping[str, str] = {
    RECUP + "runTime": "runtime",
    RECUP + "readBytes": "bytesRead",
    RECUP + "writtenBytes": "bytesWritten",
    RECUP + "residentMemory": "memory",
}
_NODE: Mapping[str, str] = {
    RECUP + "nodeName": "nodeName",
    RECUP + "operatingSystem": "system",
    RECUP + "architecture": "architecture",
    RECUP + "kernelRelease": "release",
    RECUP + "memorySize": "memoryInBytes",
    RECUP + "cpuCoreCount": "cpu.coreCount",
    RECUP + "cpuVendor": "cpu.vendor",
    RECUP + "cpuSpeedReading": "cpu.speedInMHz",
}
_OLD_NODE: Mapping[str, str] = {
    **_NODE,
    RECUP + "cpuCoreCount": "cpu.count",
    RECUP + "cpuSpeedReading": "cpu.speed",
}
_SYSTEM: Mapping[str, str] = {
    SCHEMA + "name": "name",
    SCHEMA + "softwareVersion": "version",
    SCHEMA + "url": "url",
}
_AUTHOR: Mapping[str, str] = {
    SCHEMA + "name": "name",
    SCHEMA + "email": "email",
    SCHEMA + "affiliation": "institution",
    SCHEMA + "addressCountry": "country",
}
_SOURCE: Mapping[str, str] = {
    RECUP + "formatVersion": "schemaVersion",
    DCTERMS + "created": "createdAt",
    DCTERMS + "description": "description",
    PROV + "wasAttributedTo": "author",
}
_EXECUTION: Mapping[str, str] = {
    RDFS + "label": "$.name",
    RECUP + "workflowName": "$.name",
    PROV + "wasAssociatedWith": "$.runtimeSystem",
    SCHEMA + "codeRepository": "$.workflow.repo",
    RECUP + "runName": "$.workflow.runName",
    PROV + "startedAtTime": "$.workflow.execution.executedAt",
    RECUP + "makespan": "$.workflow.execution.makespanInSeconds",
    RECUP + "hasNode": "$.workflow.execution.machines",
}
_OLD_EXECUTION: Mapping[str, str] = {
    RDFS + "label": "$.name",
    RECUP + "workflowName": "$.name",
    PROV + "wasAssociatedWith": "$.wms",
    PROV + "startedAtTime": "$.workflow.executedAt",
    RECUP + "makespan": "$.workflow.makespan",
    RECUP + "hasNode": "$.workflow.machines",
}


def locate(version: str, kind: str, identifier: str, predicate: str | None) -> str:
    """The place of a property (an IRI; None for the whole thing) of an execution, task, data, node, system, author or source.

    What a layout of that version has no member for is at the thing itself. The JSONPath selects by identifier, as
    `$.workflow.execution.tasks[?@.id=="split_1"].runtimeInSeconds`.
    """
    name = predicate or ""
    if kind in ("execution", "source", "system", "author"):
        return _of_whole(version, kind, name)
    if version in NEW_LAYOUTS:
        return _in_new_layout(kind, json.dumps(identifier), name)
    return _in_old_layout(version, kind, json.dumps(identifier), name)


def _of_whole(version: str, kind: str, name: str) -> str:
    new = version in NEW_LAYOUTS
    if kind == "execution":
        return (_EXECUTION if new else _old_execution(version)).get(name, "$.workflow")
    if kind == "source":
        return _below("$", _SOURCE.get(name))
    if kind == "author":
        return _below("$.author", _AUTHOR.get(name))
    return _below("$.runtimeSystem" if new else "$.wms", _SYSTEM.get(name))


def _old_execution(version: str) -> Mapping[str, str]:
    if version != "1.4":
        return _OLD_EXECUTION
    return {**_OLD_EXECUTION, RECUP + "makespan": "$.workflow.makespanInSeconds"}


def _in_new_layout(kind: str, identifier: str, name: str) -> str:
    if kind == "node":
        return _below(f"$.workflow.execution.machines[?@.nodeName=={identifier}]", _NODE.get(name))
    if kind == "task" and name in _EXECUTED:
        return _below(f"$.workflow.execution.tasks[?@.id=={identifier}]", _EXECUTED[name])
    if kind == "task":
        return _below(f"$.workflow.specification.tasks[?@.id=={identifier}]", _SPECIFIED.get(name))
    if name == PROV + "wasGeneratedBy":
        return f"$.workflow.specification.tasks[*].outputFiles[?@=={identifier}]"
    return _below(
        f"$.workflow.specification.files[?@.id=={identifier}]",
        {DCAT + "byteSize": "sizeInBytes", DCTERMS + "identifier": "id"}.get(name),
    )


def _in_old_layout(version: str, kind: str, identifier: str, name: str) -> str:
    tasks = "$.workflow.jobs" if version in ("1.0", "1.1", "1.2") else "$.workflow.tasks"
    if kind == "node":
        member = "memory" if name == RECUP + "memorySize" and version != "1.4" else _OLD_NODE.get(name)
        return _below(f"$.workflow.machines[?@.nodeName=={identifier}]", member)
    if kind == "task":
        names = _OLD_TASK if version == "1.4" else {**_OLD_TASK, **_UNTIL_1_3}
        # A task of an old layout is named by its name, or by its id where names repeat.
        return _below(f"{tasks}[?@.name=={identifier} || @.id=={identifier}]", names.get(name))
    size = "sizeInBytes" if version == "1.4" else "size"
    return _below(
        f"{tasks}[*].files[?@.name=={identifier}]",
        {DCAT + "byteSize": size, DCTERMS + "identifier": "name", PROV + "wasGeneratedBy": "link"}.get(name),
    )


def _below(place: str, member: str | None) -> str:
    return place if member is None else f"{place}.{member}"
