"""Worker processes for what strangers ask: so many at once, so many that wait, each so long, and any of them can be stopped."""

from __future__ import annotations

import asyncio
import logging
import secrets
import shutil
import tempfile
import weakref
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import IO

import msgspec

from recup_kg.web.messages import Job, Place, Reply
from recup_kg.web.problems import Problem, busy
from recup_kg.web.process import Ended, Said, TimedOut, Worker
from recup_kg.web.settings import Limits

_LOG = logging.getLogger("recup_kg.web")


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply, and its body: bytes, or where it is long a file that is gone when it is closed."""

    reply: Reply
    body: bytes | IO[bytes]


class Stopped(Exception):
    """Nobody waits for the answer any more."""


class Pool:
    """At most `limits.concurrent` processes at once."""

    def __init__(self, location: str, limits: Limits) -> None:
        self._place = Place(location=location, memory=limits.memory)
        self._limits = limits
        self._threads = ThreadPoolExecutor(limits.concurrent, thread_name_prefix="query")
        self._lock = Lock()
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._asked = 0
        self._closed = False
        self._folder = Path(tempfile.mkdtemp(prefix="recup-serve-"))
        self._finalizer = weakref.finalize(self, shutil.rmtree, self._folder, True)

    def warm(self) -> None:
        """Start the processes before they are needed."""
        with self._lock:
            while len(self._all) < self._limits.concurrent:
                self._idle.append(self._started())

    def close(self) -> None:
        """End all processes; whoever waits is told."""
        with self._lock:
            self._closed = True
            workers = list(self._all)
        for worker in workers:
            worker.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in workers:
            worker.close()
        self._finalizer()

    def pids(self) -> tuple[int, ...]:
        """The numbers of the processes."""
        with self._lock:
            return tuple(worker.pid for worker in self._all)

    async def run(self, job: Job, gone: Callable[[], Awaitable[None]]) -> Answer:
        """The answer to a job. `gone` returns when the client has gone: the job is stopped then.

        Raises `Problem` where it exceeds a limit or there are too many others, `Stopped`.
        """
        task = _Task(msgspec.structs.replace(job, spool=str(self._folder / secrets.token_hex(8))))
        with self._lock:
            if self._asked >= self._limits.concurrent + self._limits.waiting:
                raise busy("too many queries wait already; try again")
            self._asked += 1
        future = self._threads.submit(self._work, task)
        future.add_done_callback(self._one_less)
        leaving = asyncio.ensure_future(gone())
        spool = Path(task.job.spool)
        try:
            return _opened(await self._wait(future, leaving, task), spool)
        except BaseException:
            # Also where this coroutine is cancelled.
            if not future.cancel():
                task.stop()
                future.add_done_callback(lambda _: spool.unlink(missing_ok=True))
            raise
        finally:
            leaving.cancel()

    async def _wait(self, future: Future[Said], leaving: asyncio.Future[None], task: _Task) -> Said:
        asked = asyncio.wrap_future(future)
        # Where nobody waits any more, what became of the job is nobody's business either.
        asked.add_done_callback(lambda done: done.cancelled() or done.exception())
        timeout: float | None = self._limits.seconds
        while True:
            done, _ = await asyncio.wait(
                (asked, leaving), timeout=timeout, return_when=asyncio.FIRST_COMPLETED
            )
            if asked in done:
                return _checked(asked, task.job)
            if leaving in done:
                raise Stopped
            if future.cancel():
                raise busy(f"no query ended within {self._limits.seconds:g} s; try again")
            timeout = None

    def _one_less(self, _: Future[Said]) -> None:
        with self._lock:
            self._asked -= 1

    def _work(self, task: _Task) -> Said:
        """Runs in a thread: have a worker do the job."""
        worker = self._taken()
        said = None
        try:
            task.given(worker)
            said = worker.ask(task.job)
            return said
        finally:
            untouched = task.taken_back()
            if said is None or said.reply.tired or not untouched or not self._returned(worker):
                self._discarded(worker)
            if said is None:
                Path(task.job.spool).unlink(missing_ok=True)

    def _taken(self) -> Worker:
        with self._lock:
            if self._closed:
                raise Ended("the service stops")
            return self._idle.pop() if self._idle else self._started()

    def _returned(self, worker: Worker) -> bool:
        with self._lock:
            if not self._closed:
                self._idle.append(worker)
            return not self._closed

    def _discarded(self, worker: Worker) -> None:
        worker.close()
        with self._lock:
            self._all.discard(worker)
            if not self._closed and not self._idle:
                self._idle.append(self._started())

    def _started(self) -> Worker:
        worker = Worker(self._place)
        self._all.add(worker)
        return worker


class _Task:
    """A job, and who does it; it can be stopped before and after it is given to a worker."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._lock = Lock()
        self._worker: Worker | None = None
        self._stopped = False

    def given(self, worker: Worker) -> None:
        with self._lock:
            if self._stopped:
                raise Ended("nobody waits for it")
            self._worker = worker

    def taken_back(self) -> bool:
        """From now on `stop` leaves the worker alone; False where it has killed it."""
        with self._lock:
            self._worker = None
            return not self._stopped

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            if self._worker is not None:
                self._worker.kill()


def _checked(asked: asyncio.Future[Said], job: Job) -> Said:
    try:
        said = asked.result()
    except TimedOut as error:
        raise Problem(
            503, f"it was stopped after {job.seconds:g} s, which is all that one may have here"
        ) from error
    except Ended as error:
        if error.memory:
            raise Problem(422, str(error)) from error
        _LOG.error("a worker: %s", error)
        raise Problem(503, "the process that worked on it ended; the log of the service says why") from error
    if said.reply.status >= 400:
        raise Problem(said.reply.status, said.reply.reason)
    return said


def _opened(said: Said, spool: Path) -> Answer:
    if not said.reply.spooled:
        return Answer(said.reply, said.body)
    stream = spool.open("rb")
    with suppress(OSError):
        spool.unlink()
    return Answer(said.reply, stream)
