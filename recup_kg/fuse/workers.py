"""Which process of a task scheduler is which process that a tool observed, and which host is behind an address.

Four ways, the surest first; each link takes its two ends out of what is left:

1. *process id and host*, where both sources state both;
2. *thread*: the scheduler names the thread that ran a task by its address in memory (`pthread_self`), and so does the trace of
   operations of exactly one process. Two processes can't have it by accident where it is such an address;
3. *times*: the threads of exactly one process did all their traced operations within the times in which this worker executed
   tasks, and of exactly this worker;
4. *only candidate*: one worker and one process are left on a host.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from recup_kg.fuse.facts import Facts, Group, Segment, Stretch, Worker
from recup_kg.fuse.hosts import host_of_address, is_ip, key, same
from recup_kg.fuse.intervals import Intervals
from recup_kg.fuse.roles import worker_groups
from recup_kg.fusions import Certainty, Link, Unjoined

OBSERVED_AS = "observedAs"
MINIMUM_EVIDENCE = 10
"""Traced operations that two processes must share in time before times join them; fewer agree by chance."""
MARGIN = 2
"""How many times as many operations must fit as for the second best."""
_SMALLEST_ADDRESS = 1 << 32
"""Thread ids below are numbers of the kernel or of a library, and not of one process alone."""


@dataclass(slots=True)
class WorkerJoin:
    """`group_of` gives the process group of each worker that has one; `host_of` the host of each address, as
    sources spell it, `host_certainty` how sure that is."""

    links: list[Link] = field(default_factory=list)
    unjoined: list[Unjoined] = field(default_factory=list)
    group_of: dict[str, str] = field(default_factory=dict)
    certainty: dict[str, Certainty] = field(default_factory=dict)
    host_of: dict[str, str] = field(default_factory=dict)
    host_certainty: dict[str, Certainty] = field(default_factory=dict)

    @property
    def taken(self) -> set[str]:
        return set(self.group_of.values())


def address_of(worker: Worker) -> str | None:
    """The host that a worker's source states, or the host part of its address."""
    return worker.host or host_of_address(worker.address)


def join_workers(facts: Facts) -> WorkerJoin:
    """The links between workers and process groups."""
    join = WorkerJoin()
    groups = {group.iri: group for group in worker_groups(facts.groups)}
    workers = {worker.iri: worker for worker in sorted(facts.workers, key=lambda worker: worker.iri)}
    if not workers or not groups:
        return join
    _by_process_id(join, workers.values(), groups.values())
    _by_thread(join, facts, workers, groups)
    _hosts(join, workers, groups)
    _by_times(join, facts, workers, groups)
    _hosts(join, workers, groups)
    _host_left(join, workers, groups)
    _by_exclusion(join, workers, groups)
    return join


def _link(join: WorkerJoin, worker: str, group: str, method: str, certainty: Certainty, comment: str) -> None:
    join.links.append(Link(worker, OBSERVED_AS, group, method, certainty, comment))
    join.group_of[worker] = group
    join.certainty[worker] = certainty


def _by_process_id(join: WorkerJoin, workers: Iterable[Worker], groups: Iterable[Group]) -> None:
    listed = list(groups)
    for worker in workers:
        host = address_of(worker)
        if worker.process_id is None or host is None or is_ip(host):
            continue
        fitting = [
            group
            for group in listed
            if group.process_id == worker.process_id and any(same(host, other) for other in group.hosts)
        ]
        if len(fitting) == 1 and fitting[0].iri not in join.taken:
            text = f"both sources state process {worker.process_id} on {host}"
            _link(join, worker.iri, fitting[0].iri, "process id and host", Certainty.EXACT, text)


def _by_thread(
    join: WorkerJoin, facts: Facts, workers: Mapping[str, Worker], groups: Mapping[str, Group]
) -> None:
    traced: dict[int, set[str]] = defaultdict(set)
    for iri in groups:
        for thread in {segment.thread for segment in facts.segments.get(iri, ())}:
            if thread is not None and thread >= _SMALLEST_ADDRESS:
                traced[thread].add(iri)
    named: dict[int, set[str]] = defaultdict(set)
    for task in facts.tasks:
        if task.thread is not None and task.worker is not None and task.worker in workers:
            named[task.thread].add(task.worker)
    for worker, thread in facts.assigned:
        if thread is not None and worker in workers:
            named[thread].add(worker)
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for thread, names in named.items():
        if len(names) == 1 and len(traced.get(thread, ())) == 1:
            votes[next(iter(names))][next(iter(traced[thread]))] += 1
    for worker in sorted(votes):
        if worker in join.group_of or len(votes[worker]) != 1:
            continue
        group, count = next(iter(votes[worker].items()))
        if group not in join.taken:
            text = f"both sources name the same {_threads(count)}"
            _link(join, worker, group, "thread", Certainty.EXACT, text)


def _threads(count: int) -> str:
    return "thread" if count == 1 else f"{count} threads"


