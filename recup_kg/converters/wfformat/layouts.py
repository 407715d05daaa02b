"""The layouts 1.0 to 1.6 of WfFormat as typed structures.

Definitions: https://github.com/wfcommons/WfFormat (wfcommons-schema.json at tags v1.0 to v1.5; the metrics of 1.6 in
tools/wfcommons-add-metrics-to-instance.py). `None` stands for an absent or null member.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct

LARGEST_INTEGER = 2**63 - 1
LONGEST_TEXT = 2**24

Count: TypeAlias = Annotated[int, Meta(ge=0, le=LARGEST_INTEGER)]
Amount: TypeAlias = Annotated[int, Meta(ge=0, le=LARGEST_INTEGER)] | Annotated[float, Meta(ge=0, le=1e300)]
Priority: TypeAlias = (
    Annotated[int, Meta(ge=-LARGEST_INTEGER, le=LARGEST_INTEGER)]
    | Annotated[float, Meta(ge=-1e300, le=1e300)]
)
Text: TypeAlias = Annotated[str, Meta(max_length=LONGEST_TEXT)]
Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=LONGEST_TEXT)]


class Author(Struct, frozen=True):
    name: Text
    email: Text | None = None
    institution: Text | None = None
    country: Text | None = None


class System(Struct, frozen=True):
    """`runtimeSystem`, up to 1.4 `wms`."""

    name: Text
    version: Text | None = None
    url: Text | None = None


class Command(Struct, frozen=True):
    program: Text | None = None
    arguments: tuple[Text, ...] | None = None


class Cpu(Struct, frozen=True):
    """`count` and `speed` up to 1.4, `coreCount` and `speedInMHz` from 1.5."""

    coreCount: Count | None = None
    speedInMHz: Count | None = None
    count: Count | None = None
    speed: Count | None = None
    vendor: Text | None = None


class Machine(Struct, frozen=True):
    """`memory` (KB) up to 1.3, `memoryInBytes` from 1.4."""

    nodeName: Name
    system: Text | None = None
    architecture: Text | None = None
    release: Text | None = None
    memory: Count | None = None
    memoryInBytes: Count | None = None
    cpu: Cpu | None = None


class SpecifiedTask(Struct, frozen=True):
    name: Text
    id: Name
    parents: tuple[Name, ...]
    children: tuple[Name, ...] | None = None
    inputFiles: tuple[Name, ...] | None = None
    outputFiles: tuple[Name, ...] | None = None


class SpecifiedFile(Struct, frozen=True):
    id: Name
    sizeInBytes: Count


class Specification(Struct, frozen=True):
    """`metrics` from layout 1.6."""

    tasks: Annotated[tuple[SpecifiedTask, ...], Meta(min_length=1)]
    files: tuple[SpecifiedFile, ...] | None = None
    metrics: dict[str, Amount] | None = None


class ExecutedTask(Struct, frozen=True):
    id: Name
    runtimeInSeconds: Amount | None = None
    executedAt: Text | None = None
    command: Command | None = None
    coreCount: Amount | None = None
    avgCPU: Amount | None = None
    readBytes: Amount | None = None
    writtenBytes: Amount | None = None
    memoryInBytes: Amount | None = None
    energyInKWh: Amount | None = None
    avgPowerInW: Amount | None = None
    priority: Priority | None = None
    machines: tuple[Name, ...] | None = None


class ExecutionSection(Struct, frozen=True):
    """`metrics` from layout 1.6."""

    tasks: tuple[ExecutedTask, ...]
    makespanInSeconds: Amount | None = None
    executedAt: Text | None = None
    machines: tuple[Machine, ...] | None = None
    metrics: dict[str, Amount] | None = None


class Workflow15(Struct, frozen=True):
    specification: Specification
    execution: ExecutionSection | None = None
    repo: Text | None = None
    runName: Text | None = None


class Instance15(Struct, frozen=True):
    """A whole file of layout 1.5 or 1.6."""

    name: Name
    workflow: Workflow15
    schemaVersion: Text
    description: Text | None = None
    createdAt: Text | None = None
    runtimeSystem: System | None = None
    author: Author | None = None


class JobFile(Struct, frozen=True):
    """`size` up to 1.3 (its schema says KB, every real file holds bytes), `sizeInBytes` in 1.4."""

    name: Name
    link: Text
    size: Count | None = None
    sizeInBytes: Count | None = None


class Job(Struct, frozen=True):
    """A job (1.0 to 1.2) or task (1.3, 1.4). `memory`, `bytesRead` and `bytesWritten` are in KB."""

    name: Name
    parents: tuple[Name, ...] = ()
    type: Text | None = None
    id: Name | None = None
    category: Text | None = None
    command: Command | None = None
    arguments: tuple[Text, ...] | None = None
    children: tuple[Name, ...] | None = None
    files: tuple[JobFile, ...] | None = None
    runtime: Amount | None = None
    runtimeInSeconds: Amount | None = None
    cores: Amount | None = None
    avgCPU: Amount | None = None
    bytesRead: Amount | None = None
    readBytes: Amount | None = None
    bytesWritten: Amount | None = None
    writtenBytes: Amount | None = None
    memory: Amount | None = None
    memoryInBytes: Amount | None = None
    energy: Amount | None = None
    avgPower: Amount | None = None
    priority: Priority | None = None
    machine: Name | None = None


class Workflow10(Struct, frozen=True):
    executedAt: Text | None = None
    makespan: Amount | None = None
    makespanInSeconds: Amount | None = None
    machines: tuple[Machine, ...] | None = None
    jobs: tuple[Job, ...] | None = None
    tasks: tuple[Job, ...] | None = None


class Instance10(Struct, frozen=True):
    """A whole file of layout 1.0 to 1.4."""

    name: Name
    workflow: Workflow10
    schemaVersion: Text
    description: Text | None = None
    createdAt: Text | None = None
    wms: System | None = None
    author: Author | None = None
