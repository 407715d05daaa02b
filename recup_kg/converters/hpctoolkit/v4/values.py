"""`profile.db` and `cct.db`: the values of each profile and context, and who the profiles are."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from pathlib import Path

from recup_kg.converters.hpctoolkit.model import Values, no_values
from recup_kg.converters.hpctoolkit.v4.reader import Reader

IS_SUMMARY = 1
IS_PHYSICAL = 1


@dataclass(frozen=True, slots=True)
class Identifier:
    """One part of an identifier tuple as the file has it."""

    kind: int
    flags: int
    logical: int
    physical: int


@dataclass(frozen=True, slots=True)
class ProfileInfo:
    """A profile: `identifiers` is None where the file has no tuple for it."""

    flags: int
    identifiers: tuple[Identifier, ...] | None

    @property
    def is_summary(self) -> bool:
        """Whether its values are statistics over several threads."""
        return bool(self.flags & IS_SUMMARY)


@dataclass(frozen=True, slots=True)
class Profiles:
    """All of `profile.db`: the profiles, values of summaries, and values of threads."""

    minor: int
    infos: tuple[ProfileInfo, ...]
    summary: Values
    values: Values


@dataclass(frozen=True, slots=True)
class _Block:
    """Where the values of one plane are, and the layout of its packed structures."""

    at: int
    count: int
    first: int
    key_count: int
    keys: int


@dataclass(frozen=True, slots=True)
class _Layout:
    """A packed plane: the type of what an index entry names and of what a value names, and the bytes of each entry."""

    key: str
    key_stride: int
    entry: str
    entry_stride: int
    what: str


_PROFILE_MAJOR = _Layout("I", 12, "H", 10, "profile")
_CONTEXT_MAJOR = _Layout("H", 10, "I", 12, "context")


def read_profiles(path: Path) -> Profiles:
    """The file. Raises `MalformedSource`."""
    reader = Reader(path, b"prof")
    place, _, (first, count, size) = reader.section(0, "QIB", "the section of profiles")
    infos = []
    summary, values = no_values(), no_values()
    for index, entry in enumerate(reader.table(first, count, size, 0x2C, "the list of profiles", place)):
        # The table of FORMATS.md puts the flags at 28h, after the pointer to the tuple at 20h.
        block = _Block(entry, *reader.fields("QQI4xQ", entry, "a profile"))
        pointer, flags = reader.fields("QI", entry + 0x20, "a profile")
        info = ProfileInfo(flags, _tuple(reader, pointer, entry + 0x20) if pointer else None)
        infos.append(info)
        plane = summary if info.is_summary else values
        contexts, metrics, numbers = _plane(reader, block, _PROFILE_MAJOR, index)
        plane.contexts.extend(contexts)
        plane.profiles.extend(array("I", [index]) * len(numbers))
        plane.metrics.extend(metrics)
        plane.values.extend(numbers)
    return Profiles(reader.minor, tuple(infos), summary, values)


def read_contexts(path: Path) -> tuple[int, Values]:
    """Number of contexts and values of `cct.db`, sorted by context, metric and profile. Raises `MalformedSource`."""
    reader = Reader(path, b"ctxt")
    place, _, (first, count, size) = reader.section(0, "QIB", "the section of contexts")
    values = no_values()
    for index, entry in enumerate(reader.table(first, count, size, 0x20, "the list of contexts", place)):
        block = _Block(entry, *reader.fields("QQH6xQ", entry, "a context"))
        metrics, profiles, numbers = _plane(reader, block, _CONTEXT_MAJOR, index)
        values.contexts.extend(array("I", [index]) * len(numbers))
        values.profiles.extend(profiles)
        values.metrics.extend(metrics)
        values.values.extend(numbers)
    return count, values


def _tuple(reader: Reader, at: int, pointer: int) -> tuple[Identifier, ...]:
    reader.inside(at, 8, "an identifier tuple", pointer)
    (count,) = reader.fields("H", at, "an identifier tuple")
    entries = reader.table(at + 8, count, 16, 16, "an identifier tuple", pointer)
    return tuple(Identifier(*reader.fields("BxHIQ", entry, "an identifier")) for entry in entries)


def _plane(
    reader: Reader, block: _Block, layout: _Layout, index: int
) -> tuple[array[int], array[int], array[float]]:
    """Of each value the key (a context, or a metric), what it is of (a metric, or a profile), and the value."""
    if not (block.count or block.key_count):
        return array("I"), array("I"), array("d")
    what = f"{layout.what} {index}"
    reader.inside(block.first, block.count * layout.entry_stride, f"the values of {what}", block.at)
    reader.inside(block.keys, block.key_count * layout.key_stride, f"the index of {what}", block.at)
    reader.spend(block.count * layout.entry_stride, f"the values of {what}", block.at)
    reader.spend(block.key_count * layout.key_stride, f"the index of {what}", block.at)
    width = layout.entry_stride - 8
    entries = reader.column(layout.entry, block.first, block.count, layout.entry_stride)
    numbers = reader.doubles(block.first + width, block.count, layout.entry_stride)
    _check_finite(reader, block, layout, numbers, what)
    keys = reader.column(layout.key, block.keys, block.key_count, layout.key_stride)
    starts = reader.column("Q", block.keys + layout.key_stride - 8, block.key_count, layout.key_stride)
    starts.append(block.count)
    _check_index(reader, block, keys, starts, what)
    column = array("I")
    for key, (start, end) in zip(keys, pairwise(starts), strict=True):
        column.extend(array("I", (key,)) * (end - start))
    return column, array("I", entries), numbers


def _check_finite(
    reader: Reader, block: _Block, layout: _Layout, numbers: Sequence[float], what: str
) -> None:
    # The sum of finite numbers is finite, or overflows: then each is looked at.
    if isfinite(sum(numbers)):
        return
    for place, number in enumerate(numbers):
        if not isfinite(number):
            at = block.first + place * layout.entry_stride + layout.entry_stride - 8
            raise reader.bad(at, f"a value of {what} is {number}, which is no number")


def _check_index(
    reader: Reader, block: _Block, keys: Sequence[int], starts: Sequence[int], what: str
) -> None:
    if starts[0] != 0:
        raise reader.bad(block.keys, f"{block.count} values of {what} begin before its index does")
    if any(start > end for start, end in pairwise(starts)):
        raise reader.bad(
            block.keys, f"the index of {what} is not in order or leads past its {block.count} values"
        )
    if any(key >= after for key, after in pairwise(keys)):
        raise reader.bad(block.keys, f"the index of {what} is not in order")
