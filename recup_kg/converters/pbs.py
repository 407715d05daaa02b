"""Reads what PBS tells of jobs: `qstat -f` (text, and JSON by `-F json`), and the files that a job's output and messages went to.

The name of such a file tells the job: `1871746.server.OU` or `.ER`, and `name.o1871746` or `name.e1871746`
(https://help.altair.com/2022.1.0/PBS%20Professional/PBSUserGuide2022.1.pdf, "Managing Output and Error Files"). What modules
Lmod says that it loaded is taken from its messages; all else in them is the program's own and is left there. Times have no
zone; `mem=33554kb` is in KiB.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from recup_kg.converters.sources import head, read_text, source_of
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import EnvironmentSnapshot, LoadedModule
from recup_kg.evidence.identity import facts_identity
from recup_kg.evidence.jobs import Job
from recup_kg.records import Gap, Number, Subject, Timestamp
from recup_kg.redaction import redact_text

NAME = "pbs"
VERSION = "1"
SCHEDULER = "PBS"

_SPOOLED = re.compile(r"(?P<id>(?P<number>\d{1,12}(?:\[\d*\])?)\.[A-Za-z][\w.-]*)\.(?:OU|ER)")
_NAMED = re.compile(r"(?P<name>.+)\.[oe](?P<number>\d{1,12}(?:\.\d{1,9})?)")
_OTHERS = re.compile(rb"installed packages|System_Info|Hyperparameters", re.IGNORECASE)
_JOB = re.compile(r"Job Id:[ \t]*(\S+)[ \t]*")
_ENTRY = re.compile(r"[ \t]+([A-Za-z_][\w.]*) = (.*)")
_SIZE = re.compile(r"(\d{1,30}(?:\.\d{1,9})?)(b|w|kb|mb|gb|tb|pb)", re.IGNORECASE)
_POWERS = {"b": 0, "kb": 1, "mb": 2, "gb": 3, "tb": 4, "pb": 5}
_DURATION = re.compile(r"(?:(?:(\d{1,9}):)?(\d{1,9}):)?(\d{1,12})(\.\d{1,9})?")
_REPLACED = re.compile(r'Lmod is automatically replacing "([^"\n]+)" with "([^"\n]+)"')
_RELOADED = re.compile(r"the following have been reloaded[^\n]*:\n((?:[ \t]+\d+\)[^\n]*\n?)+)")


def _whole(value: str) -> int:
    if not re.fullmatch(r"-?\d{1,18}", value):
        raise ValueError(f"no whole number: {value!r}")
    return int(value)


def seconds(value: str) -> Number:
    """The seconds of `[[HH:]MM:]SS[.fraction]`. Raises `ValueError`."""
    match = _DURATION.fullmatch(value)
    if match is None:
        raise ValueError(f"no duration: {value!r}")
    hours, minutes, rest, fraction = match.groups()
    total = Fraction(rest + (fraction or "")) + int(minutes or 0) * 60 + int(hours or 0) * 3600
    return int(total) if total.denominator == 1 else float(total)


def size_bytes(value: str) -> int:
    """The bytes of `33554kb`: powers of 1024. Raises `ValueError`; also for words (`w`), whose length is the server's."""
    match = _SIZE.fullmatch(value)
    if match is None or match[2].lower() not in _POWERS:
        raise ValueError(f"no size in bytes: {value!r}")
    factor: int = 1024 ** _POWERS[match[2].lower()]
    return round(Fraction(match[1]) * factor)


def time(value: str) -> Timestamp:
    """The time of `Thu Apr 18 15:56:50 2024`, which has no zone, or of seconds since 1970. Raises `ValueError`."""
    if re.fullmatch(r"\d{9,11}", value):
        return Timestamp(value, datetime.fromtimestamp(int(value), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    match = re.fullmatch(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})", value)
    if match is None or match[1] not in _MONTHS:
        raise ValueError(f"no time: {value!r}")
    month, day, hour, minute, second, year = match.groups()
    read = datetime(int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second))
    return Timestamp(value, read.isoformat())


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _hosts(value: str) -> tuple[str, ...]:
    """The nodes of `x3001c0s1b0n0/0*64+x3001c0s7b0n0/0*64`, each once."""
    return tuple(dict.fromkeys(part.partition("/")[0].strip("()") for part in value.split("+")))


