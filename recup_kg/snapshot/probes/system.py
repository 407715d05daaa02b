"""The operating system: what it is, how it is set, how busy it is."""

from __future__ import annotations

import os
import platform
import re
import resource

from recup_kg.redaction import redact_value
from recup_kg.snapshot.host import Host
from recup_kg.snapshot.probe import Captured, Fact, NotCaptured, Probe

_SETTINGS = {
    "system.aslr": "/proc/sys/kernel/randomize_va_space",
    "system.swappiness": "/proc/sys/vm/swappiness",
    "system.overcommit_memory": "/proc/sys/vm/overcommit_memory",
    "system.numa_balancing": "/proc/sys/kernel/numa_balancing",
    "system.perf_event_paranoid": "/proc/sys/kernel/perf_event_paranoid",
    "system.nmi_watchdog": "/proc/sys/kernel/nmi_watchdog",
    "system.clock_source": "/sys/devices/system/clocksource/clocksource0/current_clocksource",
}
_CHOICES = {
    "system.transparent_hugepages": "/sys/kernel/mm/transparent_hugepage/enabled",
    "system.transparent_hugepages_defrag": "/sys/kernel/mm/transparent_hugepage/defrag",
}
_LIMITS = {
    "as": resource.RLIMIT_AS,
    "core": resource.RLIMIT_CORE,
    "cpu": resource.RLIMIT_CPU,
    "data": resource.RLIMIT_DATA,
    "fsize": resource.RLIMIT_FSIZE,
    "memlock": resource.RLIMIT_MEMLOCK,
    "nofile": resource.RLIMIT_NOFILE,
    "nproc": resource.RLIMIT_NPROC,
    "stack": resource.RLIMIT_STACK,
}
_PSEUDO = re.compile(
    "autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|efivarfs|fusectl|hugetlbfs|mqueue|nsfs|proc|pstore|ramfs"
    "|rpc_pipefs|securityfs|selinuxfs|sysfs|tracefs"
)
"""File systems of the kernel, which hold no data."""


def os_release(host: Host) -> Captured:
    """/etc/os-release (https://www.freedesktop.org/software/systemd/man/latest/os-release.html)."""
    try:
        text = host.read("/etc/os-release")
    except NotCaptured:
        text = host.read("/usr/lib/os-release")
    return Captured({"os-release": text})


def uname(host: Host) -> Captured:
    """`uname -a`, and its parts."""
    parts = os.uname()
    facts: dict[str, Fact] = {
        "system.name": parts.sysname,
        "system.kernel_release": parts.release,
        "system.kernel_version": parts.version,
        "system.architecture": parts.machine,
    }
    try:
        return Captured({"uname.txt": host.run("uname", "-a")}, facts)
    except NotCaptured as error:
        return Captured({}, facts, remark=str(error))


def settings(host: Host) -> Captured:
    """Settings of the kernel that move timings and addresses."""
    found: dict[str, Fact] = {}
    for name, path in _SETTINGS.items():
        if (value := host.line(path)) is not None:
            found[name] = int(value) if value.isascii() and value.removeprefix("-").isdecimal() else value
    for name, path in _CHOICES.items():
        chosen = (host.line(path) or "").partition("[")[2].partition("]")[0]
        if chosen:
            found[name] = chosen
    swaps = host.line("/proc/swaps")
    if swaps is not None:
        found["system.swap"] = "enabled" if len(swaps.splitlines()) > 1 else "disabled"
    return _some(found, "no setting can be read in /proc/sys and /sys")


def kernel_command_line(host: Host) -> Captured:
    """What the kernel was started with."""
    return Captured({}, {"system.kernel_command_line": host.read("/proc/cmdline").strip()})


