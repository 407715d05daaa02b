"""What `scontrol show job` and `scontrol show node` print: `Key=Value` in blocks, or a line for each (`--oneliner`).

https://slurm.schedmd.com/scontrol.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from recup_kg.converters.slurm.fields import Unmapped, job_of
from recup_kg.converters.slurm.spellings import UNKNOWN, resources, size_bytes
from recup_kg.evidence.environment import Machine
from recup_kg.evidence.jobs import Job
from recup_kg.redaction import redact_text

FIRST = re.compile(r"\s*(JobId|NodeName)=(\S+)(?=\s|$)")
_KEY = re.compile(r"(?:(?<=\s)|(?<![\s\S]))([A-Za-z][\w/:.-]*)=")
_UNSETTLED = frozenset(("PENDING", "CONFIGURING", "RUNNING", "SUSPENDED", "COMPLETING", "REQUEUED"))
_ORDINARY_JOB = re.compile(
    r"priority|nice|reason|dependency|requeue|restarts|batchflag|reboot|deadline|preempteligibletime|preempttime"
    r"|accruetime|suspendtime|secspresuspend|lastschedeval|scheduler|mincpusnode|minmemorynode|minmemorycpu"
    r"|mintmpdisknode|features|delayboot|oversubscribe|contiguous|licenses|network|numboards|socks/node"
    r"|ntaskspern:b:s:c|corespec|stderr|stdin|stdout|power|mcs_label|qos|groupid|reqb:s:c:t|cpus/task"
    r"|allocnode:sid|reqnodelist|excnodelist|batchhost|eligibletime|schednodelist|mail_user|mail_type"
    r"|killoinvaliddependent|endtime|starttime|tresperjob|trespernode|trespertask|cpus_per_tres"
)
_MOMENTARY = re.compile(
    r"cpuload|freemem|cpualloc|allocmem|alloctres|state|bootime|boottime|slurmdstarttime|lastbusytime"
    r"|resumeaftertime|currentwatts|consumedjoules|avewatts|extsensorsjoules|extsensorswatts|extsensorstemp"
    r"|capwatts|owner|mcs_label|weight|tmpdisk|port|version|nodeaddr|nodehostname|partitions|reason|comment|extra"
    r"|cpuspeclist|memspeclimit|corespeccount|cpuefctv|gresused|boards|instanceid|instancetype|dynamictres"
    r"|certificate"
)


def pairs(record: str) -> dict[str, str]:
    """The values by their keys; a value goes on until the next key. The first of two that are alike is kept."""
    found: dict[str, str] = {}
    keys = list(_KEY.finditer(record))
    for key, following in zip(keys, [*keys[1:], None], strict=True):
        end = following.start() if following else len(record)
        found.setdefault(key[1], " ".join(record[key.end() : end].split()))
    return found


def blocks(text: str) -> Iterator[tuple[int, str]]:
    """Each record with the number of its first line: it begins where a line begins with `JobId=` or `NodeName=`."""
    start, lines = 0, list[str]()
    for number, line in enumerate(text.splitlines(), 1):
        if FIRST.match(line) and not line[:1].isspace():
            if lines:
                yield start, "\n".join(lines)
            start, lines = number, []
        lines.append(line)
    if lines and start:
        yield start, "\n".join(lines)


def read_job(record: str, where: str, unmapped: Unmapped) -> Job | None:
    """The job of a record. What SLURM only expects (the end of a running job, the start of a waiting one) is not taken."""
    named = pairs(record)
    state = named.get("JobState", "")
    if state in _UNSETTLED:
        named.pop("EndTime", None)
    if state in ("PENDING", "CONFIGURING"):
        named.pop("StartTime", None)
    if array := named.get("ArrayJobId"):
        task = named.get("ArrayTaskId", "")
        raw, named["JobId"] = named["JobId"], f"{array}_{task}" if task not in UNKNOWN else named["JobId"]
        named["JobIDRaw"] = raw
    kept = {
        name: value
        for name, value in named.items()
        if _ORDINARY_JOB.fullmatch(name.lower()) is None or name in ("EndTime", "StartTime")
    }
    if "AllocTRES" in kept:
        kept.pop("TRES", None)
    if "ReqTRES" in kept:
        kept.pop("TRES", None)
    return job_of(kept, where, unmapped)


def read_node(record: str, where: str, unmapped: Unmapped) -> Machine:
    """The machine of a record, as it is configured: what changes from moment to moment is left out."""
    named = {name: value for name, value in pairs(record).items() if value not in UNKNOWN}
    return machine_of(named, where, unmapped)


def machine_of(named: Mapping[str, str], where: str, unmapped: Unmapped) -> Machine:
    """The machine that the values of `scontrol show node` tell of; memory is in MiB there."""
    name = named["NodeName"]
    found: dict[str, Any] = {}
    configured: tuple[tuple[str, str], ...] = ()
    for key, value in named.items():
        try:
            if key in _WHOLE:
                found[_WHOLE[key]] = int(value)
            elif key == "RealMemory":
                found["memory_size"] = size_bytes(value, unit="M")
            elif key == "CfgTRES":
                configured += resources(value)
            elif key == "Gres":
                configured += tuple(("Gres", entry) for entry in _gres(value))
            elif key not in _TEXTS and _MOMENTARY.fullmatch(key.lower()) is None:
                unmapped.columns.setdefault(key, where)
        except ValueError as error:
            unmapped.unreadable.setdefault(key, (name, where, redact_text(str(error))))
    system = named.get("OS", "").split()
    stated = dict(configured)
    if "cpu_count" not in found and stated.get("cpu", "").isdigit():
        found["cpu_count"] = int(stated["cpu"])
    if "memory_size" not in found and "mem" in stated:
        found["memory_size"] = size_bytes(stated["mem"])
    return Machine(
        identifier=name,
        name=name,
        operating_system=system[0] if system else None,
        kernel_release=system[1] if len(system) > 1 else None,
        architecture=named.get("Arch"),
        features=tuple(dict.fromkeys(part for part in named.get("AvailableFeatures", "").split(",") if part)),
        resources=configured,
        **found,
    )


def _gres(value: str) -> Iterator[str]:
    """The generic resources; their commas may be in brackets: `gpu:a100:4(S:0-1),craynetwork:4`."""
    return (match[0] for match in re.finditer(r"[^,()]+(?:\([^()]*\))?", value))


_WHOLE = {
    "CPUTot": "cpu_count",
    "Sockets": "socket_count",
    "CoresPerSocket": "cores_per_socket",
    "ThreadsPerCore": "threads_per_core",
}
_TEXTS = frozenset(("NodeName", "OS", "Arch", "AvailableFeatures", "ActiveFeatures"))
