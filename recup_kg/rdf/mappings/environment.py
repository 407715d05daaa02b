"""Environments: machine, software, settings."""

from collections.abc import Iterable
from typing import Any

from recup_kg.evidence.environment import (
    Container,
    ContainerImage,
    Device,
    EnvironmentSnapshot,
    EnvironmentVariable,
    LoadedModule,
    Machine,
    Package,
    ParameterSetting,
    Seed,
)
from recup_kg.rdf import terms
from recup_kg.rdf.mapping import (
    ClassMapping,
    Fact,
    boolean,
    flag,
    integer,
    link,
    pairs,
    term,
    text,
    time,
    value,
)
from recup_kg.vocab import DCAT, DCTERMS, MLS, PROV, RDF, RDFS, RECUP, SCHEMA

_ENVIRONMENT = link(RECUP + "inEnvironment", "environment")


def _hyper(base: str, hyper: bool, record: Any) -> Iterable[Fact]:
    """That a parameter is a hyper-parameter: for our queries, and as ML-Schema says it."""
    if hyper:
        yield RDF + "type", terms.iri(MLS + "HyperParameterSetting")
        yield RECUP + "isHyperParameter", terms.boolean(True)


def _exact(base: str, seed: int | None, record: Any) -> Iterable[Fact]:
    """The seed as text, so that one of any size stays exact."""
    if seed is not None:
        yield RECUP + "seedValue", terms.text(str(seed))