def memory(host: Host) -> Captured:
    """Sizes in bytes; /proc/meminfo says kB and means 1024 bytes (https://man7.org/linux/man-pages/man5/proc_meminfo.5.html)."""
    wanted = {
        "MemTotal": "memory.total",
        "SwapTotal": "memory.swap_total",
        "HugePages_Total": "memory.huge_pages",
        "Hugepagesize": "memory.huge_page_size",
        "MemAvailable": "reading.memory_available",
    }
    found: dict[str, Fact] = {}
    text = host.read("/proc/meminfo")
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        words = rest.split()
        if name in wanted and words and words[0].isdecimal():
            found[wanted[name]] = int(words[0]) * (1024 if words[1:] == ["kB"] else 1)
    return Captured({"meminfo": text}, found)


def load(host: Host) -> Captured:
    """How busy the machine is at this moment."""
    words = host.read("/proc/loadavg").split()
    names = ("reading.load_1m", "reading.load_5m", "reading.load_15m")
    found: dict[str, Fact] = {name: float(word) for name, word in zip(names, words, strict=False)}
    return _some(found, "/proc/loadavg is empty")


def mounts(host: Host) -> Captured:
    """What is mounted, without the kernel's own file systems."""
    found = []
    for line in host.read("/proc/self/mounts").splitlines():
        words = [_unescaped(word) for word in line.split(" ")]
        if len(words) >= 3 and not _PSEUDO.fullmatch(words[2]):
            found.append({"device": words[0], "mount_point": words[1], "file_system": words[2]})
    if not found:
        raise NotCaptured("nothing is mounted but file systems of the kernel")
    return Captured({}, {"mounts": found})


def limits(host: Host) -> Captured:
    """What the shell calls ulimits, of this process: soft and hard."""
    found: dict[str, Fact] = {}
    for name, number in _LIMITS.items():
        for kind, value in zip(("soft", "hard"), resource.getrlimit(number), strict=True):
            found[f"limits.{name}.{kind}"] = "unlimited" if value == resource.RLIM_INFINITY else value
    return Captured({}, found)


def libc(host: Host) -> Captured:
    """The C library that this interpreter runs on."""
    try:
        said = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError):
        said = ""
    name, version = said.split(" ", 1) if " " in said else platform.libc_ver()
    if not name:
        raise NotCaptured("the C library does not say its version")
    return Captured({}, {"libc.name": name, "libc.version": version})


def variables(host: Host) -> Captured:
    """`env`, by name, without values that look like credentials; as `env -0` prints it where a value has several lines."""
    found = {name: redact_value(name, value)[0] for name, value in sorted(host.environment.items())}
    if not found:
        raise NotCaptured("the environment is empty")
    end = "\0" if any("\n" in value for value in found.values()) else "\n"
    return Captured({"env.txt": "".join(f"{name}={value}{end}" for name, value in found.items())})


def locale(host: Host) -> Captured:
    """What sorting and number formats depend on, and the zone of the clock."""
    found: dict[str, Fact] = {}
    setting = next(
        (host.environment[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if host.environment.get(name)),
        None,
    )
    if setting is not None:
        found["system.locale"] = setting
    zone = host.environment.get("TZ") or host.line("/etc/timezone")
    if zone is not None:
        found["system.time_zone"] = zone
    return _some(found, "neither a locale nor a time zone is set")


def _some(found: dict[str, Fact], why: str) -> Captured:
    if not found:
        raise NotCaptured(why)
    return Captured({}, found)


def _unescaped(word: str) -> str:
    """A word of /proc/mounts, where blanks are octal (https://man7.org/linux/man-pages/man5/fstab.5.html)."""
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        word = word.replace(code, char)
    return word


PROBES = (
    Probe("os-release", os_release),
    Probe("uname", uname),
    Probe("kernel settings", settings),
    Probe("kernel command line", kernel_command_line),
    Probe("memory", memory),
    Probe("load", load),
    Probe("mounts", mounts),
    Probe("limits", limits),
    Probe("libc", libc),
    Probe("variables", variables),
    Probe("locale", locale),
)
