"""Processors and memory: lscpu, /proc/cpuinfo, /proc/meminfo."""

from __future__ import annotations

import re
from collections.abc import Iterator

from recup_kg.converters.machine.parts import Facts, Misfit


def lscpu(text: str) -> Facts:
    """https://man7.org/linux/man-pages/man1/lscpu.1.html"""
    pairs = [(name.strip(), value.strip()) for name, colon, value in _split(text) if colon]
    return cpu_facts(pairs)


def cpu_facts(pairs: list[tuple[str, str]]) -> Facts:
    """The facts of the names and values that lscpu prints, as text or as JSON."""
    named: dict[str, list[str]] = {}
    for name, value in pairs:
        named.setdefault(name, []).append(value)
    facts = Facts()
    first = {name: values[0] for name, values in named.items()}
    facts.take("architecture", first.get("Architecture"))
    facts.single("cpu_vendor", _known(named.get("Vendor ID", [])), "Vendor ID")
    facts.single("cpu_model", _known(named.get("Model name", [])), "Model name")
    for name, target in _COUNTS.items():
        if len(set(named.get(name, []))) > 1:
            facts.unreadable(name, "its CPUs differ: " + ", ".join(dict.fromkeys(named[name])))
        else:
            facts.whole(target, first.get(name), name)
    facts.take("features", tuple(dict.fromkeys((first.get("Flags") or "").split())))
    return facts


_COUNTS = {
    "CPU(s)": "cpu_count",
    "Socket(s)": "socket_count",
    "Core(s) per socket": "cores_per_socket",
    "Thread(s) per core": "threads_per_core",
    "NUMA node(s)": "numa_node_count",
}


def cpuinfo(text: str) -> Facts:
    """https://man7.org/linux/man-pages/man5/proc_cpuinfo.5.html: a block for each logical CPU."""
    processors = [block for block in _blocks(text) if "processor" in block]
    if not processors:
        raise Misfit("no processor in it", "line 1")
    facts = Facts()
    facts.machine["cpu_count"] = len(processors)
    facts.single("cpu_vendor", _values(processors, "vendor_id", "CPU implementer"), "vendor_id")
    facts.single("cpu_model", _values(processors, "model name", "cpu", "Model"), "model name")
    sockets = {block["physical id"] for block in processors if "physical id" in block}
    facts.take("socket_count", len(sockets) or None)
    cores = {block["cpu cores"] for block in processors if "cpu cores" in block}
    if len(cores) == 1:
        facts.whole("cores_per_socket", cores.pop(), "cpu cores")
    _threads(processors, facts)
    features = {block.get("flags", block.get("Features", "")) for block in processors}
    if len(features) == 1:
        facts.take("features", tuple(dict.fromkeys(features.pop().split())))
    else:
        facts.single("features", features - {""}, "flags") if len(features) < 2 else facts.unreadable(
            "flags", "its CPUs differ"
        )
    return facts


def meminfo(text: str) -> Facts:
    """https://man7.org/linux/man-pages/man5/proc_meminfo.5.html: what it calls kB is 1024 bytes."""
    match = re.search(r"^MemTotal:[ \t]+(\d+) kB[ \t]*$", text, re.MULTILINE)
    if match is None:
        raise Misfit("no MemTotal in it")
    facts = Facts()
    facts.machine["memory_size"] = int(match[1]) * 1024
    return facts


def _threads(processors: list[dict[str, str]], facts: Facts) -> None:
    """Logical CPUs of a socket by its cores, where the kernel states both and one is a multiple of the other."""
    stated = {(block.get("siblings", ""), block.get("cpu cores", "")) for block in processors}
    siblings, cores = next(iter(stated))
    if (
        len(stated) == 1
        and siblings.isdigit()
        and cores.isdigit()
        and int(cores)
        and int(siblings) % int(cores) == 0
    ):
        facts.machine["threads_per_core"] = int(siblings) // int(cores)


def _values(blocks: list[dict[str, str]], *names: str) -> Iterator[str]:
    for block in blocks:
        yield next((block[name] for name in names if block.get(name)), "")


def _blocks(text: str) -> Iterator[dict[str, str]]:
    """The names and values of each CPU; the blocks are apart by an empty line."""
    for part in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")):
        yield {name.strip(): value.strip() for name, colon, value in _split(part) if colon}


def _split(text: str) -> Iterator[tuple[str, str, str]]:
    return (line.partition(":") for line in text.splitlines())


def _known(values: list[str]) -> list[str]:
    return [value for value in values if value != "-"]
