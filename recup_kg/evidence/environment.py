"""The environment of an execution: machine, software, settings."""

from __future__ import annotations

from dataclasses import dataclass

from recup_kg.records import Number, Timestamp


@dataclass(frozen=True, slots=True)
class EnvironmentSnapshot:
    """What a source says of an environment. `manager` is what listed it (pip, conda, spack, lmod, docker, ...).

    `settings` are what the source says of the environment as a whole (channels in their order, options, roots), in its own words.
    """

    identifier: str
    label: str
    manager: str | None = None
    manager_version: str | None = None
    host: str | None = None
    captured: Timestamp | None = None
    platform: str | None = None
    name: str | None = None
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Package:
    """A package of a snapshot. `requested` says whether a person asked for it, None where the source can't tell.

    `constraint` is what was asked for where no version was resolved (`>=1.2`); `digests` are `algorithm:hexadecimal`.
    `location` is where it is installed, `source_url` where it was taken from. `build_hash` is spack's hash of the concrete spec,
    `variants` its options, `namespace` the repository of its recipe. `marker` is the condition under which it is asked for.
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
    licence: str | tuple[str, ...] | None = None
    digests: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    source_url: str | None = None
    compiler: str | None = None
    variants: tuple[tuple[str, str], ...] = ()
    architecture: str | None = None
    namespace: str | None = None
    build_hash: str | None = None
    extras: tuple[str, ...] = ()
    marker: str | None = None
    editable: bool = False
    installer: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class LoadedModule:
    """An environment module (Lmod, Environment Modules) that was loaded; `position` is its place in the order of loading.

    `properties` are the letters that the tool prints beside it (Lmod: D default, L loaded, ...).
    """

    identifier: str
    name: str
    environment: str
    version: str | None = None
    position: int | None = None
    properties: tuple[str, ...] = ()


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
    """A machine as a source describes it, or the one that the source was captured on where it gives no name.

    `cpu_count` is of logical CPUs; `resources` are what a scheduler has configured for it, as that spells it.
    """

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
    numa_node_count: int | None = None
    resources: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Device:
    """An accelerator of a machine, or a slice of one (then `part_of` is the accelerator's identifier).

    `memory_size` is in bytes; `settings` are configured, no momentary readings, and as the source spells them.
    """

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
    part_of: str | None = None
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ContainerImage:
    """A container image, or the image of a container that ran.

    `digest` is `algorithm:hexadecimal` of its manifest, `image_id` of its configuration. `entry_point`, `command` are in words of
    a shell. `base` is what it was built from, `definition` the text that it was built by. `size` in bytes.
    """

    identifier: str
    name: str | None
    digest: str | None = None
    image_id: str | None = None
    engine: str | None = None
    created: Timestamp | None = None
    architecture: str | None = None
    labels: tuple[tuple[str, str], ...] = ()
    operating_system: str | None = None
    size: int | None = None
    entry_point: str | None = None
    command: str | None = None
    working_directory: str | None = None
    base: str | None = None
    definition: str | None = None
    engine_version: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Container:
    """A container that was made from an image, and ran where it has a start. `status` as the engine calls it."""

    identifier: str
    label: str
    image: str | None = None
    created: Timestamp | None = None
    started: Timestamp | None = None
    ended: Timestamp | None = None
    status: str | None = None
    exit_code: int | None = None
    command: str | None = None
    labels: tuple[tuple[str, str], ...] = ()
