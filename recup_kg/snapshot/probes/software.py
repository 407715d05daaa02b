"""Conda, Spack, environment modules, compilers, MPI."""

from __future__ import annotations

import os
import re
from pathlib import Path

from recup_kg.snapshot.host import Host
from recup_kg.snapshot.probe import Captured, Fact, NotCaptured, Probe

# conda writes its records with sorted keys and an indent of two: these are members of the record itself.
_MEMBER = {
    name: re.compile(rb'^  "' + name.encode() + rb'": "([^"]*)"', re.MULTILINE)
    for name in ("url", "md5", "subdir")
}
_HEAD = "# This file may be used to create an environment using:\n# $ conda create --name <env> --file <this file>\n"
_VERSION = re.compile(r"\b(\d+(?:\.\d+)+)")


def conda(host: Host) -> Captured:
    """The records of the active environment, as `conda list --explicit --md5` prints them."""
    prefix = host.environment.get("CONDA_PREFIX")
    if not prefix:
        raise NotCaptured("no conda environment is active")
    paths = sorted(Path(prefix, "conda-meta").glob("*.json"))
    if not paths:
        raise NotCaptured(f"{prefix}/conda-meta has no records")
    lines, platform, without = [], None, 0
    for path in paths:
        said = _record(path)
        if "url" not in said:
            without += 1
            continue
        lines.append(f"{said['url']}#{said['md5']}" if "md5" in said else said["url"])
        platform = platform if said.get("subdir") in (None, "noarch") else said["subdir"]
    head = _HEAD + (f"# platform: {platform}\n" if platform else "")
    remark = f"{without} of {len(paths)} records name no URL" if without else None
    facts: dict[str, Fact] = {"conda.prefix": prefix}
    return Captured(
        {"conda-explicit.txt": f"{head}@EXPLICIT\n" + "".join(f"{line}\n" for line in lines)}, facts, remark
    )


def _record(path: Path) -> dict[str, str]:
    """The members of a record that we need: the rest is a long list of files, which would take most of the time."""
    data = path.read_bytes()
    found = {name: pattern.search(data) for name, pattern in _MEMBER.items()}
    return {
        name: match.group(1).decode("utf-8", "backslashreplace") for name, match in found.items() if match
    }


def spack(host: Host) -> Captured:
    """The active Spack environment, else what is loaded."""
    environment = host.environment.get("SPACK_ENV")
    if environment:
        files = {}
        for name in ("spack.lock", "spack.yaml"):
            text = host.line(f"{environment}/{name}")
            if text is not None:
                files[name] = text + "\n"
        if files:
            return Captured(files, {"spack.environment": environment})
    if not host.environment.get("SPACK_LOADED_HASHES"):
        raise NotCaptured("no Spack environment is active and nothing is loaded")
    return Captured({"spack-find.txt": host.run("spack", "--color=never", "find", "--loaded", "-lv")})


def modules(host: Host) -> Captured:
    """The modules that are loaded, in the order of loading, by the variable in which both module systems keep them."""
    loaded = [name for name in host.environment.get("LOADEDMODULES", "").split(os.pathsep) if name]
    if not loaded:
        raise NotCaptured("no environment modules are loaded")
    lines = (f" {number}) {name}\n" for number, name in enumerate(loaded, 1))
    found: dict[str, Fact] = {}
    for name, fact in (("LMOD_VERSION", "modules.lmod_version"), ("MODULES_CMD", "modules.command")):
        if host.environment.get(name):
            found[fact] = host.environment[name]
    return Captured({"module-list.txt": "Currently Loaded Modulefiles:\n" + "".join(lines)}, found)


def compilers(host: Host) -> Captured:
    """The first line of what each compiler says of its version."""
    facts: dict[str, Fact] = {}
    for fact, variable, default in (("c", "CC", "cc"), ("cxx", "CXX", "c++")):
        words = (host.environment.get(variable) or default).split() or [default]
        facts |= _version(host, f"toolchain.{fact}", words[0])
    facts |= _version(host, "toolchain.nvcc", "nvcc", last=True)
    if not facts:
        raise NotCaptured("no compiler is installed")
    return Captured({}, facts)


def mpi(host: Host) -> Captured:
    """Which MPI starts programs here."""
    facts = _version(host, "mpi", "mpirun") or _version(host, "mpi", "mpiexec")
    if not facts:
        raise NotCaptured("mpirun and mpiexec are not installed, or don't tell their version")
    return Captured({}, facts)


def _version(host: Host, fact: str, program: str, *, last: bool = False) -> dict[str, Fact]:
    path = host.program(program)
    if path is None:
        return {}
    try:
        lines = [line for line in host.run(program, "--version").splitlines() if line.strip()]
    except NotCaptured:
        return {f"{fact}.path": path}
    if not lines:
        return {f"{fact}.path": path}
    line = lines[-1 if last else 0].strip()
    found: dict[str, Fact] = {f"{fact}.path": path, f"{fact}.says": line}
    match = _VERSION.search(line)
    if match:
        found[f"{fact}.version"] = match.group(1)
    return found


PROBES = (
    Probe("conda", conda),
    Probe("spack", spack),
    Probe("modules", modules),
    Probe("compilers", compilers),
    Probe("mpi", mpi),
)
