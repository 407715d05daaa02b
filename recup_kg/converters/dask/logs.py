"""What logs of scheduler, workers, consumer and client state: addresses, settings, where the capture itself failed, total time.

The lines are those that `distributed` writes at its start (`Start worker at:`, `Threads:`, `Local Directory:`). Workers that one
launcher started share a log, so a line tells of a worker only where no other worker's block stands between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from recup_kg.converters.dask.files import CLIENT_LOG, CONSUMER_LOG, SCHEDULER_LOG, WORKER_LOG
from recup_kg.converters.dask.rows import Notes
from recup_kg.errors import MalformedSource
from recup_kg.evidence.scheduling import WorkerSettings
from recup_kg.records import Gap, Subject
from recup_kg.redaction import redact_text

T = TypeVar("T")
LONGEST_LINE = 4096

_WORKER = re.compile(r"Start worker at:\s+(\S+)")
_SCHEDULER = re.compile(r"Scheduler at:\s+(\S+)")
_THREADS = re.compile(r" - INFO -\s+Threads:\s+(\d{1,6})\s*$")
_MEMORY = re.compile(r" - INFO -\s+Memory:\s+(\S.*?)\s*$")
_FOLDER = re.compile(r" - INFO -\s+Local Directory:\s+(\S.*?)\s*$")
_FAILED = re.compile(r"ERROR - Failed to start preload: (\S+)")
_IN_FOLDER = re.compile(r'^\s+File "(/.+)/[^/"]+", line \d+')
_EXCEPTION = re.compile(r"^([A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit)): ?(.*)$")
_TOTAL = re.compile(r"^Total time taken\s*=\s*(\d{1,9}(?:\.\d{1,9})?)\s*s\s*$")
_LOST = "data failure:"


@dataclass(slots=True)
class Told:
    """What the logs state. `schedulers` and the settings' identifiers are addresses, `total` is in seconds."""

    schedulers: list[str] = field(default_factory=list)
    settings: list[WorkerSettings] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    total: float | None = None


@dataclass(slots=True)
class _Block:
    """What follows `Start worker at:` up to the next worker's."""

    address: str
    threads: int | None = None
    memory: str | None = None
    folder: str | None = None


@dataclass(slots=True)
class _Failure:
    """A plug-in that a worker could not load: on which line, and the folder of that worker that the traceback names."""

    line: int
    plugin: str
    folders: list[str] = field(default_factory=list)
    reason: str | None = None


def read_logs(logs: dict[str, Path]) -> Told:
    """What the logs state, by their names. Raises `MalformedSource` where one can't be read."""
    told = Told()
    if SCHEDULER_LOG in logs:
        found = (_SCHEDULER.search(text) for _, text in _lines(logs[SCHEDULER_LOG]))
        told.schedulers += dict.fromkeys(match[1] for match in found if match)
    if WORKER_LOG in logs:
        _workers(told, logs[WORKER_LOG])
    if CONSUMER_LOG in logs:
        _lost(told, logs[CONSUMER_LOG])
    if CLIENT_LOG in logs:
        _total(told, logs[CLIENT_LOG])
    return told


def _workers(told: Told, path: Path) -> None:
    blocks: list[_Block] = []
    failures: list[_Failure] = []
    shared: set[str] = set()
    for number, text in _lines(path):
        if match := _FAILED.search(text):
            failures.append(_Failure(number, match[1]))
        elif match := _WORKER.search(text):
            if blocks and blocks[-1].folder is None:
                # Two blocks run into each other: what follows may be of either.
                shared |= {blocks[-1].address, match[1]}
            blocks.append(_Block(match[1]))
        elif failures and failures[-1].reason is None and not text[:4].isdigit():
            _traceback(failures[-1], text)
        elif blocks:
            _setting(blocks[-1], text)
    told.settings += _settings(blocks, shared)
    told.gaps += _failed(path, failures, {block.folder: block.address for block in _alone(blocks, shared)})


def _traceback(failure: _Failure, text: str) -> None:
    if match := _IN_FOLDER.match(text):
        failure.folders.append(match[1])
    elif match := _EXCEPTION.match(text):
        failure.reason = redact_text(f"{match[1]}: {match[2]}".strip(": "))


def _setting(block: _Block, text: str) -> None:
    if match := _THREADS.search(text):
        block.threads = int(match[1])
    elif match := _MEMORY.search(text):
        block.memory = match[1]
    elif match := _FOLDER.search(text):
        block.folder = match[1]


def _alone(blocks: Iterable[_Block], shared: set[str]) -> list[_Block]:
    return [block for block in blocks if block.address not in shared]


def _settings(blocks: list[_Block], shared: set[str]) -> Iterator[WorkerSettings]:
    """The settings of each worker. Where blocks run into each other, what all blocks of the log agree on is true of each."""
    threads = {block.threads for block in blocks if block.threads is not None}
    memory = {block.memory for block in blocks if block.memory is not None}
    by_address = {block.address: block for block in reversed(blocks)}
    for address in dict.fromkeys(block.address for block in blocks):
        block = by_address[address]
        if address not in shared:
            yield WorkerSettings(address, block.threads, block.memory, block.folder)
        elif len(threads) == 1 or len(memory) == 1:
            yield WorkerSettings(address, _only(threads), _only(memory))


def _only(values: set[T]) -> T | None:
    return next(iter(values)) if len(values) == 1 else None


def _failed(path: Path, failures: Iterable[_Failure], by_folder: dict[str | None, str]) -> Iterator[Gap]:
    for failure in failures:
        address = next((by_folder[folder] for folder in failure.folders if folder in by_folder), None)
        subject = Subject("execution") if address is None else Subject("process", address)
        reason = f" ({failure.reason})" if failure.reason else ""
        comment = (
            f"the plug-in {failure.plugin} did not start{reason}, so this worker could not report its events"
        )
        yield Gap("NotCaptured", subject, f"{path.name} line {failure.line}", comment)


def _lost(told: Told, path: Path) -> None:
    notes = Notes(path.name)
    for number, text in _lines(path):
        for _ in range(text.count(_LOST)):
            notes.bad(number, "the consumer reports a failure with the data of an event", "NotCaptured")
    told.gaps += notes.all()


def _total(told: Told, path: Path) -> None:
    """The time that the client's program prints at its end; of several nobody knows which is of this run."""
    found = [(number, float(match[1])) for number, text in _lines(path) if (match := _TOTAL.match(text))]
    if len({seconds for _, seconds in found}) == 1:
        told.total = found[0][1]
    elif found:
        comment = f"the program prints {len(found)} total times, on lines {_listed(found)}: none is used"
        told.gaps.append(Gap("ConflictingValue", Subject("execution"), path.name, comment))


def _listed(found: Iterable[tuple[int, float]]) -> str:
    return ", ".join(str(number) for number, _ in found)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a log, each cut where it is longer than any that is looked for."""
    try:
        with path.open(encoding="utf-8", errors="replace") as stream:
            number = 0
            while text := stream.readline(LONGEST_LINE):
                number += 1
                yield number, text.rstrip("\n")
                while not text.endswith("\n") and (text := stream.readline(LONGEST_LINE)):
                    if _LOST in text:
                        yield number, text
    except OSError as error:
        raise MalformedSource(
            path, f"can't be read: {error.strerror}", advice="check its permissions"
        ) from error
