"""Reads what a machine tells of itself: os-release, lsb_release -a, uname -a, hostnamectl, lscpu, /proc, docker info.

Facts are taken that are the machine's; what changes from moment to moment (load, free memory, clock rates) is left there.
The format version is the command or file whose form it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from recup_kg.converters.machine import documents, listings, systems
from recup_kg.converters.machine.parts import Facts, Misfit
from recup_kg.converters.sources import head, read_text, source_of
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import Machine
from recup_kg.evidence.identity import facts_identity

NAME = "machine"
VERSION = "1"

_DOCKER = ('"NCPU"', '"MemTotal"', '"DockerRootDir"')
_ASSIGNMENT = re.compile(r"[ \t]*(?:#.*|[A-Z][A-Za-z0-9_]*=.*)?")
_OS_RELEASE = re.compile(
    r"(?:PRETTY_NAME|ID_LIKE|VERSION_ID|CPE_NAME|VERSION_CODENAME|ANSI_COLOR|BUG_REPORT_URL)="
)


def _is_os_release(text: str) -> bool:
    """Assignments, among them one that os-release(5) has and no environment."""
    lines = text.splitlines()
    return any(map(_OS_RELEASE.match, lines)) and all(map(_ASSIGNMENT.fullmatch, lines))


def _begins(pattern: str) -> Callable[[str], bool]:
    start = re.compile(pattern)
    return lambda text: start.match(text) is not None


_FORMS: tuple[tuple[str, Callable[[str], bool], Callable[[str], Facts]], ...] = (
    ("os-release", _is_os_release, systems.os_release),
    (
        "lsb_release",
        _begins(r"(?:No LSB modules.*\n|LSB Version:.*\n)*Distributor ID:\s"),
        systems.lsb_release,
    ),
    ("uname", _begins(r"(?:Linux|Darwin|FreeBSD) \S+ \d\S* \S[^\n]*\s*\Z"), systems.uname),
    ("hostnamectl", _begins(r"[ \t]*(?:Static|Transient|Pretty) hostname:"), systems.hostnamectl),
    ("lscpu", _begins(r"[ \t]*Architecture:[ \t]+\S[\s\S]*?\n[ \t]*CPU\(s\):"), listings.lscpu),
    ("lscpu JSON", _begins(r'\s*\{\s*"lscpu"\s*:\s*\['), documents.lscpu),
    ("/proc/cpuinfo", _begins(r"processor[ \t]*:[ \t]*\d"), listings.cpuinfo),
    ("/proc/meminfo", _begins(r"MemTotal:[ \t]+\d+ kB\n"), listings.meminfo),
    (
        "docker info",
        lambda text: text.lstrip()[:1] == "{" and all(map(text.__contains__, _DOCKER)),
        documents.docker_info,
    ),
)


def sniff(path: Path) -> bool:
    """Whether the file begins as one of the forms does."""
    start = head(path)
    return b"\0" not in start and _form(start.decode(errors="replace")) is not None


def read(path: Path) -> Evidence:
    """The machine. Raises `MalformedSource`."""
    text = read_text(path)
    form = _form(text[:65536])
    if form is None:
        raise MalformedSource(
            path,
            "no description of a machine",
            advice="name the output of os-release, uname -a, lscpu or docker info",
        )
    name, read_form = form
    try:
        facts = read_form(text)
    except Misfit as error:
        raise MalformedSource(path, str(error), where=error.where, advice="capture it again") from error
    machine = Machine(identifier=facts.machine.get("name") or "machine", **facts.machine)
    records = (machine, *facts.others)
    return Evidence(
        source=source_of(
            path,
            converter=NAME,
            version=VERSION,
            format_version=name,
            layer="SystemLayer",
            created=facts.created,
        ),
        identity=facts_identity("machine", records),
        label=f"{name} of {machine.name}" if machine.name else name,
        layer="SystemLayer",
        records=records,
        gaps=tuple(facts.gaps),
    )


def _form(text: str) -> tuple[str, Callable[[str], Facts]] | None:
    text = text.lstrip("\ufeff").replace("\r\n", "\n")
    return next(((name, read_form) for name, fits, read_form in _FORMS if fits(text)), None)
