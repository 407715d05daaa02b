"""The JSON of SLURM (`sacct --json`, `squeue --json`, `scontrol show job|node --json`) and of jobs by their id.

https://slurm.schedmd.com/rest_api.html describes the members. Numbers are bare in old versions,
`{"set", "infinite", "number"}` in newer ones. Times are seconds since 1970 in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from recup_kg.converters.slurm.control import machine_of
from recup_kg.converters.slurm.fields import SCHEDULER, Unmapped
from recup_kg.converters.slurm.spellings import node_names
from recup_kg.converters.times import timestamp
from recup_kg.evidence.environment import Machine
from recup_kg.evidence.jobs import Job
from recup_kg.records import Gap, Subject, Timestamp
from recup_kg.redaction import redact_text

Object = Mapping[str, Any]


class Misfit(Exception):
    """A member is of another type than it must be: where, and what is wrong."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(problem)
        self.where, self.problem = where, problem


def is_by_id(value: object) -> bool:
    """Whether the JSON is jobs by their id, with their times and nodes."""
    if not isinstance(value, dict) or not value:
        return False
    return all(isinstance(job, dict) and "jobidraw" in job and "nodelist" in job for job in value.values())


def jobs_by_id(value: Object) -> list[Job]:
    """The jobs and steps of `{id: {"jobidraw", "start", "end", "nodelist"}}`; the times have no zone there. Raises `Misfit`."""
    return [_by_id(name, job) for name, job in sorted(value.items())]


def jobs_of(value: Object, unmapped: Unmapped) -> list[Job]:
    """The jobs and steps of `{"jobs": [...]}`. Raises `Misfit`."""
    found: list[Job] = []
    for index, job in enumerate(_list(value.get("jobs"), "$.jobs")):
        where = f"$.jobs[{index}]"
        main = _job(_object(job, where), where, unmapped)
        found.append(main)
        for place, step in enumerate(_list(job.get("steps") or [], f"{where}.steps")):
            found.append(
                _step(_object(step, f"{where}.steps[{place}]"), main, f"{where}.steps[{place}]", unmapped)
            )
    return found


def machines_of(value: Object, unmapped: Unmapped) -> list[Machine]:
    """The machines of `{"nodes": [...]}`. Raises `Misfit`."""
    found = []
    for index, node in enumerate(_list(value.get("nodes"), "$.nodes")):
        where = f"$.nodes[{index}]"
        node = _object(node, where)
        if not isinstance(node.get("name"), str):
            raise Misfit(f"{where}.name", "a node without a name")
        named = {ours: _node_text(node[theirs]) for theirs, ours in _NODE.items() if theirs in node}
        found.append(machine_of({name: text for name, text in named.items() if text}, where, unmapped))
    return found


def duplicates(jobs: Sequence[Job]) -> tuple[list[Job], tuple[Gap, ...]]:
    """The first of the jobs of each identifier, and a gap for each other (a requeued job has several)."""
    first: dict[str, Job] = {}
    gaps = []
    for job in jobs:
        if first.setdefault(job.identifier, job) is not job:
            comment = "The source has another entry for this job; the first is kept."
            gaps.append(Gap("DuplicateEntry", Subject("job", job.identifier), job.identifier, comment))
    return list(first.values()), tuple(gaps)


def _by_id(name: str, job: Object) -> Job:
    where = f"$[{name!r}]"
    nodes = _list(job["nodelist"], f"{where}.nodelist")
    if not all(isinstance(node, str) for node in nodes):
        raise Misfit(f"{where}.nodelist", "a node is no text")
    times = {key: job.get(key) for key in ("start", "end")}
    for key, time in times.items():
        if time is not None and not isinstance(time, str):
            raise Misfit(f"{where}.{key}", "the time is no text")
    return Job(
        identifier=name,
        job_id=str(job["jobidraw"]).partition(".")[0],
        scheduler=SCHEDULER,
        parent=name.partition(".")[0] if "." in name else None,
        started=timestamp(times["start"]) if times["start"] else None,
        ended=timestamp(times["end"]) if times["end"] else None,
        nodes=tuple(sorted(nodes)),
    )


