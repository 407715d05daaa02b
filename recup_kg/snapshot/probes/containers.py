"""Whether this is a container or a virtual machine, and of which image."""

from __future__ import annotations

import re

from recup_kg.snapshot.host import Host
from recup_kg.snapshot.probe import Captured, Fact, NotCaptured, Probe

_IMAGES = (
    ("apptainer", "APPTAINER_CONTAINER"),
    ("apptainer", "SINGULARITY_CONTAINER"),
    ("apptainer", "APPTAINER_NAME"),
    ("apptainer", "SINGULARITY_NAME"),
    ("shifter", "SHIFTER_IMAGEREQUEST"),
    ("shifter", "SHIFTER_IMAGE"),
    ("charliecloud", "CH_RUNNING"),
)
_MARKS = (("docker", "/.dockerenv"), ("podman", "/run/.containerenv"), ("apptainer", "/.singularity.d"))
_IN_CGROUP = re.compile(r"docker|kubepods|containerd|libpod|lxc")


def container(host: Host) -> Captured:
    """The engine by what it leaves behind; the image where the engine tells it."""
    found: dict[str, Fact] = {}
    for engine, name in _IMAGES:
        if host.environment.get(name):
            found = {"container.engine": engine, "container.image": host.environment[name]}
            break
    else:
        engine_found = next((engine for engine, mark in _MARKS if host.path(mark).exists()), None)
        engine_found = engine_found or _in_cgroup(host) or host.environment.get("container")
        if engine_found is None:
            raise NotCaptured("not in a container, or in one that leaves no mark")
        found["container.engine"] = engine_found
    found |= _podman(host)
    return Captured({}, found)


def _in_cgroup(host: Host) -> str | None:
    match = _IN_CGROUP.search(host.line("/proc/1/cgroup") or "")
    return match.group() if match else None


def _podman(host: Host) -> dict[str, Fact]:
    """What podman writes into /run/.containerenv: `image="docker.io/library/debian:12"`."""
    facts = {"image": "container.image", "imageid": "container.image_id"}
    found: dict[str, Fact] = {}
    for line in (host.line("/run/.containerenv") or "").splitlines():
        name, _, value = line.partition("=")
        if name in facts and value.strip('"'):
            found[facts[name]] = value.strip('"')
    return found


def virtualization(host: Host) -> Captured:
    """The hypervisor, by what the machine says of its own board."""
    vendor = host.line("/sys/class/dmi/id/sys_vendor")
    product = host.line("/sys/class/dmi/id/product_name")
    hypervisor = host.line("/sys/hypervisor/type")
    facts: dict[str, Fact] = {}
    for name, value in (("vendor", vendor), ("product", product), ("hypervisor", hypervisor)):
        if value is not None:
            facts[f"machine.{name}"] = value
    flags = re.search(r"^flags\s*:(.*)$", host.read("/proc/cpuinfo"), re.MULTILINE)
    if flags is not None:
        facts["machine.virtual"] = "hypervisor" in flags.group(1).split()
    if not facts:
        raise NotCaptured("the machine says nothing of its board")
    return Captured({}, facts)


PROBES = (Probe("container", container), Probe("virtualization", virtualization))
