"""What a task scheduler tells: workers, the times in which they executed tasks, and who reported what."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from recup_kg.api.fusion_facts import described, first
from recup_kg.api.fusion_rows import Rows, integer, seconds, text
from recup_kg.fuse.facts import Stretch, Worker

_TRANSITIONS = """
SELECT ?graph ?task ?from ?to ?time ?process ?position ?worker ?thread WHERE { GRAPH ?graph {
  ?transition a recup:StateTransition ; recup:transitionOf ?task ; recup:fromState ?from ; recup:toState ?to .
  OPTIONAL { ?transition prov:atTime ?time }
  OPTIONAL { ?transition recup:reportedBy ?process }
  OPTIONAL { ?transition recup:recordPosition ?position }
  OPTIONAL { ?transition recup:reportedWorker ?worker }
  OPTIONAL { ?transition recup:reportedThreadId ?thread }
} }"""
_SUBMITTED = """
SELECT DISTINCT ?graph ?task WHERE { GRAPH ?graph { ?submission a recup:GraphSubmission ; recup:submitted ?task } }"""
_REGISTERED = """
SELECT DISTINCT ?graph ?process WHERE { GRAPH ?graph { ?registration a recup:Registration ; recup:registered ?process } }"""
_ACTING = """
SELECT DISTINCT ?graph ?process WHERE { GRAPH ?graph {
  { ?task recup:performedBy ?process } UNION { ?transfer recup:fromProcess|recup:toProcess ?process }
} }"""
_OF_SCHEDULER = frozenset(("processing", "no-worker", "queued"))
"""States that only a scheduler knows (https://distributed.dask.org/en/stable/scheduling-state.html)."""
_RUNNING = frozenset(("executing", "long-running"))


@dataclass(frozen=True, slots=True)
class Transition:
    """A state transition; `position` is its place in the source, `worker` and `thread` are what a scheduler says ran the task."""

    task: str
    before: str
    after: str
    time: float | None
    process: str | None
    position: int = 0
    worker: str | None = None
    thread: int | None = None


@dataclass(frozen=True, slots=True)
class Scheduling:
    """See `recup_kg.fuse.facts.Facts`; `listed` are the workers that registered with the scheduler."""

    workers: tuple[Worker, ...] = ()
    listed: frozenset[str] = frozenset()
    stretches: tuple[Stretch, ...] = ()
    events: Mapping[str, int] | None = None
    scheduled: frozenset[str] = frozenset()
    assigned: tuple[tuple[str, int | None], ...] = ()
    ended: frozenset[str] = frozenset()
    submitted: frozenset[str] = frozenset()
    span: tuple[float, float] | None = None


def scheduling(rows: Rows, run: str) -> Scheduling:
    """What the sources of the run tell of its scheduling."""
    transitions = _transitions(rows)
    schedulers = {item.process for item in transitions if {item.before, item.after} & _OF_SCHEDULER}
    acting = {str(row["process"]) for row in rows(_ACTING)}
    listed = {str(row["process"]) for row in rows(_REGISTERED)}
    reporting = {item.process for item in transitions if item.process is not None} - schedulers
    known = acting | listed | reporting
    workers = _workers(rows, run, known)
    own = [item for item in transitions if item.process in reporting]
    stretches = stretches_of(own)
    times = [item.time for item in own or transitions if item.time is not None]
    return Scheduling(
        workers=workers,
        listed=frozenset(listed),
        stretches=stretches,
        events=Counter(item.process for item in own if item.process is not None),
        scheduled=frozenset(item.task for item in transitions if item.process in schedulers),
        assigned=_assigned(item for item in transitions if item.process in schedulers),
        ended=frozenset(stretch.task for stretch in stretches),
        submitted=frozenset(str(row["task"]) for row in rows(_SUBMITTED)),
        span=(min(times), max(times)) if times else None,
    )


def stretches_of(transitions: Iterable[Transition]) -> tuple[Stretch, ...]:
    """The times between a worker's going to execute a task and the end of that, in order; one without an end is none."""
    by_task: dict[tuple[str, str], list[Transition]] = defaultdict(list)
    for item in transitions:
        if item.process is not None and item.time is not None:
            by_task[item.process, item.task].append(item)
    found: list[Stretch] = []
    for (process, task), listed in sorted(by_task.items()):
        begun: float | None = None
        for item in sorted(listed, key=lambda one: (one.time or 0.0, one.position)):
            if item.after in _RUNNING and begun is None:
                begun = item.time
            elif item.before in _RUNNING and item.after not in _RUNNING and begun is not None:
                found.append(Stretch(task, process, begun, item.time or begun))
                begun = None
    return tuple(found)


def _assigned(transitions: Iterable[Transition]) -> tuple[tuple[str, int | None], ...]:
    """The workers that a scheduler says brought a task to an end, with the thread where it says that."""
    found = {(item.worker, item.thread) for item in transitions if item.before == "processing"}
    pairs = [(worker, thread) for worker, thread in found if worker is not None]
    return tuple(sorted(pairs, key=lambda pair: (pair[0], pair[1] or 0)))


def _transitions(rows: Rows) -> list[Transition]:
    return [
        Transition(
            str(row["task"]),
            str(row["from"]),
            str(row["to"]),
            seconds(row["time"]),
            text(row["process"]),
            integer(row["position"]) or 0,
            text(row["worker"]),
            integer(row["thread"]),
        )
        for row in rows(_TRANSITIONS)
    ]


def _workers(rows: Rows, run: str, known: set[str]) -> tuple[Worker, ...]:
    """The processes that registered as workers, ran tasks, were an end of a transfer or reported transitions of a worker."""
    found = described(
        rows,
        "recup:Process",
        {"address": "recup:address", "host": "recup:nodeName", "process": "recup:processId"},
    )
    return tuple(
        Worker(iri, text(first(said, "address")), text(first(said, "host")), integer(first(said, "process")))
        for iri, said in sorted(found.items())
        if iri.startswith(f"{run}/") and iri in known
    )
