"""The files of a capture: CSV files known by their columns, lists of nodes and logs known by their names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from recup_kg.converters.dask.rows import header
from recup_kg.converters.sources import head

WORKER_TRANSITIONS = "worker_transition"
SCHEDULER_TRANSITIONS = "scheduler_transition"
TRANSFERS = "worker_transfer"
GRAPH = "graph"
WORKERS = "worker"
CLIENTS = "client"
KINDS = (GRAPH, SCHEDULER_TRANSITIONS, WORKER_TRANSITIONS, TRANSFERS, WORKERS, CLIENTS)
"""The CSV files, each with the stem of its name in the RECUP group's captures; the first one that is there names the source."""

ROLES = {
    "WorkerNodes": "worker",
    "SchedulerNode": "scheduler",
    "ClientNode": "client",
    "ConsumerNode": "consumer",
    "MofkaServerNode": "event service",
}
"""Files that list nodes by name, one on a line, and what ran on those."""

WORKER_LOG, SCHEDULER_LOG, CONSUMER_LOG = "worker.e", "scheduler.e", "consumer.o"
CLIENT_LOG = "producer.o"
LOGS = (WORKER_LOG, SCHEDULER_LOG, CONSUMER_LOG, CLIENT_LOG)

COLUMNS = {
    WORKER_TRANSITIONS: frozenset(("key", "start", "finish", "called_from", "time", "stimulus_id")),
    SCHEDULER_TRANSITIONS: frozenset(
        (
            *("key", "thread", "worker", "prefix", "group", "start", "finish", "stimulus_id"),
            *("called_from", "begins", "ends", "duration", "size", "time"),
        )
    ),
    TRANSFERS: frozenset(
        (
            *("start", "stop", "middle", "duration", "keys", "total", "bandwidth", "who", "type"),
            *("called_from", "time", "compressed"),
        )
    ),
    GRAPH: frozenset(("client", "keys", "dependencies", "time")),
    WORKERS: frozenset(("worker", "action", "stimulus_id", "time")),
    CLIENTS: frozenset(("client", "action", "time")),
}
"""All columns that have a place in the graph, or that follow from others (middle, bandwidth) or tell of the recording."""

_SCHEDULERS_OWN = frozenset(("thread", "worker", "prefix", "group", "begins", "ends", "size"))


@dataclass(frozen=True, slots=True)
class Capture:
    """The files of one capture: those of each kind in the order of their names, and by name the lists of nodes and the logs."""

    folder: Path
    tables: dict[str, tuple[Path, ...]]
    others: dict[str, Path]

    @property
    def files(self) -> tuple[Path, ...]:
        """All files."""
        return (*(path for kind in KINDS for path in self.tables.get(kind, ())), *self.others.values())


def kind_of(path: Path) -> str | None:
    """Which CSV file of a capture it is, by its columns; an empty one by its name. None where it is none."""
    names = frozenset(header(path)) - {""}
    if not names:
        return _empty_kind(path)
    if {"key", "start", "finish"} <= names and names & {"called_from", "stimulus_id", "time"}:
        if names & _SCHEDULERS_OWN or path.name.startswith("scheduler"):
            return SCHEDULER_TRANSITIONS
        return WORKER_TRANSITIONS if names <= COLUMNS[WORKER_TRANSITIONS] or "called_from" in names else None
    if {"keys", "dependencies"} <= names:
        return GRAPH
    if {"keys", "called_from"} <= names and names & {"who", "type"}:
        return TRANSFERS
    for kind in (WORKERS, CLIENTS):
        if {kind, "action", "time"} <= names and len(names - COLUMNS[kind]) <= 2:
            return kind
    return None


def is_csv(path: Path) -> bool:
    """Whether the file may be a CSV file of a capture, at a glance."""
    start = head(path, 512).removeprefix(b"\xef\xbb\xbf")
    first = start.splitlines()[0] if start.strip() else b""
    return b"," in first and b"\0" not in first and not first.lstrip().startswith((b"{", b"[", b"<"))


def capture(path: Path) -> Capture:
    """The capture that a file belongs to: what its folder holds of one."""
    tables: dict[str, list[Path]] = {}
    others: dict[str, Path] = {}
    for name in sorted(_names(path.parent)):
        found = path.parent / name
        if name in ROLES or name in LOGS:
            others[name] = found
        elif name.endswith(".csv") or name == path.name:
            kind = kind_of(found)
            if kind is not None:
                tables.setdefault(kind, []).append(found)
    return Capture(path.parent, {kind: tuple(paths) for kind, paths in tables.items()}, others)


def _names(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir() if entry.is_file() and not entry.name.startswith(".")]


def _empty_kind(path: Path) -> str | None:
    stem = path.name.removesuffix(".csv")
    return stem if stem in KINDS and path.name.endswith(".csv") and path.stat().st_size == 0 else None
