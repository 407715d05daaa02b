"""The environment of an execution: machine, software, settings."""

from __future__ import annotations

from dataclasses import dataclass

from recup_kg.records import Number, Timestamp


@dataclass(frozen=True, slots=True)
class EnvironmentSnapshot:
    """What a source says of an environment. `manager` is what listed it (pip, conda, spack, lmod, docker, ...)."""

    identifier: str
    label: str
    manager: str | None = None
    manager_version: str | None = None
    host: str | None = None
    captured: Timestamp | None = None
    platform: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """A package of a snapshot. `requested` says whether a person asked for it, None where the source can't tell.

    `constraint` is what was asked for where no version was resolved (`>=1.2`); `digests` are `algorithm:hexadecimal`.
    """

    identifier: str
    name: str
    environment: str
    version: str | None = None
    constraint: str | None = None
    build: str | None = None
    channel: str | None = None
    purl: str | None = None
    location: str | None = None
    requested: bool | None = None
    licence: str | None = None
    digests: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadedModule:
    """An environment module (Lmod, Environment Modules) that was loaded; `position` is its place in the order of loading."""

    identifier: str
    name: str
    environment: str
    version: str | None = None
    position: int | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentVariable:
    """An environment variable. A value that looks like a credential is `recup_kg.redaction.MARKER` and `redacted` True."""

    identifier: str
    name: str
    environment: str
    value: str | None = None
    redacted: bool = False


@dataclass(frozen=True, slots=True)
class ParameterSetting:
    """A parameter with its value.

    `path` is where it is nested (`layer_info/layer1_num`), `hyper` whether it is a hyper-parameter.
    """

    identifier: str
    name: str
    value: str | Number | bool | None
    path: str | None = None
    group: str | None = None
    hyper: bool = False
    redacted: bool = False


@dataclass(frozen=True, slots=True)
class Seed:
    """The seed of a random number generator. `status` is SeedRecorded, SeedUnset or SeedUnknown."""

    identifier: str
    label: str
    status: str
    value: int | None = None
    value_as_written: str | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine as a source describes it, or the one that the source was captured on where it gives no name."""

    identifier: str
    name: str | None = None
    operating_system: str | None = None
    operating_system_version: str | None = None
    kernel_release: str | None = None
    architecture: str | None = None
    cpu_vendor: str | None = None
    cpu_model: str | None = None
    cpu_count: int | None = None
    socket_count: int | None = None
    cores_per_socket: int | None = None
    threads_per_core: int | None = None
    memory_size: int | None = None
    features: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Device:
    """An accelerator of a machine. `memory_size` in bytes."""

    identifier: str
    model: str | None
    kind: str
    machine: str | None = None
    vendor: str | None = None
    uuid: str | None = None
    bus: str | None = None
    memory_size: int | None = None
    driver_version: str | None = None
    firmware_version: str | None = None
    runtime_version: str | None = None


@dataclass(frozen=True, slots=True)
class ContainerImage:
    """A container image, or the image of a container that ran."""

    identifier: str
    name: str | None
    digest: str | None = None
    image_id: str | None = None
    engine: str | None = None
    created: Timestamp | None = None
    architecture: str | None = None
    labels: tuple[tuple[str, str], ...] = ()
