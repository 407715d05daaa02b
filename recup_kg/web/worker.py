"""A process that answers the queries of strangers, one after the other, and that can be killed at any moment.

It reads jobs from standard input and replies on what was its standard output. It outlives neither its limits nor the service: the
end of its input ends it when it is idle, and the alarm clock of the system when it is not.
"""

from __future__ import annotations

import math
import os
import resource
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from recup_kg.web.answering import Output, answer
from recup_kg.web.messages import AskQuery, Job, Place, ReadGraph, Reply
from recup_kg.web.sources import FolderSource, ServerSource, Source

if TYPE_CHECKING:
    from recup_kg.web.federating import Federation

_GRACE = 5.0
"""Seconds that the service has to kill a worker before the worker ends itself."""
_KIBIBYTE = 1024


def main(arguments: list[str]) -> int:
    """Serve until the input ends."""
    place = msgspec.json.decode(arguments[0], type=Place)
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Whatever else prints must not come between the replies.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # A Ctrl-C in the terminal goes to all processes; the service says when to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if place.memory is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (place.memory, place.memory))
    worker = _Worker(place)
    _send(replies, Reply(status=204), b"")
    for line in sys.stdin.buffer:
        reply, body = worker.done(msgspec.json.decode(line, type=Job))
        _send(replies, reply, body)
        if reply.tired:
            break
    return 0


class _Worker:
    def __init__(self, place: Place) -> None:
        self._place = place
        self._source: Source | None = None
        self._federation: Federation | None = None

    def done(self, job: Job) -> tuple[Reply, bytes]:
        """The reply to a job, and the body that follows it."""
        signal.alarm(math.ceil(job.seconds + _GRACE))
        output = Output(Path(job.spool), job.answer)
        reply, tired = self._reply(job, output), False
        body = output.body() if reply.status == 200 else b""
        size = output.size if reply.status == 200 else 0
        tired = reply.tired or self._is_tired()
        signal.alarm(0)
        return msgspec.structs.replace(reply, size=size, spooled=output.spooled, tired=tired), body

    def _reply(self, job: Job, output: Output) -> Reply:
        try:
            if isinstance(job, AskQuery) and job.peer_seconds is not None:
                return self._federated(job, output)
            if isinstance(job, AskQuery | ReadGraph):
                return answer(self._opened(job), job, output)
            # Only those who may write pay for these imports.
            from recup_kg.web.changing import change

            return change(self._place.location, job, output)
        except MemoryError:
            return Reply(status=422, reason=too_much_memory(self._place.memory), tired=True)

    def _federated(self, job: AskQuery, output: Output) -> Reply:
        if self._federation is None:
            # Only those who may ask peers pay for these imports.
            from recup_kg.web.federating import Federation

            self._federation = Federation(Path(self._place.location))
        return self._federation.answer(self._opened(job), job, output)

    def _opened(self, job: Job) -> Source:
        if self._source is None:
            if "://" in self._place.location:
                self._source = ServerSource(self._place.location, job.seconds)
            else:
                self._source = FolderSource(Path(self._place.location))
        return self._source

    def _is_tired(self) -> bool:
        """What was once taken of the memory stays taken, and is missing for the next."""
        used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIBIBYTE
        return self._place.memory is not None and used > self._place.memory / 2


def too_much_memory(limit: int | None) -> str:
    """Why a query was stopped."""
    return f"it needs more memory than the {(limit or 0) // 2**20:,} MiB that a query may have here"


def _send(replies: BinaryIO, reply: Reply, body: bytes) -> None:
    replies.write(msgspec.json.encode(reply) + b"\n" + body)
    replies.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
