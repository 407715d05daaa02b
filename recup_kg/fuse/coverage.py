"""What arrived of each source, on each host, against what the other sources say should have.

The names of the sources are `SOURCES`. A row without a host is about a source as a whole.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from recup_kg.fuse.facts import Facts, Group, Worker
from recup_kg.fuse.hosts import Spelling, is_ip, key
from recup_kg.fuse.roles import Role, role, worker_groups
from recup_kg.fuse.workers import WorkerJoin, address_of
from recup_kg.fusions import Certainty, SourceCoverage, State

SOURCES: dict[str, str] = {
    "dask worker transitions": "worker_transition",
    "dask scheduler transitions": "scheduler_transition",
    "dask transfers": "worker_transfer",
    "dask graph": "graph",
    "dask workers": "worker",
    "darshan": "",
    "darshan dxt": "",
    "hpctoolkit": "",
    "job record": "",
    "environment": "",
}
"""The kinds of sources, with the stem of the file's name where it is one file of several.

A task graph of any other format is named after its format: wfformat, nextflow, ..."""

_DASK = "dask"
_WORKERS = "dask worker transitions"
_TRANSFERS = "dask transfers"
_SCHEDULER = "dask scheduler transitions"


@dataclass(frozen=True, slots=True)
class View:
    """The facts with the join of workers, as coverage looks at them."""

    facts: Facts
    joined: WorkerJoin
    spelling: Spelling

    def host(self, worker: Worker) -> str | None:
        """The host of a worker: its name where that is known, else its address."""
        address = address_of(worker)
        return None if address is None else self.spelling.of(self.joined.host_of.get(address, address))

    def by_host(self) -> dict[str, list[Worker]]:
        """The workers of each host, by the host's name or address."""
        found: dict[str, list[Worker]] = defaultdict(list)
        for worker in self.facts.workers:
            host = self.host(worker)
            if host is not None:
                found[host].append(worker)
        return dict(sorted(found.items()))

    def address_text(self, host: str) -> str:
        """The host with the address that stands behind its name."""
        found = sorted(a for a, name in self.joined.host_of.items() if is_ip(a) and key(name) == key(host))
        sure = [self.joined.host_certainty[address] is not Certainty.CANDIDATE for address in found]
        told = "" if all(sure) else ", the only address and the only host that are left"
        return f"{host} ({', '.join(found)}{told})" if found else host


def coverage(facts: Facts, joined: WorkerJoin) -> tuple[SourceCoverage, ...]:
    """The rows of all sources, by source and host."""
    names = [node.name for node in facts.nodes] + [host for group in facts.groups for host in group.hosts]
    view = View(facts, joined, Spelling(names))
    rows = [*_dask(view), *_darshan(view), *_others(view)]
    return tuple(sorted(rows, key=lambda row: (row.source, row.host or "")))


def state_of(expected: int | None, observed: int) -> State:
    """Complete, partial or missing by the numbers; unknown where nothing says what to expect."""
    if expected is None:
        return State.UNKNOWN
    if observed >= expected:
        return State.COMPLETE
    return State.PARTIAL if observed else State.MISSING


def _row(host: str | None, source: str, expected: int | None, observed: int, why: str) -> SourceCoverage:
    return SourceCoverage(host, source, expected, observed, state_of(expected, observed), why)


# --- Dask


def delivered(facts: Facts) -> set[str]:
    """The kinds of Dask files that arrived."""
    found: set[str] = set()
    for member in facts.members:
        if member.converter != _DASK:
            continue
        stems = {name.rsplit("/", 1)[-1].split(".")[0].lower() for name in member.files}
        found |= {source for source, stem in SOURCES.items() if stem and stem in stems}
    return found


def _dask(view: View) -> list[SourceCoverage]:
    if not any(member.converter == _DASK for member in view.facts.members):
        return []
    found = delivered(view.facts)
    rows = _worker_transitions(view) if _WORKERS in found else [_absent(view, _WORKERS)]
    rows.append(_scheduler_transitions(view) if _SCHEDULER in found else _absent(view, _SCHEDULER))
    rows += _transfers(view) if _TRANSFERS in found else [_absent(view, _TRANSFERS)]
    rows.append(_graph(view) if "dask graph" in found else _absent(view, "dask graph"))
    rows.append(_listed(view) if "dask workers" in found else _absent(view, "dask workers"))
    return rows


def _absent(view: View, source: str) -> SourceCoverage:
    """A kind of file that is absent as a whole."""
    facts = view.facts
    expected: int | None = None
    why = "no such file among the sources, though others of the same capture are there"
    if source == _WORKERS:
        expected, unit = len(_at_work(view)), "workers that other sources show at work"
    elif source == _SCHEDULER:
        expected, unit = len(facts.submitted | facts.ended), "tasks that other sources name"
    elif source == "dask workers":
        expected, unit = len(facts.workers), "workers that other sources name"
    if expected:
        return SourceCoverage(None, source, expected, 0, State.MISSING, f"{why}; expected: {unit}")
    return SourceCoverage(None, source, None, 0, State.MISSING, why)


