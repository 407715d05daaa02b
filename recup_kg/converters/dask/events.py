"""Transitions, submissions, transfers and registrations: a record for each row that says something new."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from recup_kg.converters.dask import literals
from recup_kg.converters.dask.files import (
    CLIENTS,
    COLUMNS,
    GRAPH,
    SCHEDULER_TRANSITIONS,
    TRANSFERS,
    WORKER_TRANSITIONS,
    WORKERS,
    Capture,
)
from recup_kg.converters.dask.rows import Line, Notes, lines
from recup_kg.converters.dask.values import epoch, real, whole
from recup_kg.evidence.scheduling import Registration, StateTransition
from recup_kg.records import Timestamp

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Submission:
    """One row of the graph: the tasks with their dependencies, and the keys that the client wants."""

    identifier: str
    client: str | None
    time: Timestamp | None
    wanted: tuple[str, ...]
    tasks: tuple[tuple[str, tuple[str, ...]], ...]
    where: str


@dataclass(frozen=True, slots=True)
class Move:
    """One end of a transfer, as its row tells; `count` is how often the row is there. `sizes` gives the bytes of each key."""

    identifier: str
    who: str | None
    called_from: str | None
    incoming: bool | None
    sizes: tuple[tuple[str, int], ...]
    total: int | None
    start: Timestamp | None
    stop: Timestamp | None
    duration: float | None
    compressed: int | None
    count: int = 1


@dataclass(slots=True)
class Events:
    """All that the CSV files of a capture tell. `labels` are the prefix and group that the scheduler gives a task."""

    scheduler: list[StateTransition] = field(default_factory=list)
    workers: list[StateTransition] = field(default_factory=list)
    submissions: list[Submission] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    registrations: list[Registration] = field(default_factory=list)
    labels: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    notes: list[Notes] = field(default_factory=list)


def events(found: Capture) -> Events:
    """The events of all files. Raises `MalformedSource` where one can't be read."""
    told = Events()
    for path in found.tables.get(GRAPH, ()):
        told.submissions += _distinct(told, path, GRAPH, _submission)
    for path in found.tables.get(SCHEDULER_TRANSITIONS, ()):
        told.scheduler += _distinct(told, path, SCHEDULER_TRANSITIONS, _Transitions(told.labels).scheduler)
    for path in found.tables.get(WORKER_TRANSITIONS, ()):
        told.workers += _distinct(told, path, WORKER_TRANSITIONS, _Transitions(told.labels).worker)
    for path in found.tables.get(TRANSFERS, ()):
        told.moves += _moves(told, path)
    for kind in (WORKERS, CLIENTS):
        for path in found.tables.get(kind, ()):
            told.registrations += _distinct(told, path, kind, _registration)
    return told


def _notes(told: Events, path: Path) -> Notes:
    notes = Notes(path.name)
    told.notes.append(notes)
    if path.stat().st_size == 0:
        notes.about("NotCaptured", "", "the file is empty")
    return notes


def _distinct(
    told: Events, path: Path, kind: str, read: Callable[[Line, str, Notes], T | None]
) -> Iterator[T]:
    """What each row tells, a row that is there again left out."""
    notes = _notes(told, path)
    known: set[int] = set()
    columns = sorted(COLUMNS[kind])
    for line in lines(path, notes, COLUMNS[kind]):
        content = hash(tuple(map(line.values.get, columns)))
        if content in known:
            notes.repeated += 1
            continue
        known.add(content)
        record = read(line, f"{path.name.removesuffix('.csv')}-{line.position}", notes)
        if record is not None:
            yield record


def _time(line: Line, column: str, notes: Notes) -> Timestamp | None:
    time = epoch(line.get(column))
    if time is not None and time.iso is None:
        notes.bad(line.number, f"column {column}: not a time in seconds since 1970")
    return time


def _read(line: Line, column: str, notes: Notes, read: Callable[[str | None], T | None]) -> T | None:
    value = read(line.get(column))
    if value is None and line.get(column) is not None:
        notes.bad(line.number, f"column {column}: not a number that it can be")
    return value


