"""Python: the interpreter, and the packages of it and of the environments that are active."""

from __future__ import annotations

import json
import platform
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from recup_kg.redaction import redact_text
from recup_kg.snapshot.host import Host
from recup_kg.snapshot.probe import Captured, Fact, NotCaptured, Probe

_ENDINGS = (".dist-info", ".egg-info")
_HEADER = 1 << 14
"""Bytes of METADATA in which name and version stand; the long description comes after them."""


def interpreter(host: Host) -> Captured:
    """The Python that takes the snapshot."""
    facts: dict[str, Fact] = {
        "python.version": platform.python_version(),
        "python.implementation": platform.python_implementation(),
        "python.compiler": platform.python_compiler(),
        "python.build": " ".join(platform.python_build()),
        "python.executable": sys.executable,
        "python.prefix": sys.prefix,
        "python.platform": sysconfig.get_platform(),
        "python.optimize": sys.flags.optimize,
        "python.hash_randomization": bool(sys.flags.hash_randomization),
        "python.dev_mode": sys.flags.dev_mode,
        "python.utf8_mode": bool(sys.flags.utf8_mode),
        "python.no_user_site": bool(sys.flags.no_user_site),
        "python.debug_build": bool(sysconfig.get_config_var("Py_DEBUG")),
        "python.gil": getattr(sys, "_is_gil_enabled", lambda: True)(),
    }
    return Captured({}, facts)


def packages(host: Host) -> Captured:
    """The packages of this interpreter, as `pip list --format json` lists them."""
    return Captured({"pip-list.json": _listed(_places())})


def virtual_environment(host: Host) -> Captured:
    """The packages of the active environment, where that is not this interpreter's own."""
    prefix = host.environment.get("VIRTUAL_ENV") or host.environment.get("CONDA_PREFIX")
    if not prefix:
        raise NotCaptured("no environment is active")
    if Path(prefix).resolve() == Path(sys.prefix).resolve():
        raise NotCaptured("the active environment is this interpreter's own")
    places = sorted(Path(prefix).glob("lib*/python3*/site-packages"))
    return Captured({"pip-list-active.json": _listed(places)}, {"python.active_prefix": prefix})


def _places() -> list[Path]:
    """Where this interpreter finds packages; not the folder that a script happens to lie in."""
    return [Path(place) for place in dict.fromkeys(sys.path) if place and Path(place).is_dir()]


def _listed(places: list[Path]) -> str:
    found: dict[str, dict[str, str]] = {}
    for place in places:
        for package in _packages(place):
            # The first on the path is the one that is imported.
            found.setdefault(package["name"].lower().replace("_", "-"), package)
    if not found:
        raise NotCaptured("no package is installed")
    return json.dumps([found[name] for name in sorted(found)], indent=1) + "\n"


def _packages(place: Path) -> Iterator[dict[str, str]]:
    try:
        names = sorted(item.name for item in place.iterdir() if item.name.endswith(_ENDINGS))
    except OSError:
        return
    for name in names:
        info = place / name
        package = _package(info)
        if package is not None:
            yield {**package, "location": redact_text(str(place)), **_installer(info)}


def _package(info: Path) -> dict[str, str] | None:
    """Name and version, as the file with the metadata says (https://packaging.python.org/specifications/core-metadata/)."""
    for file in (info / "METADATA", info / "PKG-INFO", info):
        try:
            with file.open("rb") as stream:
                head = stream.read(_HEADER).decode("utf-8", "backslashreplace")
        except OSError:
            continue
        fields = dict(
            line.split(": ", 1) for line in head.split("\n\n", 1)[0].splitlines() if _is_field(line)
        )
        if "Name" in fields and "Version" in fields:
            return {"name": fields["Name"].strip(), "version": fields["Version"].strip()}
    return None


def _is_field(line: str) -> bool:
    return line.startswith(("Name: ", "Version: "))


def _installer(info: Path) -> dict[str, str]:
    try:
        name = (info / "INSTALLER").read_text(encoding="utf-8", errors="backslashreplace").strip()
    except OSError:
        return {}
    return {"installer": name} if name else {}


PROBES = (
    Probe("python", interpreter),
    Probe("python packages", packages),
    Probe("active environment", virtual_environment),
)