def _at_work(view: View) -> dict[str, str]:
    """The workers (IRIs) that sources other than their own transitions show at work, and how."""
    facts = view.facts
    known = {worker.iri for worker in facts.workers}
    found: dict[str, str] = {}
    for transfer in facts.transfers:
        for end in (transfer.sender, transfer.receiver):
            if end in known:
                found[end] = "took part in transfers"
    busy = {iri for iri, group in view.joined.group_of.items() if works(facts, group)}
    found |= dict.fromkeys(busy, "did input or output in the threads of its tasks")
    found |= {worker: "ran tasks, as the scheduler says" for worker, _ in facts.assigned if worker in known}
    return found


def works(facts: Facts, group: str) -> bool:
    """Did a process do traced operations while tasks ran, in a thread other than the first, which serves the process itself?"""
    segments = facts.segments.get(group, ())
    if not segments or facts.span is None:
        return False
    first = min(segments, key=lambda item: item.start).thread
    begin, end = facts.span
    return any(
        item.thread not in (first, None) and begin <= item.start and item.end <= end for item in segments
    )


def _worker_transitions(view: View) -> list[SourceCoverage]:
    facts = view.facts
    at_work = _at_work(view)
    active = Counter(
        key(host)
        for group in worker_groups(facts.groups)
        if works(facts, group.iri)
        for host in group.hosts[:1]
    )
    rows: list[SourceCoverage] = []
    for host, workers in view.by_host().items():
        telling = [worker for worker in workers if facts.events.get(worker.iri)]
        ways = {worker.iri: at_work[worker.iri] for worker in workers if worker.iri in at_work}
        expected = max(
            len({worker.iri for worker in telling} | set(ways)), min(active[key(host)], len(workers))
        )
        if not expected and not telling:
            rows.append(_row(host, _WORKERS, 0, 0, "no source shows a worker of this host at work"))
            continue
        known = bool(at_work or active)
        why = _why_workers(view, host, workers, telling, ways, active[key(host)])
        rows.append(_row(host, _WORKERS, expected if known else None, len(telling), why))
    return rows


def _why_workers(
    view: View, host: str, workers: list[Worker], telling: list[Worker], ways: Mapping[str, str], active: int
) -> str:
    events = sum(view.facts.events.get(worker.iri, 0) for worker in telling)
    text = (
        f"{len(telling)} of {len(workers)} workers at {view.address_text(host)} reported {events} transitions"
    )
    silent = {worker.iri for worker in workers} - {worker.iri for worker in telling}
    reasons = Counter(ways[iri] for iri in silent if iri in ways)
    told = [f"{count} more {reason}" for reason, count in sorted(reasons.items())]
    if not reasons and active > len(telling):
        told = [
            f"a tool observed {active} processes of workers there that did input or output while tasks ran"
        ]
    idle = len(silent) - sum(reasons.values())
    if idle and not told:
        told = [f"{idle} {'was' if idle == 1 else 'were'} idle as far as any source tells"]
    return "; ".join([text, *told])


def _scheduler_transitions(view: View) -> SourceCoverage:
    facts = view.facts
    ran = facts.ended
    if not ran:
        return _row(None, _SCHEDULER, None, len(facts.scheduled), "no other source says which tasks ran")
    seen = len(ran & facts.scheduled)
    return _row(
        None, _SCHEDULER, len(ran), seen, f"{seen} of the {len(ran)} tasks that workers ran are in it"
    )


def _transfers(view: View) -> list[SourceCoverage]:
    """Both ends of a transfer record it: a host whose workers are an end, and recorded none, delivered none."""
    transfers = view.facts.transfers
    recorders = {transfer.recorder for transfer in transfers} - {None}
    if not recorders:
        why = "no other source says how many transfers there were"
        return [_row(None, _TRANSFERS, None, len(transfers), why)]
    # Where only receivers record, nothing is expected of those who send.
    sent = any(transfer.recorder == transfer.sender for transfer in transfers)
    received = any(transfer.recorder == transfer.receiver for transfer in transfers)
    ends = {transfer.sender for transfer in transfers if sent}
    ends |= {transfer.receiver for transfer in transfers if received}
    counts = Counter(transfer.recorder for transfer in transfers)
    rows: list[SourceCoverage] = []
    for host, workers in view.by_host().items():
        expected = [worker.iri for worker in workers if worker.iri in ends]
        seen = [iri for iri in expected if iri in recorders]
        if not expected:
            continue
        total = sum(counts[iri] for iri in seen)
        place = view.address_text(host)
        why = f"{len(seen)} of {len(expected)} workers at {place} that are an end of a transfer recorded {total}"
        rows.append(_row(host, _TRANSFERS, len(expected), len(seen), why))
    return rows