MAPPINGS = (
    ClassMapping(
        EnvironmentSnapshot,
        "environment",
        (RECUP + "EnvironmentSnapshot", PROV + "Entity"),
        {
            "label": text(RDFS + "label"),
            "manager": text(RECUP + "packageManager"),
            "manager_version": text(RECUP + "packageManagerVersion"),
            "host": text(RECUP + "nodeName"),
            "captured": time(DCTERMS + "created"),
            "platform": text(RECUP + "platform"),
            "name": text(SCHEMA + "name"),
            "settings": pairs(RECUP + "environmentSetting"),
        },
    ),
    ClassMapping(
        Package,
        "package",
        (RECUP + "Package", PROV + "Entity"),
        {
            "name": text(SCHEMA + "name"),
            "environment": _ENVIRONMENT,
            "version": text(SCHEMA + "softwareVersion"),
            "constraint": text(RECUP + "versionConstraint"),
            "build": text(RECUP + "build"),
            "channel": text(RECUP + "channel"),
            "purl": text(RECUP + "packageUrl"),
            "location": text(RECUP + "location"),
            "requested": boolean(RECUP + "requested"),
            "licence": text(SCHEMA + "license"),
            "digests": text(RECUP + "digest"),
            "depends_on": link(RECUP + "dependsOn", "package"),
            "source_url": text(RECUP + "packageSource"),
            "compiler": text(RECUP + "compiler"),
            "variants": pairs(RECUP + "variant"),
            "architecture": text(RECUP + "architecture"),
            "namespace": text(RECUP + "packageNamespace"),
            "build_hash": text(RECUP + "buildHash"),
            "extras": text(RECUP + "packageExtra"),
            "marker": text(RECUP + "environmentMarker"),
            "editable": flag(RECUP + "editableInstallation"),
            "installer": text(RECUP + "installer"),
            "group": text(RECUP + "packageGroup"),
        },
    ),
    ClassMapping(
        LoadedModule,
        "module",
        (RECUP + "LoadedModule", PROV + "Entity"),
        {
            "name": text(SCHEMA + "name"),
            "environment": _ENVIRONMENT,
            "version": text(SCHEMA + "softwareVersion"),
            "position": integer(SCHEMA + "position"),
            "properties": text(RECUP + "moduleProperty"),
        },
    ),
    ClassMapping(
        EnvironmentVariable,
        "variable",
        (RECUP + "EnvironmentVariable", PROV + "Entity"),
        {
            "name": text(SCHEMA + "name"),
            "environment": _ENVIRONMENT,
            "value": text(SCHEMA + "value"),
            "redacted": flag(RECUP + "redacted"),
        },
    ),
    ClassMapping(
        ParameterSetting,
        "parameter",
        (RECUP + "Parameter", PROV + "Entity"),
        {
            "name": text(RDFS + "label"),
            "value": value(MLS + "hasValue"),
            "path": text(RECUP + "parameterPath"),
            "group": text(RECUP + "parameterGroup"),
            "hyper": _hyper,
            "redacted": flag(RECUP + "redacted"),
        },
    ),
    ClassMapping(
        Seed,
        "seed",
        (RECUP + "RandomSeed", RECUP + "Parameter", PROV + "Entity"),
        {
            "label": text(RDFS + "label"),
            "status": term(RECUP + "seedStatus"),
            "value": _exact,
            "value_as_written": text(RECUP + "valueAsWritten"),
        },
    ),
    ClassMapping(
        Machine,
        "machine",
        (RECUP + "Machine", PROV + "Location"),
        {
            "name": text(RECUP + "nodeName"),
            "operating_system": text(RECUP + "operatingSystem"),
            "operating_system_version": text(RECUP + "operatingSystemVersion"),
            "kernel_release": text(RECUP + "kernelRelease"),
            "architecture": text(RECUP + "architecture"),
            "cpu_vendor": text(RECUP + "cpuVendor"),
            "cpu_model": text(RECUP + "cpuModel"),
            "cpu_count": integer(RECUP + "cpuCount"),
            "socket_count": integer(RECUP + "socketCount"),
            "cores_per_socket": integer(RECUP + "coresPerSocket"),
            "threads_per_core": integer(RECUP + "threadsPerCore"),
            "memory_size": integer(RECUP + "memorySize"),
            "features": text(RECUP + "machineFeature"),
            "numa_node_count": integer(RECUP + "numaNodeCount"),
            "resources": pairs(RECUP + "configuredResource"),
        },
    ),
    ClassMapping(
        Device,
        "device",
        (RECUP + "Device", PROV + "Entity"),
        {
            "model": text(RECUP + "deviceModel"),
            "kind": text(RECUP + "deviceKind"),
            "machine": link(RECUP + "deviceOf", "machine"),
            "vendor": text(RECUP + "deviceVendor"),
            "uuid": text(RECUP + "deviceUuid"),
            "bus": text(RECUP + "deviceBus"),
            "memory_size": integer(RECUP + "memorySize"),
            "driver_version": text(RECUP + "driverVersion"),
            "firmware_version": text(RECUP + "firmwareVersion"),
            "runtime_version": text(RECUP + "runtimeVersion"),
            "part_of": link(RECUP + "partOfDevice", "device"),
            "settings": pairs(RECUP + "deviceSetting"),
        },
    ),
    ClassMapping(
        ContainerImage,
        "image",
        (RECUP + "ContainerImage", PROV + "Entity"),
        {
            "name": text(SCHEMA + "name"),
            "digest": text(RECUP + "digest"),
            "image_id": text(DCTERMS + "identifier"),
            "engine": text(RECUP + "containerEngine"),
            "created": time(DCTERMS + "created"),
            "architecture": text(RECUP + "architecture"),
            "labels": pairs(RECUP + "containerLabel"),
            "operating_system": text(RECUP + "operatingSystem"),
            "size": integer(DCAT + "byteSize"),
            "entry_point": text(RECUP + "entryPoint"),
            "command": text(RECUP + "containerCommand"),
            "working_directory": text(RECUP + "workingDirectory"),
            "base": text(RECUP + "baseImage"),
            "definition": text(RECUP + "imageDefinition"),
            "engine_version": text(RECUP + "containerEngineVersion"),
            "tags": text(RECUP + "imageTag"),
        },
    ),
    ClassMapping(
        Container,
        "container",
        (RECUP + "Container", PROV + "Activity"),
        {
            "label": text(RDFS + "label"),
            "image": link(RECUP + "containerImage", "image"),
            "created": time(DCTERMS + "created"),
            "started": time(PROV + "startedAtTime"),
            "ended": time(PROV + "endedAtTime"),
            "status": text(RECUP + "status"),
            "exit_code": integer(RECUP + "exitCode"),
            "command": text(RECUP + "containerCommand"),
            "labels": pairs(RECUP + "containerLabel"),
        },
    ),
)