ATTRIBUTES: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "Job_Name": ("name", redact_text),
    "job_state": ("state", str),
    "queue": ("partition", str),
    "Account_Name": ("account", str),
    "ctime": ("submitted", time),
    "stime": ("started", time),
    "start_time": ("started", time),
    "obittime": ("ended", time),
    "comp_time": ("ended", time),
    "Exit_status": ("exit_code", str),
    "exit_status": ("exit_code", str),
    "exec_host": ("nodes", _hosts),
    "resources_used.walltime": ("run_time", seconds),
    "resources_used.cput": ("cpu_time", seconds),
    "resources_used.mem": ("resident_memory", size_bytes),
    "resources_used.vmem": ("virtual_memory", size_bytes),
    "Resource_List.walltime": ("time_limit", seconds),
    "Resource_List.nodect": ("node_count", _whole),
    "Resource_List.ncpus": ("core_count", _whole),
    "Resource_List.mem": ("requested_memory", size_bytes),
    "Submit_arguments": ("command", redact_text),
    "submit_args": ("command", redact_text),
    "jobdir": ("working_directory", redact_text),
    "init_work_dir": ("working_directory", redact_text),
}
"""For each attribute of a job its field, and how its value is read."""
_ORDINARY = re.compile(
    r"Job_Owner|Checkpoint|Hold_Types|Join_Path|Keep_Files|Mail_Points|Mail_Users|Priority|Rerunable|substate"
    r"|server|mtime|qtime|etime|eligible_time|run_count|run_version|project|egroup|euser|hashname|session_id"
    r"|queue_rank|queue_type|comment|history_timestamp|accrue_type|sched_select|exec_vnode|exec_host2|schedselect"
    r"|Error_Path|Output_Path|Variable_List|umask|credential_type|estimated|Submit_Host|Stageout_status"
    r"|job_kill_delay|substate|qrank|block|forward_x11_port|pset|resources_used\.cpupercent|Remove_Files"
    r"|interactive|depend|array"
)


@dataclass(slots=True)
class _Found:
    jobs: dict[str, Job] = field(default_factory=dict)
    unmapped: dict[str, str] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)


def sniff(path: Path) -> bool:
    """Whether the file begins as `qstat -f` does, or its name is that of a job's output and its text is nothing else's."""
    start = head(path)
    if start.lstrip()[:7] == b"Job Id:":
        return True
    if start.lstrip()[:1] == b"{":
        return b'"pbs_version"' in start[:2000] and b'"Jobs"' in start
    if b"\0" in start or _OTHERS.search(start):
        return False
    return bool(_SPOOLED.fullmatch(path.name) or _NAMED.fullmatch(path.name)) and not start.startswith(b"#!")


def read(path: Path) -> Evidence:
    """The jobs. Raises `MalformedSource`."""
    text = read_text(path)
    start = text.lstrip()
    found = _Found()
    form, extra, named = "qstat -f", tuple[object, ...](), False
    if start.startswith("Job Id:"):
        _listing(path, text, found)
    elif start.startswith("{"):
        form = "qstat -f -F json"
        _document(path, text, found)
    else:
        form, extra = "output of a job", tuple(_modules(text))
        job = _spooled(path)
        found.jobs[job.identifier] = job
        named = True
    if not found.jobs:
        raise MalformedSource(
            path, "no job in it", advice="run qstat -f with the id of a job (-x for one that ended)"
        )
    records = (*found.jobs.values(), *extra)
    whole = Subject("evidence")
    unmapped = (
        Gap("UnmappedField", whole, where, f"The attribute {name} has no place in the graph.")
        for name, where in found.unmapped.items()
    )
    return Evidence(
        source=source_of(
            path, converter=NAME, version=VERSION, format_version=form, layer="JobLayer", named=named
        ),
        identity=facts_identity("pbs", records),
        label=f"{form}: {', '.join(list(found.jobs)[:3])}",
        layer="JobLayer",
        records=records,
        gaps=(*found.gaps, *unmapped),
    )