def _job(job: Object, where: str, unmapped: Unmapped) -> Job:
    number = _number(job.get("job_id"))
    if number is None:
        raise Misfit(f"{where}.job_id", "a job without a number")
    array, task = _array(job)
    name = f"{array}_{task}" if array and task is not None else str(number)
    state = _word(_state(job))
    settled = state not in ("PENDING", "CONFIGURING", "RUNNING", "SUSPENDED", "COMPLETING", "REQUEUED")
    time = job.get("time") if isinstance(job.get("time"), dict) else {}
    assert isinstance(time, dict)
    limit = _number(time.get("limit", job.get("time_limit")))
    waiting = state in ("PENDING", "CONFIGURING")
    tres = job.get("tres") if isinstance(job.get("tres"), dict) else {}
    assert isinstance(tres, dict)
    return Job(
        identifier=name,
        job_id=str(number),
        scheduler=SCHEDULER,
        name=_text(job.get("name")),
        user=_text(job.get("user", job.get("user_name"))),
        user_id=_number(job.get("user_id")),
        account=_text(job.get("account")),
        partition=_text(job.get("partition")),
        state=state,
        exit_code=_exit(job.get("exit_code")),
        submitted=_time(time.get("submission", job.get("submit_time"))),
        started=None if waiting else _time(time.get("start", job.get("start_time"))),
        ended=_time(time.get("end", job.get("end_time"))) if settled else None,
        run_time=_number(time.get("elapsed")),
        # Minutes in SLURM's JSON.
        time_limit=None if limit is None else limit * 60,
        node_count=_number(job.get("allocation_nodes", job.get("node_count"))),
        task_count=_number(job.get("tasks")),
        core_count=_number(job.get("cpus")),
        nodes=_nodes(job.get("nodes"), name, where, unmapped),
        working_directory=_text(job.get("working_directory", job.get("current_working_directory"))),
        command=_text(job.get("submit_line") or job.get("command")),
        cpu_time=_cpu(time, "total"),
        user_cpu_time=_cpu(time, "user"),
        system_cpu_time=_cpu(time, "system"),
        requested_resources=_tres(tres.get("requested", job.get("tres_req_str"))),
        allocated_resources=_tres(tres.get("allocated", job.get("tres_alloc_str"))),
    )


def _step(step: Object, job: Job, where: str, unmapped: Unmapped) -> Job:
    inner = _object(step.get("step", {}), f"{where}.step")
    name = inner.get("id")
    if isinstance(name, dict):
        name = f"{job.job_id}.{name.get('step_id', '')}"
    if not isinstance(name, str) or "." not in name:
        raise Misfit(f"{where}.step.id", "a step without an id")
    time = _object(step.get("time", {}), f"{where}.time")
    tasks, nodes = step.get("tasks"), step.get("nodes")
    return Job(
        identifier=f"{job.identifier}.{name.partition('.')[2]}",
        job_id=job.job_id,
        scheduler=SCHEDULER,
        parent=job.identifier,
        name=_text(inner.get("name")),
        state=_word(step.get("state")),
        exit_code=_exit(step.get("exit_code")),
        started=_time(time.get("start")),
        ended=_time(time.get("end")),
        run_time=_number(time.get("elapsed")),
        task_count=_number(tasks.get("count")) if isinstance(tasks, dict) else None,
        node_count=_number(nodes.get("count")) if isinstance(nodes, dict) else None,
        nodes=_nodes(nodes.get("range"), job.identifier, where, unmapped) if isinstance(nodes, dict) else (),
        cpu_time=_cpu(time, "total"),
        user_cpu_time=_cpu(time, "user"),
        system_cpu_time=_cpu(time, "system"),
        allocated_resources=_tres(_object(step.get("tres", {}), f"{where}.tres").get("allocated")),
    )


