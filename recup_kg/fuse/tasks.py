"""Which process ran a task, and what the task did to which file."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from recup_kg.fuse.facts import Facts, Group, Segment, Task
from recup_kg.fuse.hosts import same
from recup_kg.fuse.intervals import Intervals
from recup_kg.fuse.roles import Role, role, worker_groups
from recup_kg.fuse.workers import WorkerJoin
from recup_kg.fusions import Access, Certainty, Link, Unjoined

RAN_IN = "ranIn"
_CLOCK = 1.0
"""Seconds that clocks may differ by where a tool records whole seconds."""
_WEAKER = {Certainty.EXACT: 0, Certainty.INTERVAL: 1, Certainty.CANDIDATE: 2}

NO_WORKER = "no source tells which worker this process was, so none of its operations has a task"
NO_TASKS = "not a worker by its command line, so its operations are of no task"
NO_TASK_THREAD = "on threads that ran no task"
OUTSIDE = "outside the times of the tasks"
SEVERAL = "within the times of several tasks"


def weakest(*given: Certainty) -> Certainty:
    """The least sure of them."""
    return max(given, key=_WEAKER.__getitem__)


def join_tasks(facts: Facts, workers: WorkerJoin) -> tuple[list[Link], list[Unjoined]]:
    """The links between tasks and process groups: by their worker, else by host, time and program."""
    links: list[Link] = []
    alone: list[Task] = []
    for task in facts.tasks:
        group = workers.group_of.get(task.worker or "")
        if group is not None and task.worker is not None:
            links.append(Link(task.iri, RAN_IN, group, "worker", workers.certainty[task.worker]))
        elif task.worker is None and task.start is not None and task.end is not None:
            alone.append(task)
    more, unjoined = _by_time(alone, [group for group in facts.groups if group.iri not in workers.taken])
    return links + more, unjoined


def _by_time(tasks: Sequence[Task], groups: Iterable[Group]) -> tuple[list[Link], list[Unjoined]]:
    times = Intervals(
        (task.start - _CLOCK, task.end + _CLOCK, task)
        for task in tasks
        if task.start is not None and task.end is not None
    )
    links: list[Link] = []
    unjoined: list[Unjoined] = []
    for group in groups:
        if group.start is None or group.end is None or role(group.command) is Role.LAUNCHER:
            continue
        fitting = [task for task in times.containing(group.start, group.end) if _may_be(task, group)]
        shared = _shared(fitting[0], group) if len(fitting) == 1 else ()
        if shared:
            certainty = Certainty.INTERVAL if "host" in shared else Certainty.CANDIDATE
            method = f"{', '.join(shared)} and time"
            links.append(Link(fitting[0].iri, RAN_IN, group.iri, method, certainty))
        elif len(fitting) == 1:
            unjoined.append(Unjoined(group.iri, "nothing but its time fits a task", 1))
        elif fitting:
            unjoined.append(Unjoined(group.iri, "several tasks ran there at that time", len(fitting)))
    return links, unjoined


def _shared(task: Task, group: Group) -> tuple[str, ...]:
    """What both are known to have in common, where both may be the same."""
    host = ("host",) if task.hosts and group.hosts else ()
    program = ("program",) if task.program is not None and group.command else ()
    return (*host, *program)


def _may_be(task: Task, group: Group) -> bool:
    if task.hosts and group.hosts and not any(same(one, two) for one in task.hosts for two in group.hosts):
        return False
    words = [PurePosixPath(word).name for word in (group.command or "").split()[:2]]
    return task.program is None or not words or PurePosixPath(task.program).name in words


@dataclass(slots=True)
class _Sums:
    certainty: Certainty = Certainty.EXACT
    reads: int = 0
    writes: int = 0
    read_bytes: int = 0
    written_bytes: int = 0
    seconds: float = 0.0

    def add(self, segment: Segment, certainty: Certainty) -> None:
        self.certainty = weakest(self.certainty, certainty)
        if segment.operation == "write":
            self.writes += 1
            self.written_bytes += segment.length
        else:
            self.reads += 1
            self.read_bytes += segment.length
        self.seconds += segment.end - segment.start


def join_accesses(facts: Facts, workers: WorkerJoin) -> tuple[list[Access], list[Unjoined]]:
    """What each task did to each file, from the traced operations that fall within one task only."""
    worker_of = {group: worker for worker, group in workers.group_of.items()}
    tasks: dict[str, list[Task]] = defaultdict(list)
    for task in facts.tasks:
        if task.worker is not None:
            tasks[task.worker].append(task)
    stretches: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    for stretch in facts.stretches:
        stretches[stretch.worker].append((stretch.start, stretch.end, stretch.task))
    sums: dict[tuple[str, str, str], _Sums] = defaultdict(_Sums)
    unjoined: list[Unjoined] = []
    candidates = {group.iri for group in worker_groups(facts.groups)}
    for group, segments in sorted(facts.segments.items()):
        worker = worker_of.get(group)
        if worker is None:
            if segments and facts.workers:
                reason = NO_WORKER if group in candidates else NO_TASKS
                unjoined.append(Unjoined(group, reason, segments=len(segments)))
            continue
        times = Times(tasks[worker], stretches[worker])
        unjoined += _of_group(group, segments, times, workers.certainty[worker], sums)
    return [
        Access(
            task, file, module, total.certainty, total.reads, total.writes, total.read_bytes, total.written_bytes,
            total.seconds,
        )
        for (task, file, module), total in sorted(sums.items())
    ], unjoined  # fmt: skip


def _of_group(
    group: str,
    segments: Sequence[Segment],
    times: Times,
    certainty: Certainty,
    sums: dict[tuple[str, str, str], _Sums],
) -> list[Unjoined]:
    left: Counter[str] = Counter()
    first = min(segments, key=lambda item: item.start).thread if segments else None
    # Durations are summed in the order of time, so that the sum does not depend on the order of the rows.
    for segment in sorted(segments):
        task, sure, reason = times.task_of(segment, first)
        if task is None:
            left[reason] += 1
        else:
            sums[task, segment.file, segment.module].add(segment, weakest(sure, certainty))
    return [Unjoined(group, reason, segments=count) for reason, count in sorted(left.items())]


class Times:
    """When a worker executed which task, for each thread where sources say so."""

    def __init__(self, tasks: Sequence[Task], stretches: Sequence[tuple[float, float, str]]) -> None:
        self.own_clock = bool(stretches)
        given = list(stretches) or [
            (task.start, task.end, task.iri)
            for task in tasks
            if task.start is not None and task.end is not None
        ]
        thread_of = {task.iri: task.thread for task in tasks if task.thread is not None}
        by_thread: dict[int, list[tuple[float, float, str]]] = defaultdict(list)
        for item in given:
            if item[2] in thread_of:
                by_thread[thread_of[item[2]]].append(item)
        self.threads = {thread: Intervals(items) for thread, items in by_thread.items()}
        self.all = Intervals(item for item in given if item[2] not in thread_of)

    def task_of(self, segment: Segment, first: int | None) -> tuple[str | None, Certainty, str]:
        """The one task that an operation is of, how sure that is, or why there is none; `first` is the process's first thread."""
        thread = segment.thread
        if thread is not None and thread in self.threads:
            task, count = self.threads[thread].only(segment.start, segment.end)
            sure = Certainty.EXACT if self.own_clock else Certainty.INTERVAL
            if task is not None or not len(self.all):
                return task, sure, SEVERAL if count else OUTSIDE
        if thread is not None and (thread == first or not len(self.all)):
            return None, Certainty.INTERVAL, NO_TASK_THREAD
        task, count = self.all.only(segment.start, segment.end)
        if task is not None and thread is None and self.threads:
            return None, Certainty.INTERVAL, SEVERAL
        return task, Certainty.INTERVAL, SEVERAL if count else OUTSIDE
