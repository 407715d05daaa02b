"""A Dask cluster as sources tell of it, made by hand: two nodes, workers, their processes as Darshan saw them, their tasks."""

from __future__ import annotations

from dataclasses import replace

from recup_kg.fuse import Facts
from recup_kg.fuse.facts import Group, Member, Segment, Stretch, Task, TransferFact, Worker

RUN = "https://w3id.org/recup/run/r"
POOL = 1 << 44
NANNY = "python dask worker --scheduler-file=s.json"
SPAWNED = (
    "python -c from multiprocessing.spawn import spawn_main; spawn_main(pipe_handle=1) --multiprocessing-fork"
)
TABLES = (
    "scheduler_transition.csv",
    "worker_transition.csv",
    "worker_transfer.csv",
    "graph.csv",
    "worker.csv",
)


def worker(host: int, number: int) -> Worker:
    """A worker that only its address is known of."""
    address = f"tcp://10.0.0.{host}:{4000 + number}"
    return Worker(f"{RUN}/process/{host}-{number}", address)


def group(host: int, number: int, command: str = SPAWNED) -> Group:
    """The process of a worker, or of its nanny, as Darshan saw it."""
    kind = "worker" if command == SPAWNED else "nanny"
    return Group(
        f"https://w3id.org/recup/evidence/{kind}-{host}-{number}/process-group/1",
        tool="darshan",
        command=command,
        start=100.0,
        end=200.0,
        hosts=(f"node{host}",),
    )


def cluster(
    hosts: int = 2,
    workers: int = 2,
    *,
    threads: bool = True,
    idle: tuple[tuple[int, int], ...] = (),
    silent: tuple[tuple[int, int], ...] = (),
    files: tuple[str, ...] = TABLES,
) -> Facts:
    """Each worker that is not `idle` runs ten tasks, reads a file in each, and gets data from the first that is not idle.

    The transitions of `silent` workers did not arrive. `threads` says whether the scheduler's transitions did, which name them.
    """
    facts = Facts(RUN, members=(Member("g", RUN, "dask", files),), span=(100.0, 200.0))
    slots = [(host, number) for host in range(1, hosts + 1) for number in range(workers)]
    busy = [slot for slot in slots if slot not in idle]
    tasks, stretches, segments = [], [], {}
    for order, slot in enumerate(busy):
        mine = worker(*slot).iri
        rows = [segment(101.0 + order, 0.1, thread=order, name="start")]
        for number in range(10):
            # Workers take turns, so that each one's operations fit its own tasks alone.
            begin = 110.0 + 8 * number + 8.0 * order / len(busy)
            name = f"{RUN}/task/{order}-{number}"
            thread = POOL + order if threads else None
            tasks.append(Task(name, worker=mine if slot not in silent else None, thread=thread))
            if slot not in silent:
                stretches.append(Stretch(name, mine, begin, begin + 1.0))
            rows.append(segment(begin + 0.2, 0.1, thread=POOL + order, name=f"in-{order}-{number}"))
            rows.append(segment(begin + 0.4, 0.1, thread=POOL + order, name=f"in-{order}-{number}"))
        segments[group(*slot).iri] = tuple(rows)
    first = worker(*busy[0]).iri
    telling = [worker(*slot).iri for slot in busy if slot not in silent]
    moved = [(first, worker(*slot).iri) for slot in busy[1:]]
    transfers = [TransferFact(*pair, end) for pair in moved for end in pair if end in telling]
    return replace(
        facts,
        tasks=tuple(tasks),
        stretches=tuple(stretches),
        segments=segments,
        workers=tuple(worker(*slot) for slot in slots),
        listed_workers=frozenset(worker(*slot).iri for slot in slots),
        groups=(*(group(*slot) for slot in slots), *(group(*slot, NANNY) for slot in slots)),
        transfers=tuple(transfers),
        events=dict.fromkeys(telling, 60),
        ended=frozenset(stretch.task for stretch in stretches),
        scheduled=frozenset(task.iri for task in tasks) if threads else frozenset(),
        assigned=tuple((worker(*slot).iri, POOL + order) for order, slot in enumerate(busy))
        if threads
        else (),
        submitted=frozenset(task.iri for task in tasks),
    )


def segment(
    start: float, length: float, *, thread: int | None, name: str, operation: str = "read"
) -> Segment:
    """A traced operation of 64 bytes."""
    return Segment(
        "DXT_POSIX",
        f"https://w3id.org/recup/evidence/e/file/{name}",
        operation,
        64,
        start,
        start + length,
        thread,
    )
