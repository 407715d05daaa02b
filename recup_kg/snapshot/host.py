"""The machine as probes see it: files, variables, programs with a time limit."""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from recup_kg.snapshot.probe import NotCaptured

PLACES = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin", "/opt/rocm/bin")
"""Where programs are looked for besides PATH, which may be unset."""
LARGEST = 32 * 1024 * 1024
"""Bytes of a file or of a program's output; what is larger is no fact of an environment."""
_NO_COLOUR = {"LC_ALL": "C", "LANGUAGE": "C", "NO_COLOR": "1", "TERM": "dumb", "GIT_OPTIONAL_LOCKS": "0"}


def variables() -> dict[str, str]:
    """The environment of this process; bytes that are not UTF-8 are spelt `\\xe9`, whatever the locale is."""
    return {as_text(name): as_text(value) for name, value in os.environb.items()}


def as_text(data: bytes) -> str:
    """The text of bytes; what is not UTF-8 is spelt `\\xe9`."""
    return data.decode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class Host:
    """What probes look at. `root` is the folder that stands for `/`; programs run until `deadline` (`time.monotonic`).

    `folder` is where the snapshot is taken, `name` what the machine calls itself.
    """

    environment: dict[str, str] = field(default_factory=variables)
    root: Path = Path("/")
    folder: Path = field(default_factory=Path)
    deadline: float = float("inf")
    name: str = field(default_factory=lambda: as_text(os.fsencode(os.uname().nodename)))

    def path(self, name: str) -> Path:
        """A path of the machine, below `root`."""
        return self.root / name.lstrip("/")

    def read(self, name: str) -> str:
        """The text of a file. Raises `NotCaptured` that says why it can't be read."""
        data = bytearray()
        try:
            with self.path(name).open("rb", buffering=0) as stream:
                # /proc/sys has no memory for a read of many bytes at once.
                while len(data) <= LARGEST and (part := stream.read(1 << 16)):
                    data += part
        except OSError as error:
            raise NotCaptured(f"{name}: {error.strerror}") from error
        if len(data) > LARGEST:
            raise NotCaptured(f"{name}: larger than {LARGEST} bytes")
        return as_text(bytes(data))

    def line(self, name: str) -> str | None:
        """The only line of a file as in /sys, None where there is none."""
        with contextlib.suppress(NotCaptured):
            return self.read(name).strip() or None
        return None

    def names(self, pattern: str) -> list[str]:
        """Paths of the machine that match a pattern, sorted."""
        with contextlib.suppress(OSError):
            found = self.root.glob(pattern.lstrip("/"))
            return sorted(f"/{path.relative_to(self.root)}" for path in found)
        return []

    def program(self, name: str) -> str | None:
        """Where a program is, None where it is not installed."""
        places = [
            *self.environment.get("PATH", "").split(os.pathsep),
            *(str(self.path(place)) for place in PLACES),
        ]
        return shutil.which(name, path=os.pathsep.join(place for place in places if place))

    def run(self, name: str, *arguments: str) -> str:
        """What a program prints. Raises `NotCaptured` where it is not there, fails, or takes too long.

        It has a session of its own, which is ended as a whole: a program that hangs leaves no children behind.
        """
        program = self.program(name)
        if program is None:
            raise NotCaptured(f"{name} is not installed")
        try:
            process = subprocess.Popen(  # noqa: S603
                [program, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=self.folder,
                env={
                    name.encode(): value.encode() for name, value in (self.environment | _NO_COLOUR).items()
                },
                start_new_session=True,
            )
        except OSError as error:
            raise NotCaptured(f"{name} can't be started: {error.strerror}") from error
        with process:
            output, errors = self._output(name, process)
        if process.returncode != 0:
            said = next(
                (f": {line.strip()[:200]}" for line in as_text(errors).splitlines() if line.strip()), ""
            )
            raise NotCaptured(f"{name} ended with exit code {process.returncode}{said}")
        return as_text(output)

    def _output(self, name: str, process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
        """All that it prints, and all that it complains of; ends it where it takes too long or prints too much."""
        output, errors = bytearray(), bytearray()
        try:
            for stream, part in _parts(process, self.deadline):
                (output if stream is process.stdout else errors).extend(part)
                if len(output) + len(errors) > LARGEST:
                    raise NotCaptured(f"{name} printed more than {LARGEST} bytes")
            process.wait(max(0.0, min(self.deadline - time.monotonic(), 3600.0)))
        except (TimeoutError, subprocess.TimeoutExpired):
            raise NotCaptured(f"{name} took longer than its time limit") from None
        finally:
            _end(process)
        return bytes(output), bytes(errors)


def _parts(process: subprocess.Popen[bytes], deadline: float) -> Iterator[tuple[IO[bytes], bytes]]:
    """What comes through the pipes, until both end. Raises TimeoutError at the deadline."""
    with selectors.DefaultSelector() as selector:
        for stream in filter(None, (process.stdout, process.stderr)):
            selector.register(stream, selectors.EVENT_READ, stream)
        while selector.get_map():
            left = deadline - time.monotonic()
            ready = selector.select(min(left, 3600.0)) if left > 0 else []
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                part = os.read(key.fd, 1 << 16)
                if not part:
                    selector.unregister(key.data)
                yield key.data, part


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program and all that it started; nothing where it has ended."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
