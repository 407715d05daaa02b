"""Which job process groups and the execution were part of: by the scheduler's id, the user and the time.

A job's times may have no zone. Then the offsets from UTC of whole quarter hours are tried at which all process groups that state
the job's id lie within it: what fits is derived, and the link says so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone

from recup_kg.fuse.facts import Facts, Group, Job
from recup_kg.fuse.hosts import key
from recup_kg.fusions import Certainty, Link, Unjoined

PART_OF_JOB = "partOfJob"
_QUARTERS = tuple(range(-12 * 4, 14 * 4 + 1))
_SLACK = 2.0
"""Seconds by which clocks of whole seconds may disagree."""
_WHOLE = (".extern", ".batch")
"""Steps that last as long as the job and are no launch of a program."""
_NUMBER = re.compile(r"\s*(\d+(?:\[\d*\]|_\d+)?)")


def job_key(job_id: str) -> str:
    """The id without server and step: `1871749.polaris-pbs-01` and `1871749` are one job, so are `7.0`, `7.extern` and `7`."""
    match = _NUMBER.match(job_id)
    return match[1] if match else job_id.strip()


def is_step(job: Job) -> bool:
    """Is it a step of a job?"""
    suffix = job.job_id.strip()[len(job_key(job.job_id)) :]
    return job.parent is not None or bool(re.fullmatch(r"\.(\d+|batch|extern|interactive)", suffix))


def _is_whole(job: Job) -> bool:
    return job.job_id.endswith(_WHOLE) or job.iri.endswith(_WHOLE)


def seconds(moment: datetime, offset: int) -> float:
    """Seconds since the epoch, of a time without zone at an offset from UTC in quarter hours."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone(timedelta(minutes=15 * offset)))
    return moment.timestamp()


def offset_text(offset: int) -> str:
    """An offset in quarter hours as `+01:00`."""
    return f"{'-' if offset < 0 else '+'}{abs(offset) // 4:02d}:{abs(offset) % 4 * 15:02d}"


def fitting_offsets(job: Job, groups: Iterable[Group]) -> tuple[int, ...]:
    """The offsets at which all groups lie within the job; with a zone 0 alone, or nothing. Whatever has no time fits."""
    if job.start is None and job.end is None:
        return (0,)
    listed = list(groups)
    zoned = all(moment is None or moment.tzinfo is not None for moment in (job.start, job.end))
    return tuple(
        offset
        for offset in ((0,) if zoned else _QUARTERS)
        if all(_within(group, job, offset) for group in listed)
    )


def _within(group: Group, job: Job, offset: int) -> bool:
    start, end = group.start, group.end if group.end is not None else group.start
    if start is None or end is None:
        return True
    if job.start is not None and start < seconds(job.start, offset) - _SLACK:
        return False
    return job.end is None or end <= seconds(job.end, offset) + _SLACK


def join_jobs(facts: Facts) -> tuple[list[Link], list[Unjoined]]:
    """The links between process groups or the execution, and jobs."""
    groups: dict[str, list[Group]] = defaultdict(list)
    for group in facts.groups:
        if group.job is not None:
            groups[job_key(group.job)].append(group)
    links: list[Link] = []
    unjoined: list[Unjoined] = []
    found: dict[str, tuple[int, ...]] = {}
    jobs = sorted(facts.jobs, key=lambda job: job.iri)
    for job in jobs:
        mine = groups.get(job_key(job.job_id), [])
        if is_step(job) or not mine:
            continue
        more, offsets, alone = _of_job(job, mine)
        found[job_key(job.job_id)] = offsets
        links += more
        unjoined += alone
    links += _steps(jobs, groups, found)
    return links + _execution(facts, jobs, {link.object for link in links}), unjoined


