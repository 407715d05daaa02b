"""Reads what SLURM tells of jobs and nodes: `sacct`, `squeue --json`, `scontrol show job|node`, and jobs by their id as JSON.

Times without a zone keep none. The format version is the command whose form the file has.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from recup_kg.converters.slurm import accounting, control, documents
from recup_kg.converters.slurm.fields import Unmapped
from recup_kg.converters.sources import head, read_text, source_of
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import Machine
from recup_kg.evidence.identity import facts_identity
from recup_kg.evidence.jobs import Job
from recup_kg.records import Gap

NAME = "slurm"
VERSION = "1"

_MEMBERS = re.compile(rb'"(?:jobs|nodes)"\s*:\s*\[')
_OF_SLURM = re.compile(rb'"(?:job_state|job_id|real_memory|slurmd_start_time)"\s*:')
_BY_ID = re.compile(rb'\s*\{\s*"[\w.+\[\]-]{1,60}"\s*:\s*\{\s*"(?:jobidraw|start|end|nodelist)"\s*:')


def sniff(path: Path) -> bool:
    """Whether the file begins as one of the forms does."""
    start = head(path)
    if start.lstrip()[:1] == b"{":
        if _BY_ID.match(start):
            return b'"jobidraw"' in start
        return bool(_MEMBERS.search(start) and _OF_SLURM.search(start))
    text = start.decode(errors="replace").lstrip("\ufeff\r\n")
    first = text.partition("\n")[0].rstrip("\r")
    return _form(first) is not None


def members(path: Path) -> tuple[Path, ...]:
    """The file, and for a table without a header the file beside it that names the columns."""
    text = head(path, 4096).decode(errors="replace").lstrip("\ufeff\r\n")
    if _form(text.partition("\n")[0].rstrip("\r")) == "sacct without header":
        neighbour = accounting.describing(path)
        return (path,) if neighbour is None else (path, neighbour)
    return (path,)


def read(path: Path) -> Evidence:
    """The jobs and machines. Raises `MalformedSource`."""
    text = read_text(path)
    if not text.strip():
        raise MalformedSource(path, "the file is empty", advice="run the command again")
    unmapped = Unmapped()
    form, records, gaps = (
        _document(path, text, unmapped) if text.lstrip()[:1] == "{" else _table(path, text, unmapped)
    )
    if not records:
        raise MalformedSource(path, "no job and no node in it", advice="check the command that made it")
    files = members(path)
    return Evidence(
        source=source_of(
            path,
            converter=NAME,
            version=VERSION,
            format_version=form,
            layer="JobLayer",
            members=files if len(files) > 1 else (),
        ),
        identity=facts_identity("slurm", records),
        label=_label(form, records),
        layer="JobLayer",
        records=records,
        gaps=(*gaps, *unmapped.gaps()),
    )


def _form(first: str) -> str | None:
    if control.FIRST.match(first):
        return "scontrol"
    if accounting.is_headed(first):
        return "sacct"
    return "sacct without header" if accounting.is_headless(first) else None


def _table(path: Path, text: str, unmapped: Unmapped) -> tuple[str, tuple[object, ...], tuple[Gap, ...]]:
    form = _form(text.lstrip("\r\n").partition("\n")[0].rstrip("\r"))
    if form == "scontrol":
        return _blocks(text, unmapped)
    if form is None:
        raise MalformedSource(
            path,
            "neither a table of sacct nor what scontrol shows",
            where="line 1",
            advice="export it with sacct --parsable2 and its header, or scontrol show job or node",
        )
    jobs, gaps = documents.duplicates(accounting.read_table(path, text, unmapped))
    return "sacct", documents.without_parents(jobs), gaps


def _blocks(text: str, unmapped: Unmapped) -> tuple[str, tuple[object, ...], tuple[Gap, ...]]:
    jobs: list[Job] = []
    machines: dict[str, Machine] = {}
    for number, record in control.blocks(text):
        if record.startswith("NodeName="):
            machine = control.read_node(record, f"line {number}", unmapped)
            machines.setdefault(machine.identifier, machine)
        elif (job := control.read_job(record, f"line {number}", unmapped)) is not None:
            jobs.append(job)
    kept, gaps = documents.duplicates(jobs)
    return "scontrol", (*documents.without_parents(kept), *machines.values()), gaps


def _document(path: Path, text: str, unmapped: Unmapped) -> tuple[str, tuple[object, ...], tuple[Gap, ...]]:
    value = _json(path, text)
    try:
        if documents.is_by_id(value):
            jobs, gaps = documents.duplicates(documents.jobs_by_id(value))
            return "jobs by id", documents.without_parents(jobs), gaps
        if isinstance(value.get("nodes"), list):
            return "JSON", tuple(documents.machines_of(value, unmapped)), ()
        jobs, gaps = documents.duplicates(documents.jobs_of(value, unmapped))
        return "JSON", documents.without_parents(jobs), gaps
    except documents.Misfit as error:
        raise MalformedSource(path, error.problem, where=error.where, advice="export it again") from error


def _json(path: Path, text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedSource(
            path, f"not JSON: {error}", advice="the file is cut off or damaged: export it again"
        ) from error
    if not isinstance(value, dict):
        raise MalformedSource(path, "not an object", where="$", advice="export it again")
    return value


def _label(form: str, records: tuple[object, ...]) -> str:
    return f"{form}: {len(records)} {'entry' if len(records) == 1 else 'entries'}"
