"""The folder that the snapshot is taken in: its state in git, lock files, build settings."""

from __future__ import annotations

import hashlib
import re

from recup_kg.redaction import redact_text
from recup_kg.snapshot.host import Host
from recup_kg.snapshot.probe import Captured, Fact, NotCaptured, Probe

_LOCKS = (
    "Pipfile.lock",
    "conda-lock.yml",
    "environment.yml",
    "pixi.lock",
    "poetry.lock",
    "pyproject.toml",
    "requirements.lock",
    "requirements.txt",
    "spack.lock",
    "spack.yaml",
    "uv.lock",
)
_CMAKE = re.compile(
    r"^(BUILD_SHARED_LIBS|CMAKE_(?:BUILD_TYPE|CUDA_ARCHITECTURES|CUDA_FLAGS|CXX_COMPILER|CXX_FLAGS(?:_RELEASE|_RELWITHDEBINFO)?"
    r"|CXX_STANDARD|C_COMPILER|C_FLAGS|INTERPROCEDURAL_OPTIMIZATION)):[A-Z]+=(.*)$",
    re.MULTILINE,
)


def git(host: Host) -> Captured:
    """Commit, branch, changes to tracked files, submodules, where it came from."""
    lines = host.run("git", "status", "--porcelain=v2", "--branch", "--untracked-files=no").splitlines()
    facts: dict[str, Fact] = {"git.changed_files": sum(not line.startswith("#") for line in lines)}
    facts["git.dirty"] = facts["git.changed_files"] != 0
    for line in lines:
        name, _, value = line.removeprefix("# branch.").partition(" ")
        if line.startswith("# branch.") and name in ("oid", "head") and not value.startswith("("):
            facts["git.commit" if name == "oid" else "git.branch"] = value
    try:
        facts["git.remote"] = redact_text(host.run("git", "config", "--get", "remote.origin.url").strip())
    except NotCaptured:
        # A repository without a remote is a whole one.
        return Captured({}, facts)
    return Captured({}, facts)


def lock_files(host: Host) -> Captured:
    """SHA-256 of the files of this folder that pin software."""
    found: dict[str, Fact] = {}
    for name in _LOCKS:
        try:
            with (host.folder / name).open("rb") as stream:
                found[f"lock_files.{name}"] = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError:
            continue
    if not found:
        raise NotCaptured("no lock file in this folder")
    return Captured({}, found)


def cmake(host: Host) -> Captured:
    """How the build in this folder was set up."""
    try:
        text = (host.folder / "CMakeCache.txt").read_text(encoding="utf-8", errors="backslashreplace")
    except OSError:
        raise NotCaptured("no CMakeCache.txt in this folder") from None
    found: dict[str, Fact] = {f"build.{name}": value for name, value in _CMAKE.findall(text)}
    if not found:
        raise NotCaptured("CMakeCache.txt sets nothing that we look for")
    return Captured({}, found)


PROBES = (Probe("git", git), Probe("lock files", lock_files), Probe("build", cmake))