def _of_job(job: Job, mine: Sequence[Group]) -> tuple[list[Link], tuple[int, ...], list[Unjoined]]:
    users = [group for group in mine if None in (job.user_id, group.user_id) or job.user_id == group.user_id]
    offsets = fitting_offsets(job, users)
    if not users or not offsets:
        reason = "the job of that id has other times" if users else "the job of that id is of another user"
        return [], (), [Unjoined(group.iri, reason, 1) for group in users or mine]
    timed = job.start is not None and job.end is not None and all(group.start is not None for group in users)
    zoned = job.start is not None and job.start.tzinfo is not None
    agrees = job.user_id is not None and all(group.user_id is not None for group in users)
    if timed and zoned:
        certainty, method, comment = Certainty.EXACT, "job id and time", None
    elif timed:
        certainty, method = Certainty.INTERVAL, "job id and time, with an offset from UTC that is derived"
        comment = _told(offsets)
    elif agrees:
        certainty, method, comment = Certainty.EXACT, "job id and user", None
    else:
        certainty, method = Certainty.CANDIDATE, "job id"
        comment = (
            "no time and no user to check it by; without a scheduler a tool gives the process id instead"
        )
    zone = offset_text(offsets[0]) if timed and not zoned and len(offsets) == 1 else None
    links = [Link(group.iri, PART_OF_JOB, job.iri, method, certainty, comment, zone) for group in users]
    return links, offsets if timed else (), []


def _told(offsets: Sequence[int]) -> str:
    if len(offsets) == 1:
        text = offset_text(offsets[0])
        return (
            f"the job's times have no zone; UTC{text} is the only offset in quarter hours at which they fit"
        )
    first, last = offset_text(offsets[0]), offset_text(offsets[-1])
    return f"the job's times have no zone; {len(offsets)} offsets from UTC{first} to UTC{last} fit"


def _steps(
    jobs: Sequence[Job], groups: dict[str, list[Group]], found: dict[str, tuple[int, ...]]
) -> list[Link]:
    """Groups within one step only, where the offset is known."""
    links: list[Link] = []
    steps: dict[str, list[Job]] = defaultdict(list)
    for job in jobs:
        if is_step(job) and job.start and job.end and not _is_whole(job):
            steps[job_key(job.job_id)].append(job)
    for number, listed in sorted(steps.items()):
        offsets = found.get(number) or fitting_offsets(_hull(listed), groups.get(number, ()))
        if len(offsets) != 1:
            continue
        for group in groups.get(number, ()):
            inside = [step for step in listed if group.start is not None and _within(group, step, offsets[0])]
            if len(inside) == 1:
                zone = offset_text(offsets[0]) if inside[0].start and inside[0].start.tzinfo is None else None
                links.append(
                    Link(
                        group.iri, PART_OF_JOB, inside[0].iri, "job id, and the time of the step", Certainty.INTERVAL,
                        None, zone,
                    )
                )  # fmt: skip
    return links


def _hull(steps: Sequence[Job]) -> Job:
    """The time from the first to the last step, as a job."""
    starts = [step.start for step in steps if step.start]
    ends = [step.end for step in steps if step.end]
    return Job("", steps[0].job_id, start=min(starts, key=_epoch), end=max(ends, key=_epoch))


def _epoch(moment: datetime) -> float:
    return seconds(moment, 0)


def _execution(facts: Facts, jobs: Sequence[Job], linked: set[str]) -> list[Link]:
    """The job of the execution: the only one that its sources tell of."""
    top = [job for job in jobs if not is_step(job)]
    if len({job_key(job.job_id) for job in top}) != 1:
        return []
    listed = {key(node.name) for node in facts.nodes if node.listed}
    links: list[Link] = []
    for job in top:
        if job.nodes and listed and {key(name) for name in job.nodes} == listed:
            link = Link(facts.run, PART_OF_JOB, job.iri, "nodes", Certainty.EXACT, "both list the same nodes")
        elif job.iri in linked:
            link = Link(
                facts.run,
                PART_OF_JOB,
                job.iri,
                "processes",
                Certainty.INTERVAL,
                "its processes are part of the job",
            )
        else:
            text = "the only job that the sources of this execution tell of"
            link = Link(facts.run, PART_OF_JOB, job.iri, "exclusion", Certainty.CANDIDATE, text)
        links.append(link)
    return links