def _spooled(path: Path) -> Job:
    """The job that the name of the file tells."""
    if match := _SPOOLED.fullmatch(path.name):
        return Job(identifier=match["id"], job_id=match["number"], scheduler=SCHEDULER)
    match = _NAMED.fullmatch(path.name)
    if match is None:
        raise MalformedSource(
            path, "its name tells no job", advice="name it as PBS does: 123.server.OU, name.o123 or name.e123"
        )
    return Job(
        identifier=match["number"],
        job_id=match["number"],
        scheduler=SCHEDULER,
        name=redact_text(match["name"]),
    )


def _modules(text: str) -> Iterator[object]:
    """The modules that Lmod says it loaded in the place of others, and those that it loaded again."""
    names = [match[2] for match in _REPLACED.finditer(text)]
    for match in _RELOADED.finditer(text):
        names += re.findall(r"\d+\)[ \t]+(\S+)", match[1])
    if names:
        yield EnvironmentSnapshot(identifier="modules", label="modules that Lmod loaded", manager="lmod")
    for name in dict.fromkeys(map(redact_text, names)):
        base, slash, version = name.rpartition("/")
        yield LoadedModule(
            identifier=name,
            name=base if slash else name,
            environment="modules",
            version=version if slash else None,
        )


def _listing(path: Path, text: str, found: _Found) -> None:
    """The jobs of `qstat -f`: long values go on in lines that begin with a tab."""
    unwrapped = re.sub(r"\r?\n\t", "", text)
    name, attributes, place = "", dict[str, str](), ""
    for number, line in enumerate(unwrapped.splitlines(), 1):
        if match := _JOB.fullmatch(line):
            _add(name, attributes, place, found)
            name, attributes, place = match[1], {}, match[1]
        elif match := _ENTRY.fullmatch(line):
            attributes.setdefault(match[1], match[2])
        elif line.strip() and not line[:1].isspace():
            raise MalformedSource(
                path, "neither a job nor an attribute of one", where=f"after {name}, unfolded line {number}"
            )
    _add(name, attributes, place, found)


def _document(path: Path, text: str, found: _Found) -> None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedSource(
            path, f"not JSON: {error}", advice="the file is cut off or damaged: export it again"
        ) from error
    jobs = value.get("Jobs") if isinstance(value, dict) else None
    if not isinstance(jobs, dict):
        raise MalformedSource(path, "not an object", where="$.Jobs", advice="run qstat -f -F json again")
    for name, job in jobs.items():
        if not isinstance(job, dict):
            raise MalformedSource(
                path, "not an object", where=f"$.Jobs[{name!r}]", advice="run qstat -f -F json again"
            )
        _add(name, dict(_flat(job)), f"$.Jobs[{name!r}]", found)


def _flat(job: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in job.items():
        if isinstance(value, dict) and name in ("Resource_List", "resources_used"):
            yield from ((f"{name}.{inner}", str(item)) for inner, item in value.items())
        elif isinstance(value, str | int | float):
            yield name, str(value)
        elif _ORDINARY.fullmatch(name) is None:
            yield name, ""


def _add(name: str, attributes: Mapping[str, str], where: str, found: _Found) -> None:
    if not name:
        return
    if name in found.jobs:
        comment = "The source has another entry for this job; the first is kept."
        found.gaps.append(Gap("DuplicateEntry", Subject("job", name), where, comment))
        return
    facts: dict[str, Any] = {}
    requested: list[tuple[str, str]] = []
    for attribute, value in attributes.items():
        if attribute.startswith("Resource_List."):
            requested.append((attribute.partition(".")[2], redact_text(value)))
        if attribute in ATTRIBUTES:
            _take(attribute, value, name, where, facts, found)
        elif _ORDINARY.fullmatch(attribute) is None and not attribute.startswith("Resource_List."):
            found.unmapped.setdefault(attribute, where)
    owner = attributes.get("Job_Owner", "").partition("@")[0]
    found.jobs[name] = Job(
        identifier=name,
        job_id=name.partition(".")[0],
        scheduler=SCHEDULER,
        user=owner or None,
        requested_resources=tuple(requested),
        **facts,
    )


def _take(attribute: str, value: str, job: str, where: str, facts: dict[str, Any], found: _Found) -> None:
    target, read_value = ATTRIBUTES[attribute]
    if not value:
        return
    try:
        facts.setdefault(target, read_value(value))
    except ValueError as error:
        comment = f"{attribute} can't be read: {redact_text(str(error))}."
        found.gaps.append(Gap("UnreadableValue", Subject("job", job), where, comment))