def _number(value: object) -> int | None:
    """A whole number, bare or as `{"set", "infinite", "number"}`; None where it is not set or infinite."""
    if isinstance(value, dict):
        if value.get("set") is False or value.get("infinite") is True:
            return None
        value = value.get("number")
    if isinstance(value, str) and value.isdigit():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _time(value: object) -> Timestamp | None:
    seconds = _number(value)
    if not seconds or not 0 < seconds < 253402300800:
        return None
    return Timestamp(str(seconds), datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def _cpu(time: Object, name: str) -> float | None:
    part = time.get(name)
    if not isinstance(part, dict) or not isinstance(part.get("seconds"), int):
        return None
    return int(part["seconds"]) + int(part.get("microseconds") or 0) / 1_000_000


def _exit(value: object) -> str | None:
    """The exit code as SLURM writes it everywhere else: code and signal."""
    if isinstance(value, int):
        return f"{value >> 8}:{value & 127}"
    if not isinstance(value, dict):
        return None
    code = _number(value.get("return_code"))
    signal = value.get("signal")
    number = _number(signal.get("id", signal.get("signal_id"))) if isinstance(signal, dict) else None
    return None if code is None else f"{code}:{number or 0}"


def _tres(value: object) -> tuple[tuple[str, str], ...]:
    if isinstance(value, str):
        entries = (entry.partition("=") for entry in value.split(",") if "=" in entry)
        return tuple((name, amount) for name, _, amount in entries)
    if not isinstance(value, list):
        return ()
    named = ((_tres_name(item), item.get("count")) for item in value if isinstance(item, dict))
    return tuple((name, str(count)) for name, count in named if isinstance(count, int) and count >= 0)


def _tres_name(item: Object) -> str:
    return f"{item.get('type')}/{item['name']}" if item.get("name") else str(item.get("type"))


def _array(job: Object) -> tuple[int | None, int | None]:
    array = job.get("array")
    if isinstance(array, dict):
        return _number(array.get("job_id")) or None, _number(array.get("task_id"))
    return _number(job.get("array_job_id")) or None, _number(job.get("array_task_id"))


def _state(job: Object) -> object:
    state = job.get("state", job.get("job_state"))
    return state.get("current") if isinstance(state, dict) else state


def _word(value: object) -> str | None:
    if isinstance(value, list):
        value = value[0] if value else None
    return value if isinstance(value, str) and value else None


def _text(value: object) -> str | None:
    return redact_text(value) if isinstance(value, str) and value else None


def _nodes(value: object, job: str, where: str, unmapped: Unmapped) -> tuple[str, ...]:
    if not isinstance(value, str) or value in ("", "None assigned", "(null)"):
        return ()
    try:
        return node_names(value)
    except ValueError as error:
        unmapped.unreadable.setdefault("nodes", (job, where, str(error)))
        return ()


def _node_text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    number = _number(value)
    return str(number) if number is not None else value if isinstance(value, str) else ""


def _object(value: object, where: str) -> Object:
    if not isinstance(value, dict):
        raise Misfit(where, "not an object")
    return value


def _list(value: object, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise Misfit(where, "not an array")
    return value


def without_parents(jobs: Sequence[Job]) -> tuple[Job, ...]:
    """The jobs; a step whose job is not among them has no link to it (its job id says it)."""
    known = {job.identifier for job in jobs}
    return tuple(job if job.parent in known else replace(job, parent=None) for job in jobs)


_NODE = {
    "name": "NodeName",
    "architecture": "Arch",
    "operating_system": "OS",
    "cpus": "CPUTot",
    "sockets": "Sockets",
    "cores": "CoresPerSocket",
    "threads": "ThreadsPerCore",
    "real_memory": "RealMemory",
    "features": "AvailableFeatures",
    "gres": "Gres",
    "tres": "CfgTRES",
}
