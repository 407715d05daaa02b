"""The words of SLURM for the facts of a job, as `sacct`, `scontrol show job` and `squeue` spell them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from recup_kg.converters.slurm.spellings import UNKNOWN, node_names, resources, seconds, size_bytes
from recup_kg.converters.times import timestamp
from recup_kg.evidence.jobs import Job
from recup_kg.records import Gap, Subject
from recup_kg.redaction import redact_text

SCHEDULER = "SLURM"
_CANCELLED = re.compile(r"(CANCELLED) by (\d{1,18})")
_USER = re.compile(r"(.+)\((\d{1,18})\)")
_WHOLE = re.compile(r"-?\d{1,18}")

Reader = Callable[[str], Any]


def _whole(value: str) -> int:
    if not _WHOLE.fullmatch(value):
        raise ValueError(f"no whole number: {value!r}")
    return int(value)


def _size(value: str) -> int:
    if value.endswith(("c", "n")) and value[:-1]:
        # Before 21.08 sacct marked memory per core (c) and per node (n).
        if value.endswith("c"):
            raise ValueError(f"memory per core, not of the job: {value!r}")
        value = value[:-1]
    return size_bytes(value, unit="")


def _limit(value: str) -> Any:
    return None if value.upper() == "UNLIMITED" else seconds(value)


COLUMNS: Mapping[str, tuple[str, Reader]] = {
    "jobname": ("name", redact_text),
    "name": ("name", redact_text),
    "user": ("user", str),
    "uid": ("user_id", _whole),
    "account": ("account", str),
    "partition": ("partition", str),
    "state": ("state", str),
    "jobstate": ("state", str),
    "exitcode": ("exit_code", str),
    "submit": ("submitted", timestamp),
    "submittime": ("submitted", timestamp),
    "start": ("started", timestamp),
    "starttime": ("started", timestamp),
    "end": ("ended", timestamp),
    "endtime": ("ended", timestamp),
    "elapsed": ("run_time", seconds),
    "elapsedraw": ("run_time", seconds),
    "runtime": ("run_time", seconds),
    "timelimit": ("time_limit", _limit),
    "nnodes": ("node_count", _whole),
    "nodes": ("node_count", _whole),
    "numnodes": ("node_count", _whole),
    "ntasks": ("task_count", _whole),
    "numtasks": ("task_count", _whole),
    "ncpus": ("core_count", _whole),
    "alloccpus": ("core_count", _whole),
    "numcpus": ("core_count", _whole),
    "cpus": ("core_count", _whole),
    "reqmem": ("requested_memory", _size),
    "maxrss": ("resident_memory", _size),
    "maxvmsize": ("virtual_memory", _size),
    "totalcpu": ("cpu_time", seconds),
    "usercpu": ("user_cpu_time", seconds),
    "systemcpu": ("system_cpu_time", seconds),
    "nodelist": ("nodes", node_names),
    "workdir": ("working_directory", redact_text),
    "submitline": ("command", redact_text),
    "command": ("command", redact_text),
    "reqtres": ("requested_resources", resources),
    "alloctres": ("allocated_resources", resources),
    "tres": ("requested_resources", resources),
}
"""For each column, in lower case, the field of `Job` and how its value is read."""

IDENTIFIERS = frozenset(
    ("jobid", "jobidraw", "arrayjobid", "arraytaskid", "hetjobid", "hetjoboffset", "userid")
)
DERIVED = re.compile(
    r"timelimitraw|cputime|cputimeraw|cluster|group|gid|groupid|jobtype|eligible|eligibletime|accruetime|suspended"
    r"|reserved|planned|plannedcpu|plannedcpuraw|reason\(nodelist\)"
)
"""What follows from other columns, or is of no use without the scheduler that said it."""


@dataclass(slots=True)
class Unmapped:
    """The columns that hold values and have no field, and the values that can't be read; each is told of once."""

    columns: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, tuple[str, str, str]] = field(default_factory=dict)

    def gaps(self) -> tuple[Gap, ...]:
        """A gap for each column."""
        whole = Subject("evidence")
        unmapped = (
            Gap("UnmappedField", whole, where, f"The column {name} has no place in the graph.")
            for name, where in self.columns.items()
        )
        unreadable = (
            Gap("UnreadableValue", Subject("job", job), where, f"{name} can't be read: {problem}.")
            for name, (job, where, problem) in self.unreadable.items()
        )
        return (*unmapped, *unreadable)


def job_of(named: Mapping[str, str], where: str, unmapped: Unmapped) -> Job | None:
    """The job that the named values of one row tell of; None where they name no job."""
    values = {name: value.strip() for name, value in named.items()}
    lower = {name.lower(): value for name, value in values.items()}
    identifier = lower.get("jobid") or lower.get("jobidraw") or ""
    if not identifier:
        return None
    raw = lower.get("jobidraw") or identifier
    found: dict[str, Any] = {}
    for name, value in values.items():
        _take(name, value, identifier, where, found, unmapped)
    if "userid" in lower and (user := _USER.fullmatch(lower["userid"])):
        found["user"], found["user_id"] = user[1], int(user[2])
    found.update(_state(found.get("state")))
    job = identifier.partition(".")[0]
    return Job(
        identifier=identifier,
        job_id=raw.partition(".")[0],
        scheduler=SCHEDULER,
        **found,
        parent=job if "." in identifier else None,
    )


def _take(name: str, value: str, job: str, where: str, found: dict[str, Any], unmapped: Unmapped) -> None:
    column = name.lower()
    if value in UNKNOWN or column in IDENTIFIERS or DERIVED.fullmatch(column) is not None:
        return
    known = COLUMNS.get(column)
    if known is None:
        unmapped.columns.setdefault(name, where)
        return
    target, read = known
    try:
        taken = read(value)
    except ValueError as error:
        unmapped.unreadable.setdefault(name, (job, where, redact_text(str(error))))
        return
    # The first column of two that say one thing; both are SLURM's own.
    found.setdefault(target, taken)


def _state(state: str | None) -> dict[str, Any]:
    match = _CANCELLED.fullmatch(state or "")
    return {"state": match[1], "cancelled_by": int(match[2])} if match else {}
