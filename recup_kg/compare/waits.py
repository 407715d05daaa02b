"""What a run states of the time in which its tasks did not compute: in a queue, and while data were moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias, TypeVar

Rows: TypeAlias = Callable[[str], Iterable[tuple[object, ...]]]
T = TypeVar("T")

_QUEUED = "SELECT ?task ?seconds WHERE { GRAPH %s { ?task recup:queueDelay ?seconds } }"
_READY = """SELECT ?task ?ready WHERE { GRAPH %s {
  ?transition recup:transitionOf ?task ; recup:toState "ready" ; prov:atTime ?ready } }"""
_STAGED = """SELECT ?task ?seconds WHERE { GRAPH %s {
  VALUES ?staging { recup:stageInTime recup:stageOutTime } ?task ?staging ?seconds } }"""
_FETCHED = """SELECT ?task ?start ?end WHERE { GRAPH %s {
  ?transfer a recup:Transfer ; recup:transferDirection "incoming" ; recup:transferred ?data ; recup:toProcess ?process ;
    prov:startedAtTime ?start ; prov:endedAtTime ?end .
  ?task a recup:TaskExecution ; recup:performedBy ?process ; prov:used ?data } }"""
_MOVED = 'SELECT ?transfer WHERE { GRAPH %s { ?transfer recup:transferDirection "incoming" } } LIMIT 1'


@dataclass(frozen=True, slots=True)
class Waits:
    """Of one task: `queued` s between its submission and its start; `ready`, when it could have started (POSIX times, s);
    `staged` s of its run time in which files were staged in and out; `fetched`, from when to when data that it used came to the
    process that ran it (POSIX times, s).
    """

    queued: float | None = None
    ready: tuple[float, ...] = ()
    staged: float | None = None
    fetched: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class RunWaits:
    """The waits of the tasks of a run, by IRI; `queues` and `transfers` say whether any such time was captured."""

    tasks: Mapping[str, Waits]
    queues: bool = False
    transfers: bool = False


NOT_CAPTURED = RunWaits({})


def read_waits(rows: Rows) -> RunWaits:
    """The waits of a run; `rows` gives what a SELECT finds in its graph."""
    queued = {str(task): float(str(seconds)) for task, seconds in rows(_QUEUED)}
    ready = _many((task, posix(str(time))) for task, time in rows(_READY))
    staged = _many((task, float(str(seconds))) for task, seconds in rows(_STAGED))
    fetched = _many((task, (posix(str(start)), posix(str(end)))) for task, start, end in rows(_FETCHED))
    tasks = {
        task: Waits(
            queued=queued.get(task),
            ready=tuple(ready.get(task, ())),
            staged=sum(staged[task]) if task in staged else None,
            fetched=tuple(sorted(fetched.get(task, ()))),
        )
        for task in sorted({*queued, *ready, *staged, *fetched})
    }
    return RunWaits(
        tasks, queues=bool(queued or ready), transfers=bool(staged) or any(True for _ in rows(_MOVED))
    )


def posix(time: str) -> float:
    """Seconds since 1970-01-01T00:00:00Z of an xsd:dateTime; one without a zone is read as UTC."""
    read = datetime.fromisoformat(time)
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def _many(pairs: Iterable[tuple[object, T]]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {}
    for task, value in pairs:
        found.setdefault(str(task), []).append(value)
    return found
