"""A lock that processes on one file system share, and that a killed process gives back."""

from __future__ import annotations

import errno
import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recup_kg.errors import StoreBusy, StoreError

_INTERVAL = 0.05
_HELD = (errno.EACCES, errno.EAGAIN)


@contextmanager
def locked(path: Path, wait: float) -> Iterator[None]:
    """Hold the lock in the file `path`, after at most `wait` seconds.

    Raises `StoreBusy` where another process keeps it, `StoreError` where the file system has no locks.
    """
    with path.open("ab") as stream:
        _take(path, stream.fileno(), wait)
        yield


def _take(path: Path, descriptor: int, wait: float) -> None:
    end = time.monotonic() + wait
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _HELD:
                raise StoreError(
                    f"{path}: this file system has no locks ({error.strerror}): put the store on another, "
                    "or mount this one with flock"
                ) from error
            if time.monotonic() >= end:
                raise StoreBusy(
                    f"{path.parent} is being written by another process, for longer than {wait:g} s: try again later"
                ) from error
        time.sleep(_INTERVAL)
