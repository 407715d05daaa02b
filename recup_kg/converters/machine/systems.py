"""The operating system: os-release(5), lsb_release -a, uname -a, hostnamectl."""

from __future__ import annotations

import re
import shlex

from recup_kg.converters.machine.parts import Facts, Misfit

_UNAME = re.compile(
    r"(?P<system>\S+) (?P<host>\S+) (?P<release>\S+) (?P<version>.*?)"
    r"(?: (?P<machine>\S+)(?: (?P<processor>\S+) (?P<platform>\S+))? (?P<os>GNU/Linux|Linux|Android|Toybox))"
)
_PLAIN_UNAME = re.compile(r"(?P<system>\S+) (?P<host>\S+) (?P<release>\S+) (?P<version>.*) (?P<machine>\S+)")
_ARCHITECTURE = re.compile(
    r"x86_64|i[3-6]86|aarch64|arm\w*|ppc64(?:le)?|s390x|riscv64|ia64|loongarch64|mips\w*|amd64|sparc\w*"
)


def os_release(text: str) -> Facts:
    """https://www.freedesktop.org/software/systemd/man/latest/os-release.html"""
    named = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, _, value = line.strip().partition("=")
        try:
            named[name] = "".join(shlex.split(value)) if value[:1] in ("'", '"') else value
        except ValueError as error:
            raise Misfit(f"{name} has a quote without an end", f"line {number}") from error
    facts = Facts()
    facts.take("operating_system", named.get("NAME") or named.get("PRETTY_NAME") or named.get("ID"))
    facts.take(
        "operating_system_version", named.get("VERSION_ID") or named.get("VERSION") or named.get("BUILD_ID")
    )
    return facts


def lsb_release(text: str) -> Facts:
    """https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/lsbrelease.html"""
    named = colons(text)
    facts = Facts()
    facts.take("operating_system", known(named.get("Distributor ID")))
    facts.take("operating_system_version", known(named.get("Release")))
    return facts


def uname(text: str) -> Facts:
    """Kernel, node, release, version, machine.

    https://pubs.opengroup.org/onlinepubs/9799919799/utilities/uname.html (`uname -a`)
    """
    line = text.strip()
    match = _UNAME.fullmatch(line) or _PLAIN_UNAME.fullmatch(line)
    if match is None or "\n" in line:
        raise Misfit("not the one line of uname -a", "line 1")
    part = match.groupdict()
    facts = Facts()
    facts.take("name", part["host"])
    facts.take("operating_system", part.get("os") or part["system"])
    facts.take("kernel_release", part["release"])
    facts.take("architecture", _machine(part, line))
    return facts


def _machine(part: dict[str, str | None], line: str) -> str | None:
    """The machine's name among the last words; GNU prints processor and platform after it where they are known."""
    words = [word for word in line.split()[-4:] if _ARCHITECTURE.fullmatch(word)]
    return words[0] if words else part["machine"]


def hostnamectl(text: str) -> Facts:
    """https://www.freedesktop.org/software/systemd/man/latest/hostnamectl.html"""
    named = colons(text)
    facts = Facts()
    facts.take("name", known(named.get("Static hostname")) or known(named.get("Transient hostname")))
    facts.take("operating_system", named.get("Operating System"))
    facts.take("kernel_release", named.get("Kernel", "").partition(" ")[2])
    facts.take("architecture", named.get("Architecture"))
    return facts


def colons(text: str) -> dict[str, str]:
    """The values of `Name: value` lines, the first of each name."""
    named: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            named.setdefault(name.strip(), value.strip())
    return named


def known(value: str | None) -> str | None:
    """The value, None where the tool says that it has none."""
    return None if value in ("n/a", "N/A", "(unset)", "") else value
