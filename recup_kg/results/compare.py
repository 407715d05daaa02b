"""Two files, or two folders file by file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from recup_kg.errors import SourceError, UsageError
from recup_kg.result_comparisons import (
    Bound,
    ComparedFile,
    FileComparison,
    Level,
    ResultComparison,
)
from recup_kg.results.files import compare_files, ignored
from recup_kg.results.sequences import sequences


def compare(
    reference: Path,
    other: Path,
    bound: Bound,
    version: str,
    *,
    ignore: Sequence[str] = (),
    progress: Callable[[str, float], None] = lambda stage, share: None,
) -> ResultComparison:
    """What `other` differs by from `reference`: two files, or two folders whose files are matched by their paths below them.

    `version` is that of this software. Raises `SourceError` where one of the two is not there, `UsageError` for a file against a
    folder.
    """
    for path in (reference, other):
        if not path.exists():
            raise SourceError(path, "there is no such file or folder")
    if reference.is_dir() != other.is_dir():
        raise UsageError(f"{reference} and {other}: give two files, or two folders")
    if reference.is_dir():
        files = _folders(reference, other, bound, ignore, progress)
    else:
        files = (compare_files(reference, other, bound, ignore),)
    return ResultComparison(str(reference), str(other), files, bound, version, tuple(ignore))


def files_below(folder: Path, ignore: Sequence[str] = ()) -> dict[str, Path]:
    """The files of a folder by their paths below it, sorted; hidden ones and what patterns match are left out."""
    found = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }
    return {name: path for name, path in found.items() if not ignored(name, "", ignore)}


def _folders(
    reference: Path,
    other: Path,
    bound: Bound,
    ignore: Sequence[str],
    progress: Callable[[str, float], None],
) -> tuple[FileComparison, ...]:
    one, two = files_below(reference, ignore), files_below(other, ignore)
    names = sorted(one.keys() | two.keys())
    if not names:
        raise SourceError(reference, "neither folder has a file to compare")
    numbered = sequences(names)
    found = []
    for index, name in enumerate(names):
        progress(name, index / len(names))
        if name in one and name in two:
            compared = compare_files(one[name], two[name], bound, ignore, name)
        else:
            compared = _missing(name, one.get(name), two.get(name))
        sequence, iteration = numbered.get(name, (None, None))
        found.append(replace(compared, sequence=sequence, iteration=iteration))
    return tuple(found)


def _missing(name: str, one: Path | None, two: Path | None) -> FileComparison:
    reference, other = (
        None if path is None else ComparedFile(str(path), path.stat().st_size) for path in (one, two)
    )
    kind = Path(name).suffix.removeprefix(".") or "bytes"
    return FileComparison(
        name, Level.MISSING, kind, reference, other, reason=f"only in {'B' if one is None else 'A'}"
    )
