"""Two files compared: by their bytes first, then variable by variable where their format is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from math import isnan
from pathlib import Path

from recup_kg.errors import MissingExtra, SourceError
from recup_kg.result_comparisons import (
    Bound,
    ComparedFile,
    FileComparison,
    Level,
    Metrics,
    Place,
    Policy,
    VariableComparison,
    worst,
)
from recup_kg.results.blocks import Part, Variable, place
from recup_kg.results.formats import Format, format_of
from recup_kg.results.linediff import line_difference
from recup_kg.results.pairs import Measured, measure_parts, same_type
from recup_kg.results.sequences import iterations
from recup_kg.results.statistics import Spot, Statistics
from recup_kg.results.tost import paired

THREADS = 2
_BUFFER = 1 << 20
_SPEEDY = frozenset(("npy",))
"""Formats whose elements are compared as fast as their bytes are."""


def compare_files(
    reference: Path, other: Path, bound: Bound, ignore: Sequence[str] = (), name: str = ""
) -> FileComparison:
    """What two files differ by. Variables whose name, or `file:name`, matches a pattern of `ignore` are left out.

    A file that can't be read gives *can't tell*, with the reason; nothing is raised for it.
    """
    name = name or reference.name
    sides = (
        ComparedFile(str(reference), reference.stat().st_size),
        ComparedFile(str(other), other.stat().st_size),
    )
    try:
        formats = format_of(reference), format_of(other)
        kind = formats[0].NAME if formats[0] is not None else "bytes"
        level, reason, variables = _compare(reference, other, formats, bound, ignore, name)
    except (SourceError, MissingExtra, OSError) as error:
        kind, level, reason, variables = _suffix(reference), Level.CANT_TELL, str(error), ()
    return FileComparison(name, level, kind, *sides, variables, reason)


def same_bytes(reference: Path, other: Path) -> int | None:
    """None where two files hold the same bytes, else the offset of the first byte in which they differ."""
    with reference.open("rb", buffering=0) as one, other.open("rb", buffering=0) as two:
        buffers = memoryview(bytearray(_BUFFER)), memoryview(bytearray(_BUFFER))
        start = 0
        while True:
            sizes = _fill(one, buffers[0]), _fill(two, buffers[1])
            size = min(sizes)
            if buffers[0][:size] != buffers[1][:size]:
                return start + next(i for i in range(size) if buffers[0][i] != buffers[1][i])
            if sizes[0] != sizes[1]:
                return start + size
            if not size:
                return None
            start += size


def _fill(stream: object, buffer: memoryview) -> int:
    done = 0
    while done < len(buffer) and (read := stream.readinto(buffer[done:])):  # type: ignore[attr-defined]
        done += read
    return done


def _suffix(path: Path) -> str:
    return path.suffix.removeprefix(".") or "bytes"


def _compare(
    reference: Path,
    other: Path,
    formats: tuple[Format | None, Format | None],
    bound: Bound,
    ignore: Sequence[str],
    name: str,
) -> tuple[Level, str, tuple[VariableComparison, ...]]:
    first, second = formats
    by_bytes = Policy.DIFFERENT not in (bound.nan, bound.inf)
    same_size = reference.stat().st_size == other.stat().st_size
    if by_bytes and same_size and (first is None or first.NAME not in _SPEEDY):
        offset = same_bytes(reference, other)
        if offset is None:
            return Level.IDENTICAL, "the bytes are identical", ()
    if first is None or second is None or first.NAME != second.NAME:
        return Level.DIFFERENT, _unlike(reference, other, first, second), ()
    with first.read(reference) as one, second.read(other) as two:
        variables = tuple(_variables(one, two, bound, ignore, name))
    level = worst(tuple(variable.level for variable in variables)) if variables else Level.IDENTICAL
    if not variables:
        return level, "no variable to compare: " + ("all are ignored" if one else "neither file has any"), ()
    reason = ""
    if first.NAME == "text" and level is Level.DIFFERENT:
        reason = line_difference(reference, other) or ""
    return level, reason, variables


def _unlike(reference: Path, other: Path, first: Format | None, second: Format | None) -> str:
    if (first and first.NAME) != (second and second.NAME):
        names = [found.NAME if found is not None else "unknown" for found in (first, second)]
        return f"the formats differ: {names[0]} against {names[1]}"
    offset = same_bytes(reference, other)
    return f"the bytes differ, first at offset {offset:,}; the format is unknown, so no bound applies"


def _variables(
    one: Sequence[Part], two: Sequence[Part], bound: Bound, ignore: Sequence[str], file: str
) -> Iterator[VariableComparison]:
    sides = [
        {
            variable.name: (part, variable)
            for part in parts
            for variable in part.variables
            if not ignored(file, variable.name, ignore)
        }
        for parts in (one, two)
    ]
    names = [*sides[0], *(name for name in sides[1] if name not in sides[0])]
    numbers = iterations(names)
    found = {}
    groups: dict[tuple[int, int], list[str]] = defaultdict(list)
    for name in names:
        if name not in sides[0] or name not in sides[1]:
            found[name] = _missing(name, sides[0].get(name), sides[1].get(name), numbers.get(name))
            continue
        (part, variable), (other_part, other_variable) = sides[0][name], sides[1][name]
        early = _before_reading(variable, other_variable, numbers.get(name))
        if early is not None:
            found[name] = early
        else:
            groups[id(part), id(other_part)].append(name)
    with ThreadPoolExecutor(THREADS, "compare") as pool:
        for members in groups.values():
            parts = sides[0][members[0]][0], sides[1][members[0]][0]
            for measured in measure_parts(*parts, members, bound, pool):
                name = measured.reference.name
                found[name] = _judge(measured, bound, numbers.get(name))
    return iter([found[name] for name in names])


def ignored(file: str, variable: str, patterns: Sequence[str]) -> bool:
    """Whether a variable of a file, or the whole file where `variable` is empty, is left out."""
    names = (variable, f"{file}:{variable}") if variable else (file, Path(file).name)
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def _missing(
    name: str,
    reference: tuple[Part, Variable] | None,
    other: tuple[Part, Variable] | None,
    iteration: int | None,
) -> VariableComparison:
    one, two = (None if side is None else side[1] for side in (reference, other))
    return VariableComparison(
        name,
        Level.MISSING,
        f"only in {'B' if reference is None else 'A'}",
        None if one is None else one.dtype,
        None if two is None else two.dtype,
        None if one is None else one.shape,
        None if two is None else two.shape,
        missing_in="reference" if reference is None else "other",
        iteration=iteration,
    )


def _before_reading(one: Variable, two: Variable, iteration: int | None) -> VariableComparison | None:
    """The verdict where values can't be compared element by element."""
    for side, variable in (("A", one), ("B", two)):
        if variable.unreadable is not None:
            return _stated(one, two, Level.CANT_TELL, f"{side}: {variable.unreadable}", iteration)
    if one.shape is None or two.shape is None or one.shape == two.shape:
        return None
    if len(one.shape) == len(two.shape) == 1:
        return None
    return _stated(one, two, Level.DIFFERENT, _shapes(one.shape, two.shape), iteration)