def _by_times(
    join: WorkerJoin, facts: Facts, workers: Mapping[str, Worker], groups: Mapping[str, Group]
) -> None:
    stretches: dict[str, list[Stretch]] = defaultdict(list)
    for stretch in facts.stretches:
        if stretch.worker in workers and stretch.worker not in join.group_of:
            stretches[stretch.worker].append(stretch)
    free = [iri for iri in sorted(groups) if iri not in join.taken and facts.segments.get(iri)]
    # Most pairs fail at their first operations, so this is far from the product of all.
    threads = {iri: pools(facts.segments[iri]) for iri in free}
    share: dict[tuple[str, str], int] = {}
    for worker in sorted(stretches):
        times = Intervals((item.start, item.end, item.task) for item in stretches[worker])
        for group in free:
            if _may_be(join, workers[worker], groups[group]):
                share[worker, group] = agreeing(threads[group], times)
    for worker in sorted(stretches):
        best = _best([(share.get((worker, iri), 0), iri) for iri in free])
        if best is None or _best([(share.get((other, best), 0), other) for other in stretches]) != worker:
            continue
        count = share[worker, best]
        text = f"{count} traced operations, all of their threads within the times of tasks of this worker and of no other"
        _link(join, worker, best, "times", Certainty.INTERVAL, text)


def pools(segments: Sequence[Segment]) -> list[list[Segment]]:
    """The traced operations of each thread but the first, which starts before any task and serves the process itself."""
    by_thread: dict[int | None, list[Segment]] = defaultdict(list)
    for segment in segments:
        by_thread[segment.thread].append(segment)
    first = min(segments, key=lambda item: item.start).thread if segments else None
    return [listed for thread, listed in by_thread.items() if thread not in (None, first)]


def agreeing(threads: Iterable[Sequence[Segment]], times: Intervals[str]) -> int:
    """The traced operations of those threads that did nothing outside the intervals."""
    return sum(
        len(listed)
        for listed in threads
        if all(next(times.containing(item.start, item.end), None) is not None for item in listed)
    )


def _best(scored: Sequence[tuple[int, str]]) -> str | None:
    """The name with the highest score, if that is enough and well above the second."""
    ordered = sorted(scored, key=lambda item: (-item[0], item[1]))
    if not ordered or ordered[0][0] < MINIMUM_EVIDENCE:
        return None
    if len(ordered) > 1 and ordered[0][0] < MARGIN * ordered[1][0]:
        return None
    return ordered[0][1]


def _may_be(join: WorkerJoin, worker: Worker, group: Group) -> bool:
    """False where the hosts are known to be different."""
    host = address_of(worker)
    known = join.host_of.get(host, None if host is None or is_ip(host) else host) if host else None
    return known is None or not group.hosts or any(same(known, other) for other in group.hosts)


def _hosts(join: WorkerJoin, workers: Mapping[str, Worker], groups: Mapping[str, Group]) -> None:
    """The host of each address whose linked workers all are on one."""
    seen: dict[str, dict[str, str]] = defaultdict(dict)
    sure: dict[str, set[Certainty]] = defaultdict(set)
    for worker, group in join.group_of.items():
        address, hosts = address_of(workers[worker]), groups[group].hosts
        if address is not None and len(hosts) == 1:
            seen[address][key(hosts[0])] = hosts[0]
            sure[address].add(join.certainty[worker])
    for address, hosts_seen in seen.items():
        if len(hosts_seen) == 1:
            join.host_of[address] = next(iter(hosts_seen.values()))
            exact = Certainty.EXACT in sure[address]
            join.host_certainty[address] = Certainty.EXACT if exact else Certainty.INTERVAL


def _host_left(join: WorkerJoin, workers: Mapping[str, Worker], groups: Mapping[str, Group]) -> None:
    """The last address is the last host, where there are as many hosts as addresses."""
    addresses = {address for worker in workers.values() if (address := address_of(worker))}
    for address in addresses:
        if not is_ip(address):
            join.host_of.setdefault(address, address)
            join.host_certainty.setdefault(address, Certainty.EXACT)
    hosts = {key(host): host for group in groups.values() for host in group.hosts}
    if len(hosts) != len(addresses) or any(not group.hosts for group in groups.values()):
        return
    rest = sorted(addresses - set(join.host_of))
    left = sorted(set(hosts) - {key(host) for host in join.host_of.values()})
    if len(rest) == 1 and len(left) == 1:
        join.host_of[rest[0]] = hosts[left[0]]
        join.host_certainty[rest[0]] = Certainty.CANDIDATE


def _by_exclusion(join: WorkerJoin, workers: Mapping[str, Worker], groups: Mapping[str, Group]) -> None:
    taken = join.taken
    free = [group for iri, group in sorted(groups.items()) if iri not in taken]
    rest = [worker for worker in workers.values() if worker.iri not in join.group_of]
    for worker in rest:
        candidates = [group for group in free if _may_be(join, worker, group)]
        rivals = [other for other in rest if any(_may_be(join, other, group) for group in candidates)]
        if len(candidates) == 1 and len(rivals) == 1:
            text = "the only worker and the only process of a worker that are left there"
            _link(join, worker.iri, candidates[0].iri, "exclusion", Certainty.CANDIDATE, text)
        elif candidates:
            join.unjoined.append(Unjoined(worker.iri, _REASON, len(candidates)))
        else:
            join.unjoined.append(Unjoined(worker.iri, "no process that a tool observed is left for it", 0))


_REASON = "no process id, thread or times of tasks tell which process this worker was"