class _Transitions:
    """Reads transitions; texts that come again and again are kept once."""

    def __init__(self, labels: dict[str, tuple[str | None, str | None]]) -> None:
        self.labels = labels
        self.texts: dict[str, str] = {}

    def worker(self, line: Line, identifier: str, notes: Notes) -> StateTransition | None:
        task = self._same(line.get("key"))
        before, after = self._same(line.get("start")), self._same(line.get("finish"))
        if task is None or before is None or after is None:
            notes.bad(line.number, "a transition must name its key, start and finish")
            return None
        return StateTransition(
            identifier,
            task,
            before,
            after,
            _time(line, "time", notes),
            process=self._same(line.get("called_from")),
            stimulus=line.get("stimulus_id"),
            position=line.position,
        )

    def scheduler(self, line: Line, identifier: str, notes: Notes) -> StateTransition | None:
        told = self.worker(line, identifier, notes)
        if told is None:
            return None
        label, group = self._same(line.get("prefix")), self._same(line.get("group"))
        if label is not None or group is not None:
            self.labels[told.task] = (label, group)
        return StateTransition(
            told.identifier,
            told.task,
            told.from_state,
            told.to_state,
            told.time,
            told.process,
            told.stimulus,
            told.position,
            worker=self._same(line.get("worker")),
            thread=_read(line, "thread", notes, whole),
            size=_read(line, "size", notes, whole),
            began=_time(line, "begins", notes),
            ended=_time(line, "ends", notes),
            duration=_read(line, "duration", notes, real),
        )

    def _same(self, text: str | None) -> str | None:
        return None if text is None else self.texts.setdefault(text, text)


def _submission(line: Line, identifier: str, notes: Notes) -> Submission | None:
    wanted = _literal(line, "keys", notes, literals.keys) or []
    tasks = _literal(line, "dependencies", notes, literals.dependencies) or []
    return Submission(
        identifier,
        line.get("client"),
        _time(line, "time", notes),
        tuple(sorted(wanted)),
        tuple(sorted((task, tuple(sorted(before))) for task, before in tasks)),
        f"{notes.file_name} line {line.number}",
    )


def _registration(line: Line, identifier: str, notes: Notes) -> Registration | None:
    action = line.get("action")
    if action is None:
        notes.bad(line.number, "column action: empty")
        return None
    return Registration(
        identifier,
        action,
        _time(line, "time", notes),
        process=line.get("worker"),
        client=line.get("client"),
        stimulus=line.get("stimulus_id"),
    )


def _moves(told: Events, path: Path) -> Iterator[Move]:
    """The distinct rows, whatever the time at which the recorder sent them."""
    notes = _notes(told, path)
    columns = sorted(COLUMNS[TRANSFERS] - {"time"})
    found: dict[tuple[str | None, ...], Move] = {}
    counts: dict[tuple[str | None, ...], int] = {}
    for line in lines(path, notes, COLUMNS[TRANSFERS]):
        content = tuple(map(line.values.get, columns))
        counts[content] = counts.get(content, 0) + 1
        if counts[content] == 1:
            found[content] = _move(line, f"{path.name.removesuffix('.csv')}-{line.position}", notes)
    return (_counted(move, counts[content]) for content, move in found.items())


def _move(line: Line, identifier: str, notes: Notes) -> Move:
    sizes = _literal(line, "keys", notes, literals.sizes) or []
    return Move(
        identifier,
        line.get("who"),
        line.get("called_from"),
        _incoming(line, notes),
        tuple(sorted(sizes)),
        _read(line, "total", notes, whole),
        _time(line, "start", notes),
        _time(line, "stop", notes),
        _read(line, "duration", notes, real),
        _read(line, "compressed", notes, whole),
    )


def _incoming(line: Line, notes: Notes) -> bool | None:
    text = (line.get("type") or "").lower()
    if text.startswith(("incoming", "outgoing")):
        return text.startswith("incoming")
    notes.bad(
        line.number, "column type: neither incoming nor outgoing, so that no end of the transfer is known"
    )
    return None


def _counted(move: Move, count: int) -> Move:
    if count == 1:
        return move
    return Move(
        move.identifier,
        move.who,
        move.called_from,
        move.incoming,
        move.sizes,
        move.total,
        move.start,
        move.stop,
        move.duration,
        move.compressed,
        count,
    )


def _literal(line: Line, column: str, notes: Notes, read: Callable[[str], Sequence[T]]) -> Sequence[T] | None:
    text = line.get(column)
    if text is None:
        notes.bad(line.number, f"column {column}: empty")
        return None
    try:
        return read(text)
    except literals.LiteralFault as error:
        notes.bad(line.number, f"column {column}: {error}")
        return None
