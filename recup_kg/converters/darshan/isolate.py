"""Running the reader of binary logs in a process of its own, with limits.

Darshan's library ends the process on some damaged logs, hangs on others and asks for terabytes on a third kind. So each log is
read by a child (`child.py`) that has a limit on time and memory and that ends by itself when its time is over. When it fails at
one module, another child goes on with the next: what was read before is kept.
"""

from __future__ import annotations

import importlib.util
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from recup_kg.errors import MissingExtra

_CHILD = Path(__file__).with_name("child.py")
_LINE = 16 * 1024**2

Message = dict[str, Any]
Handler = Callable[[Message, bytes], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the child may use for one log: `seconds` of time, `memory` and `output` in bytes."""

    seconds: int = 120
    memory: int = 4 * 1024**3
    output: int = 2 * 1024**3


class Failed(Exception):
    """A child did not come to its end. `what` it was at last, None if it did not even start; `why` in words."""

    def __init__(self, what: str | None, why: str) -> None:
        super().__init__(why)
        self.what = what
        self.why = why


def library_folder() -> str:
    """The folder of PyDarshan. Raises `MissingExtra` where it, or cffi, is not installed."""
    found = importlib.util.find_spec("darshan")
    folder = next(iter(found.submodule_search_locations or ()), None) if found is not None else None
    if folder is None or importlib.util.find_spec("cffi") is None:
        raise MissingExtra("darshan", "darshan")
    return str(folder)


def run(
    log: Path, parts: Sequence[str], modules: Sequence[tuple[str, int]], limits: Limits, handle: Handler
) -> None:
    """Read these parts and modules of a log; each message goes to `handle`. Raises `Failed` and `MissingExtra`."""
    package = library_folder()
    order = {
        **_surroundings(package, limits),
        "log": str(log.absolute()),
        "parts": list(parts),
        "modules": [list(module) for module in modules],
        "compiled": _compiled(package),
    }
    process = subprocess.Popen(  # noqa: S603  (the interpreter that runs this, and a script beside it)
        _command(order),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    what: str | None = None
    try:
        for message, payload in _messages(process.stdout.fileno(), limits):
            if message["event"] == "begin":
                what = message["what"]
            elif message["event"] == "done":
                return
            else:
                handle(message, payload)
        raise Failed(what, _why(process.wait()))
    except _TooMuch as problem:
        raise Failed(what, str(problem)) from None
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def _surroundings(package: str, limits: Limits) -> Message:
    path = [entry or str(Path.cwd()) for entry in sys.path]
    return {"package": package, "path": path, "seconds": limits.seconds, "memory": limits.memory}


def _command(order: Message) -> list[str]:
    return [sys.executable, "-S", "-E", "-s", str(_CHILD), json.dumps(order)]


@cache
def _compiled(package: str) -> str | None:
    """PyDarshan's declarations as cffi compiles them, made once; None where that fails: then each child does it by itself."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "declarations.py"
        order = {**_surroundings(package, Limits(seconds=30)), "declare": str(target)}
        try:
            subprocess.run(  # noqa: S603  (the interpreter that runs this, and a script beside it)
                _command(order), stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=30
            )
            return target.read_text(encoding="utf-8")
        except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
            return None


class _TooMuch(Exception):
    """A limit was reached."""


def _messages(source: int, limits: Limits) -> Iterator[tuple[Message, bytes]]:
    """The messages of a child, until it closes its end."""
    pipe = _Pipe(source, time.monotonic() + limits.seconds, limits.output)
    while True:
        line = pipe.line()
        if line is None:
            return
        try:
            message = json.loads(line)
            size = int(message["bytes"])
        except (ValueError, KeyError, TypeError):
            raise _TooMuch("it wrote what is no message") from None
        payload = pipe.take(size)
        if payload is None:
            return
        yield message, payload


class _Pipe:
    """Reading from a pipe until a point in time."""

    def __init__(self, source: int, deadline: float, room: int) -> None:
        self.source = source
        self.deadline = deadline
        self.room = room
        self.buffer = bytearray()
        self.position = 0

    def line(self) -> bytes | None:
        """The next line, None at the end."""
        while (end := self.buffer.find(b"\n", self.position)) < 0:
            if len(self.buffer) - self.position > _LINE or not self._more():
                return None
        found = bytes(self.buffer[self.position : end])
        self.position = end + 1
        return found

    def take(self, size: int) -> bytes | None:
        """As many bytes, None where they end before."""
        while len(self.buffer) - self.position < size:
            if not self._more():
                return None
        found = bytes(self.buffer[self.position : self.position + size])
        self.position += size
        return found

    def _more(self) -> bool:
        del self.buffer[: self.position]
        self.position = 0
        left = self.deadline - time.monotonic()
        if left <= 0 or not _ready(self.source, left):
            raise _TooMuch("it did not end in time")
        data = os.read(self.source, 1 << 20)
        self.room -= len(data)
        if self.room < 0:
            raise _TooMuch("it wrote more than a log can hold")
        self.buffer += data
        return bool(data)


def _ready(source: int, seconds: float) -> bool:
    """Whether there is something to read within that time."""
    poll = select.poll()
    poll.register(source, select.POLLIN | select.POLLHUP)
    return bool(poll.poll(max(1, int(seconds * 1000))))


def _why(status: int) -> str:
    """In words, how a process ended."""
    if status < 0:
        return "it crashed the Darshan library"
    return "the Darshan library refused it"
