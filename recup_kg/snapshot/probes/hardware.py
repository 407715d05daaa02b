"""Processors, accelerators, network, power."""

from __future__ import annotations

import contextlib
import json
import os

from recup_kg.snapshot.host import Host
from recup_kg.snapshot.probe import Captured, Fact, NotCaptured, Probe

_CPU = "/sys/devices/system/cpu"
_ROCM = ("--showid", "--showproductname", "--showdriverversion", "--showvbios", "--showuniqueid", "--showbus")


def lscpu(host: Host) -> Captured:
    """`lscpu --json`, or its text where it is too old for that."""
    try:
        text = host.run("lscpu", "--json")
        json.loads(text)
        return Captured({"lscpu.json": text})
    except (NotCaptured, ValueError):
        return Captured({"lscpu.txt": host.run("lscpu")})


def cpuinfo(host: Host) -> Captured:
    """/proc/cpuinfo, and how many processors it lists."""
    text = host.read("/proc/cpuinfo")
    count = sum(line.startswith("processor") for line in text.splitlines())
    return Captured({"cpuinfo": text}, {"cpu.count": count} if count else {})


def scaling(host: Host) -> Captured:
    """Governor, turbo, hyper-threading, throttling: what changes the speed of a processor."""
    found: dict[str, Fact] = {}
    for fact, name in (("cpu.governor", "scaling_governor"), ("cpu.scaling_driver", "scaling_driver")):
        values = {host.line(path) for path in host.names(f"{_CPU}/cpu[0-9]*/cpufreq/{name}")} - {None}
        if values:
            found[fact] = " ".join(sorted(str(value) for value in values))
    if (smt := host.line(f"{_CPU}/smt/control")) is not None:
        found["cpu.smt"] = smt
    if (turbo := _turbo(host)) is not None:
        found["cpu.turbo"] = turbo
    states = [host.line(path) for path in host.names("/sys/class/thermal/cooling_device*/cur_state")]
    if states:
        found["reading.throttled_devices"] = sum(state not in (None, "0") for state in states)
    if not found:
        raise NotCaptured("this kernel shows neither governor, turbo nor SMT")
    return Captured({}, found)


def _turbo(host: Host) -> str | None:
    boost = host.line(f"{_CPU}/cpufreq/boost")
    if boost is not None:
        return "on" if boost == "1" else "off"
    without = host.line(f"{_CPU}/intel_pstate/no_turbo")
    return None if without is None else "off" if without == "1" else "on"


def vulnerabilities(host: Host) -> Captured:
    """Mitigations in the kernel, which cost time."""
    paths = host.names(f"{_CPU}/vulnerabilities/*")
    found: dict[str, Fact] = {
        f"cpu.vulnerability.{path.rpartition('/')[2]}": value for path in paths if (value := host.line(path))
    }
    if not found:
        raise NotCaptured(f"nothing in {_CPU}/vulnerabilities")
    return Captured({}, found)


def numa(host: Host) -> Captured:
    """The nodes of memory and their processors."""
    paths = host.names("/sys/devices/system/node/node[0-9]*")
    if not paths:
        raise NotCaptured("this kernel shows no NUMA nodes")
    found: dict[str, Fact] = {"numa.nodes": len(paths)}
    for path in paths:
        cpus = host.line(f"{path}/cpulist")
        if cpus is not None:
            found[f"numa.{path.rpartition('/')[2]}.cpus"] = cpus
    return Captured({}, found)


def affinity(host: Host) -> Captured:
    """The processors that this process may run on, and how many its control group lets it use."""
    found: dict[str, Fact] = {}
    if hasattr(os, "sched_getaffinity"):
        found["cpu.affinity"] = ranges(os.sched_getaffinity(0))
    if (quota := host.line("/sys/fs/cgroup/cpu.max")) is not None:
        found["cgroup.cpu_max"] = quota
    if (memory := host.line("/sys/fs/cgroup/memory.max")) is not None:
        found["cgroup.memory_max"] = memory
    if not found:
        raise NotCaptured("this system does not tell")
    return Captured({}, found)


def ranges(numbers: set[int]) -> str:
    """Numbers as the kernel lists them: `0-3,8`."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in parts)


def nvidia(host: Host) -> Captured:
    """`nvidia-smi -q -x`."""
    return Captured({"nvidia-smi.xml": host.run("nvidia-smi", "-q", "-x")})


def rocm(host: Host) -> Captured:
    """`rocm-smi --json`."""
    text = host.run("rocm-smi", *_ROCM, "--json")
    json.loads(text)
    return Captured({"rocm-smi.json": text})


def infiniband(host: Host) -> Captured:
    """What `ibstat` reads: adapters, their firmware, the state and rate of their ports."""
    found: dict[str, Fact] = {}
    for path in host.names("/sys/class/infiniband/*"):
        name = path.rpartition("/")[2]
        for fact, file in (("firmware", "fw_ver"), ("type", "hca_type"), ("board", "board_id")):
            if (value := host.line(f"{path}/{file}")) is not None:
                found[f"infiniband.{name}.{fact}"] = value
        for port in host.names(f"{path}/ports/*"):
            for fact in ("state", "phys_state", "rate", "link_layer"):
                if (value := host.line(f"{port}/{fact}")) is not None:
                    found[f"infiniband.{name}.port{port.rpartition('/')[2]}.{fact}"] = value
    if not found:
        raise NotCaptured("no InfiniBand adapter")
    return Captured({}, found)


def power(host: Host) -> Captured:
    """Whether a laptop is on its battery."""
    for path in host.names("/sys/class/power_supply/*"):
        with contextlib.suppress(NotCaptured):
            if host.read(f"{path}/type").strip() in ("Mains", "USB") and (
                online := host.line(f"{path}/online")
            ):
                return Captured({}, {"power.mains": online == "1"})
    raise NotCaptured("no power supply that tells")


PROBES = (
    Probe("lscpu", lscpu),
    Probe("cpuinfo", cpuinfo),
    Probe("cpu scaling", scaling),
    Probe("cpu vulnerabilities", vulnerabilities),
    Probe("numa", numa),
    Probe("affinity", affinity),
    Probe("nvidia-smi", nvidia),
    Probe("rocm-smi", rocm),
    Probe("infiniband", infiniband),
    Probe("power", power),
)