def _stated(
    one: Variable, two: Variable, level: Level, reason: str, iteration: int | None
) -> VariableComparison:
    return VariableComparison(
        one.name, level, reason, one.dtype, two.dtype, one.shape, two.shape, iteration=iteration
    )


def _shapes(one: tuple[int, ...], two: tuple[int, ...]) -> str:
    return f"the shapes differ: {list(one)} against {list(two)}"


def _judge(measured: Measured, bound: Bound, iteration: int | None) -> VariableComparison:
    one, two, found = measured.reference, measured.other, measured.statistics
    remarks, level = [], _level(found, same=same_type(one.dtype, two.dtype))
    if measured.counts[0] != measured.counts[1]:
        level = Level.DIFFERENT
        remarks.append(_lengths(one, measured.counts))
    if one.dtype != two.dtype:
        is_order = same_type(one.dtype, two.dtype)
        remarks.append(
            f"the {'byte orders' if is_order else 'types'} differ: {one.dtype} against {two.dtype}"
        )
    equivalence = None
    is_testable = measured.counts[0] == measured.counts[1] and not isnan(found.mean)
    if level is Level.DIFFERENT and bound.theta is not None and is_testable:
        complete = found.compared == found.count
        equivalence = paired(found.compared, found.mean, found.squares, bound.theta, bound.alpha)
        if equivalence is not None and equivalence.holds and complete:
            level = Level.EQUIVALENT
    return VariableComparison(
        one.name,
        level,
        "; ".join(remarks),
        one.dtype,
        two.dtype,
        one.shape or (measured.counts[0],) if one.shape is None else one.shape,
        two.shape or (measured.counts[1],) if two.shape is None else two.shape,
        _metrics(measured),
        equivalence,
        iteration=iteration,
    )


def _level(found: Statistics, *, same: bool) -> Level:
    if found.out_of_bound:
        return Level.DIFFERENT
    return Level.IDENTICAL if same and found.identical == found.count else Level.WITHIN_BOUND


def _lengths(variable: Variable, counts: tuple[int, int]) -> str:
    unit = {"lines": "lines"}.get(variable.dtype, "rows" if variable.where is not None else "elements")
    return f"{counts[0]:,} {unit} against {counts[1]:,}"


def _metrics(measured: Measured) -> Metrics:
    found = measured.statistics
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
        _place(found.first_out or found.first_unequal, measured),
        _place(found.worst if found.identical < found.count else None, measured),
    )


def _place(found: Spot | None, measured: Measured) -> Place | None:
    if found is None:
        return None
    variable = measured.reference
    where = (
        variable.where(found.position)
        if variable.where is not None
        else place(found.position, variable.shape, measured.order)
    )
    return Place(where, found.reference.rstrip("\r\n"), found.other.rstrip("\r\n"))
