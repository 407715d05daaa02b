"""A worker process, seen from the service: it is asked, waited for until a deadline, and killed."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from recup_kg.web.messages import Job, Place, Reply
from recup_kg.web.worker import too_much_memory

_AT_ONCE = 1 << 16
_START = 60.0
"""Seconds that a worker may take to start, on a machine with much else to do."""
_OUT_OF_MEMORY = (b"memory allocation", b"MemoryError", b"bad_alloc")


class TimedOut(Exception):
    """The deadline came before the reply."""


class Ended(Exception):
    """The process is gone; the message says why, for the client."""

    def __init__(self, reason: str, *, memory: bool = False) -> None:
        super().__init__(reason)
        self.memory = memory


@dataclass(frozen=True, slots=True)
class Said:
    """A reply and its body; the body of a long answer is in the spool file."""

    reply: Reply
    body: bytes


class Worker:
    """A process that runs `recup_kg.web.worker`. `ask` is for one thread at a time, `kill` for any."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self._rest = b""
        command = [sys.executable, "-m", "recup_kg.web.worker", json.dumps(msgspec.to_builtins(place))]
        self._process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, bufsize=0
        )
        self._ready = False

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def ask(self, job: Job) -> Said:
        """The reply to a job. Raises `TimedOut` (the process is killed then), `Ended`."""
        if not self._ready:
            self._read_reply(time.monotonic() + _START)
            self._ready = True
        deadline = time.monotonic() + job.seconds
        self._write(msgspec.json.encode(job) + b"\n")
        return self._read_reply(deadline)

    def kill(self) -> None:
        """End the process now; whoever waits for its reply gets `Ended`."""
        self._process.kill()

    def close(self) -> None:
        """End the process, and wait for its end."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()

    def _write(self, data: bytes) -> None:
        assert self._process.stdin is not None
        view = memoryview(data)
        try:
            while view:
                view = view[self._process.stdin.write(view) or 0 :]
        except BrokenPipeError as error:
            raise self._gone() from error

    def _read_reply(self, deadline: float) -> Said:
        while b"\n" not in self._rest:
            self._rest += self._more(deadline)
        line, _, self._rest = self._rest.partition(b"\n")
        reply = msgspec.json.decode(line, type=Reply)
        if reply.spooled:
            return Said(reply, b"")
        parts, size = [self._rest], len(self._rest)
        while size < reply.size:
            parts.append(self._more(deadline))
            size += len(parts[-1])
        whole = b"".join(parts)
        self._rest = whole[reply.size :]
        return Said(reply, whole[: reply.size])

    def _more(self, deadline: float) -> bytes:
        assert self._process.stdout is not None
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self._process.stdout], [], [], left)[0]:
            self.kill()
            raise TimedOut
        data = os.read(self._process.stdout.fileno(), _AT_ONCE)
        if not data:
            raise self._gone()
        return data

    def _gone(self) -> Ended:
        code = self._process.wait()
        self._errors.seek(0)
        said = self._errors.read()[-4096:]
        if any(words in said for words in _OUT_OF_MEMORY):
            return Ended(too_much_memory(self._place.memory), memory=True)
        last = said.decode(errors="replace").strip().splitlines()[-1:]
        return Ended(f"the process ended with {code}: {' '.join(last)}")
