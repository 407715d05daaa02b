"""Which files belong to which run, before any is read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from recup_kg.converters import members, recognise
from recup_kg.errors import MalformedSource
from recup_kg.store.registry import name_of_file

_GENERIC = frozenset(
    ("ro-crate-metadata", "trace", "experiment", "meta", "graph", "worker_transition", "scheduler_transition")
)


@dataclass(frozen=True, slots=True)
class Work:
    """One run to be: the sources that tell of it, one path each, and the files that no converter recognises.

    `name` is that of the run, None where the source's own decides; `origin` is what the user named. With `extends`, a run of that
    name keeps the sources that it has.
    """

    origin: Path
    sources: tuple[Path, ...]
    name: str | None = None
    unrecognised: tuple[Path, ...] = ()
    is_folder: bool = False
    extends: bool = False


def is_generic(path: Path) -> bool:
    """Whether every file of its kind is called like that, so that the name tells nothing of the run."""
    return path.name.split(".")[0].lower() in _GENERIC


def run_name(path: Path) -> str:
    """The name of the run that a file tells of: its stem, or where that is generic its folder's."""
    folder = path.resolve().parent.name
    return folder if is_generic(path) and folder else name_of_file(path.name) or "run"


def plan(paths: Sequence[Path], run: str | None = None) -> Iterator[Work]:
    """A folder is a run, and so is a file; with `run`, all together are the run of that name."""
    if run is None:
        yield from (_work(path) for path in paths)
        return
    parts = [_work(path) for path in paths]
    yield Work(
        paths[0],
        tuple(dict.fromkeys(source for part in parts for source in part.sources)),
        run,
        tuple(path for part in parts for path in part.unrecognised),
        any(part.is_folder for part in parts),
        extends=True,
    )


def _work(path: Path) -> Work:
    if not path.is_dir():
        return Work(path, (path,))
    sources, unrecognised = _gather(path)
    return Work(path, sources, path.resolve().name or "run", unrecognised, is_folder=True)


def _gather(folder: Path) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """One file of each source below a folder, and the files that belong to none."""
    files = sorted(_files(folder))
    taken: set[Path] = set()
    sources: list[Path] = []
    for path in files:
        if path in taken:
            continue
        if not os.access(path, os.R_OK):
            # Reading it says what is wrong.
            sources.append(path)
            taken.add(path)
        converter = recognise(path) if _has_content(path) else None
        if converter is not None:
            sources.append(path)
            taken.update(members(converter, path))
    return tuple(sources), tuple(path for path in files if path not in taken)


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent, name) for name in names if not name.startswith("."))


def _refuse(error: OSError) -> None:
    raise MalformedSource(
        str(error.filename), f"can't be read: {error.strerror}", advice="check its permissions"
    ) from error


def _has_content(path: Path) -> bool:
    return path.is_file() and os.access(path, os.R_OK) and path.stat().st_size > 0
