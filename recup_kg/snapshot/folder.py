"""The folder of a snapshot: always a new or empty one, so that nothing is ever overwritten."""

from __future__ import annotations

import json
import re
from pathlib import Path

from recup_kg.errors import UsageError
from recup_kg.snapshot.take import Snapshot

SUMMARY = "recup-snapshot.json"
"""Written last: a folder that has it is whole."""


def default_name(snapshot_host: str, captured: str) -> str:
    """`snapshot-<host>-<local time>`, with nothing but letters, digits, dots, dashes and underscores in it."""
    host = re.sub(r"[^A-Za-z0-9._-]+", "_", snapshot_host).strip(".") or "host"
    time = re.sub(r"[^0-9T]", "", captured[:19])
    return f"snapshot-{host[:100]}-{time}"


def prepare(folder: Path) -> Path:
    """Make the folder, or take it where it is there and empty. Raises `UsageError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        empty = next(folder.iterdir(), None) is None
    except FileExistsError:
        raise UsageError(f"{folder} is not a folder; name a new one with -o") from None
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}; name a folder that can be written with -o") from error
    if not empty:
        raise UsageError(f"{folder} is not empty and nothing is overwritten; name a new folder with -o")
    return folder


def write(snapshot: Snapshot, folder: Path) -> tuple[Path, ...]:
    """Write the files of a snapshot and its summary into a folder that `prepare` gave. Raises `UsageError`."""
    texts = {**snapshot.files, SUMMARY: json.dumps(snapshot.summary(), indent=1) + "\n"}
    try:
        return tuple(_write(folder / name, text) for name, text in texts.items())
    except OSError as error:
        raise UsageError(
            f"{error.filename or folder}: {error.strerror}; name another folder with -o"
        ) from error


def _write(path: Path, text: str) -> Path:
    with path.open("x", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
        stream.write(text)
    return path
