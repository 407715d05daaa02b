"""New data against the fingerprint of old data; where the old data are there as well, only chunks that may differ are read
of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from recup_kg.errors import SourceError
from recup_kg.result_comparisons import (
    Bound,
    ComparedFile,
    FileComparison,
    Level,
    Metrics,
    Place,
    ResultComparison,
    VariableComparison,
    worst,
)
from recup_kg.results.blocks import Array, Part, Variable, place
from recup_kg.results.fingerprint import (
    Fingerprint,
    VariableTree,
    by_name,
    leaves_of,
    load,
    take,
    whole_chunks,
)
from recup_kg.results.formats import format_of
from recup_kg.results.pairs import measure_pieces, same_type
from recup_kg.results.statistics import Spot, Statistics
from recup_kg.results.tree import HASH, Leaves


def compare_with_fingerprint(
    fingerprint: Path,
    new: Path,
    version: str,
    *,
    old: Path | None = None,
    ignore: Sequence[str] = (),
    progress: Callable[[str, float], None] = lambda stage, share: None,
) -> ResultComparison:
    """What `new` differs by from what the fingerprint was taken of.

    Per variable: identical, within eps, or that chunks may differ by more, which is *can't tell* until `old` is given: then these
    chunks are read and compared element by element. Raises `SourceError`, `UsageError`.
    """
    stored = load(fingerprint)
    taken = take(new, stored.eps, chunk=stored.chunk, ignore=ignore, progress=progress)
    before, now = by_name(stored), by_name(taken)
    found: dict[str, list[VariableComparison]] = {}
    for key in [*before, *(key for key in now if key not in before)]:
        file = (before.get(key) or now[key]).file
        compared = _variable(fingerprint, stored, before.get(key), now.get(key), (old, new))
        found.setdefault(file, []).append(compared)
    files = [
        FileComparison(
            name,
            worst(tuple(variable.level for variable in variables)),
            "fingerprint",
            None,
            _file(new, name),
            tuple(variables),
        )
        for name, variables in found.items()
    ]
    files += [
        FileComparison(name, Level.CANT_TELL, "fingerprint", None, None, (), why)
        for name, why in dict((*stored.unreadable, *taken.unreadable)).items()
    ]
    bound = Bound(atol=stored.eps)
    return ResultComparison(str(old or fingerprint), str(new), tuple(files), bound, version, tuple(ignore))


def _file(new: Path, name: str) -> ComparedFile:
    path = new / name if new.is_dir() else new
    return ComparedFile(str(path), path.stat().st_size if path.exists() else 0)


def _variable(
    path: Path,
    stored: Fingerprint,
    before: VariableTree | None,
    now: VariableTree | None,
    data: tuple[Path | None, Path],
) -> VariableComparison:
    if before is None or now is None:
        tree, side = (now, "reference") if before is None else (before, "other")
        assert tree is not None
        where = "only in the new data" if before is None else "only in the fingerprint"
        return VariableComparison(tree.name, Level.MISSING, where, missing_in=side)
    told = VariableComparison(
        before.name, Level.IDENTICAL, "", before.dtype, now.dtype, before.shape, now.shape
    )
    if before.shape != now.shape:
        reason = f"the shapes differ: {list(before.shape)} against {list(now.shape)}"
        return replace(told, level=Level.DIFFERENT, reason=reason)
    if before.roots[0] == now.roots[0] and same_type(before.dtype, now.dtype):
        return replace(told, reason="the roots of the bytes are equal")
    if before.roots[1] == now.roots[1] or before.roots[2] == now.roots[2]:
        return replace(
            told, level=Level.WITHIN_BOUND, reason=f"the roots of the bins of {stored.eps:g} are equal"
        )
    return _chunks(told, path, stored, before, now, data)


def _chunks(
    told: VariableComparison,
    path: Path,
    stored: Fingerprint,
    before: VariableTree,
    now: VariableTree,
    data: tuple[Path | None, Path],
) -> VariableComparison:
    old_leaves, new_leaves = leaves_of(path, before), now.leaves or Leaves()
    suspects = suspicious(old_leaves, new_leaves)
    if not suspects.size:
        return replace(
            told, level=Level.WITHIN_BOUND, reason=f"all chunks fall in the same bins of {stored.eps:g}"
        )
    elements = f"{suspects.size:,} of {len(new_leaves):,} chunks of {stored.chunk:,} values"
    first = place(int(suspects[0]) * stored.chunk, now.shape)
    if not _has_bins(now.dtype, stored.eps):
        return replace(told, level=Level.DIFFERENT, reason=f"{elements} differ, the first from {first} on")
    if data[0] is None:
        reason = f"{elements} may differ by more than {stored.eps:g}, the first from {first} on"
        return replace(told, level=Level.CANT_TELL, reason=reason)
    statistics = _measure(data[0], data[1], before, now, suspects, stored)
    level = Level.DIFFERENT if statistics.out_of_bound else Level.WITHIN_BOUND
    reason = f"{elements} may differ by more than {stored.eps:g} and were read: the numbers are of these"
    return replace(told, level=level, reason=reason, metrics=_metrics(statistics, now))


def suspicious(old: Leaves, new: Leaves) -> Array:
    """The numbers of the chunks that are equal in neither grid, in order."""
    different = [
        (np.frombuffer(one, f"V{HASH}") != np.frombuffer(two, f"V{HASH}"))
        for one, two in zip((old.grid, old.shifted), (new.grid, new.shifted), strict=True)
    ]
    return np.flatnonzero(different[0] & different[1])


def _has_bins(dtype: str, eps: float) -> bool:
    """Whether unequal values of a type, as NumPy or a format spells it, can be within eps."""
    try:
        return np.dtype(dtype).kind in ("iufc" if eps >= 1 else "fc")
    except TypeError:
        return dtype in ("text", "float", "double", "halffloat")


def _measure(
    old: Path, new: Path, before: VariableTree, now: VariableTree, suspects: Array, stored: Fingerprint
) -> Statistics:
    bound, total = Bound(atol=stored.eps), Statistics()
    one = _read(old / before.file if old.is_dir() else old, before.name, suspects, stored.chunk)
    two = _read(new / now.file if new.is_dir() else new, now.name, suspects, stored.chunk)
    for (start, a), (_, b) in zip(one, two, strict=True):
        total.add(measure_pieces(a, b, start, bound))
    return total


def _read(path: Path, name: str, wanted: Array, size: int) -> Iterator[tuple[int, Array]]:
    """The chunks that are wanted, and where each starts; only these are read where the format lets one."""
    found = format_of(path)
    if found is None:
        raise SourceError(path, "is of no format that has variables")
    with found.read(path) as parts:
        part, index, variable = _part(parts, path, name)
        dimensions = len(variable.shape or ())
        if part.load is not None and (part.order == "C" or dimensions < 2):
            count = int(np.prod(variable.shape or (), dtype=object))
            for chunk in wanted.tolist():
                yield chunk * size, part.load(chunk * size, min((chunk + 1) * size, count), None)
            return
        chosen = set(wanted.tolist())
        for number, block in enumerate(whole_chunks(part.blocks("C"), size)):
            if number in chosen:
                yield number * size, block[index]


def _part(parts: Sequence[Part], path: Path, name: str) -> tuple[Part, int, Variable]:
    for part in parts:
        for index, variable in enumerate(part.variables):
            if variable.name == name:
                return part, index, variable
    raise SourceError(path, f"has no variable {name!r}, which its fingerprint has")


def _metrics(found: Statistics, tree: VariableTree) -> Metrics:
    return Metrics(
        found.count,
        found.identical,
        found.out_of_bound,
        found.maximum_absolute,
        found.maximum_relative,
        found.nrmse,
        found.psnr,
        found.maximum_ulp,
        found.nan_reference,
        found.nan_other,
        found.nan_both,
        found.infinite_reference,
        found.infinite_other,
        _place(found.first_out or found.first_unequal, tree),
        _place(found.worst, tree),
    )


def _place(spot: Spot | None, tree: VariableTree) -> Place | None:
    return None if spot is None else Place(place(spot.position, tree.shape), spot.reference, spot.other)