def _graph(view: View) -> SourceCoverage:
    facts = view.facts
    ran = facts.ended | facts.scheduled
    if not ran or not facts.submitted:
        why = (
            "no other source says which tasks there were" if not ran else "it names no task that others know"
        )
        return _row(None, "dask graph", len(ran) or None, len(facts.submitted), why)
    seen = len(ran & facts.submitted)
    return _row(
        None, "dask graph", len(ran), seen, f"{seen} of the {len(ran)} tasks that have events are in it"
    )


def _listed(view: View) -> SourceCoverage:
    facts = view.facts
    others = set(_at_work(view)) | {iri for iri, count in facts.events.items() if count}
    listed = facts.listed_workers
    expected = len(listed | others) if others else None
    why = (
        f"{len(others)} workers have events or transfers, {len(others - listed)} of them are not in the list"
    )
    return _row(None, "dask workers", expected, len(listed), why)


# --- Darshan


def _darshan(view: View) -> list[SourceCoverage]:
    logs = [group for group in view.facts.groups if (group.tool or "").lower().startswith("darshan")]
    if not logs:
        return []
    processes = worker_groups(logs)
    if not processes or not view.facts.workers:
        return _plain_logs(view, logs)
    return _process_logs(view, logs, processes) + _traces(view, processes)


def _plain_logs(view: View, logs: list[Group]) -> list[SourceCoverage]:
    why = "no other source says how many processes were observed"
    rows = [_row(None, "darshan", None, len(logs), why)]
    traced = [log for log in logs if log.iri in view.facts.segments or log.iri in view.facts.unreadable]
    broken = sum(1 for log in traced if log.iri in view.facts.unreadable)
    if traced:
        why = f"{len(traced) - broken} of {len(logs)} logs have a trace of single operations"
        why += f"; that of {broken} could not be read" if broken else "; whether others should is not stated"
        expected = len(traced) if broken else None
        rows.append(_row(None, "darshan dxt", expected, len(traced) - broken, why))
    return rows


def _process_logs(view: View, logs: list[Group], processes: tuple[Group, ...]) -> list[SourceCoverage]:
    """A log is expected of each worker, on each host where that can be told."""
    placed = Counter(view.spelling.of(host) for group in processes for host in group.hosts[:1])
    expected = {host: len(workers) for host, workers in view.by_host().items()}
    if not set(placed) <= set(expected):
        # It does not matter which host is behind which address where every one has as many workers.
        if len(set(expected.values())) != 1 or len(placed) != len(expected):
            total = len(view.facts.workers)
            seen = len(processes)
            return [_row(None, "darshan", total, min(total, seen), _why_logs(seen, total, logs))]
        expected = dict.fromkeys(placed, next(iter(expected.values())))
    return [
        _row(host, "darshan", count, placed.get(host, 0), _why_logs(placed.get(host, 0), count, logs))
        for host, count in sorted(expected.items())
    ]


def _why_logs(seen: int, workers: int, logs: list[Group]) -> str:
    others = Counter(role(log.command) for log in logs)
    rest = sum(count for found, count in others.items() if found is not Role.SPAWNED)
    return f"{seen} logs of worker processes for {workers} workers ({len(logs)} logs in all, {rest} of other processes)"


def _traces(view: View, processes: tuple[Group, ...]) -> list[SourceCoverage]:
    """Where some processes were traced, all of their kind were."""
    facts = view.facts
    if not any(group.iri in facts.segments or group.iri in facts.unreadable for group in processes):
        return []
    by_host: dict[str | None, list[Group]] = defaultdict(list)
    for group in processes:
        by_host[view.spelling.of(group.hosts[0]) if len(group.hosts) == 1 else None].append(group)
    rows: list[SourceCoverage] = []
    for host, groups in by_host.items():
        traceable = facts.moving | set(facts.segments) | facts.unreadable
        groups = [group for group in groups if group.iri in traceable]
        seen = sum(
            1 for group in groups if facts.segments.get(group.iri) and group.iri not in facts.unreadable
        )
        broken = sum(1 for group in groups if group.iri in facts.unreadable)
        why = (
            f"{seen} of {len(groups)} logs of processes that read or wrote have a trace of single operations"
        )
        why += f"; that of {broken} could not be read" if broken else ""
        if groups:
            rows.append(_row(host, "darshan dxt", len(groups), seen, why))
    return rows


# --- everything else


def _others(view: View) -> list[SourceCoverage]:
    facts = view.facts
    rows: list[SourceCoverage] = []
    profiles = sum(1 for group in facts.groups if (group.tool or "").lower().startswith("hpctoolkit"))
    counts = {
        "hpctoolkit": profiles,
        "job record": len({job.job_id for job in facts.jobs}),
        "environment": len(facts.environments) + len(facts.machines),
    }
    for source, count in counts.items():
        if count:
            rows.append(_row(None, source, None, count, "no other source says how many to expect"))
    for member in facts.members:
        if member.described == facts.run and member.converter != _DASK:
            why = "the task graph; no other source says how many tasks there were"
            rows.append(_row(None, member.converter, None, len(facts.tasks), why))
    return rows
