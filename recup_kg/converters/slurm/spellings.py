"""How SLURM spells nodes, durations, sizes and what is not known.

https://slurm.schedmd.com/sacct.html, https://slurm.schedmd.com/scontrol.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import product

from recup_kg.records import Number

UNKNOWN = frozenset(
    (
        "",
        "Unknown",
        "UNKNOWN",
        "None",
        "None assigned",
        "(null)",
        "N/A",
        "n/a",
        "NONE",
        "INVALID",
        "Partition_Limit",
        "Not Set",
        "4294967294",
    )
)
"""What SLURM prints where it has no value (4294967294 is its NO_VAL)."""
MOST_NODES = 1_000_000

_PART = re.compile(r"[^\[\],\s]+|\[[^\[\]]*\]")
_RANGE = re.compile(r"(\d{1,18})(?:-(\d{1,18}))?(?:/(\d{1,9}))?|([A-Za-z0-9_.-]+)")
_DURATION = re.compile(
    r"(?:(?P<days>\d{1,9})-)?(?:(?:(?P<hours>\d{1,9}):)?(?P<minutes>\d{1,9}):)?(?P<seconds>\d{1,12}(?:\.\d{1,9})?)"
)
_SIZE = re.compile(r"(\d{1,30}(?:\.\d{1,9})?)([KMGTPE]?)(?:i?B)?")
_POWERS = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}


def node_names(expression: str) -> tuple[str, ...]:
    """The nodes of a node list expression, in its order: `nid0[5301-5303,5312],login1`.

    Leading zeros are kept (`[08-10]` is 08, 09, 10), several brackets multiply. Raises `ValueError` for what is no such
    expression or stands for more than a million nodes.
    """
    names: list[str] = []
    for entry in _entries(expression):
        parts = _PART.findall(entry)
        if "".join(parts) != entry:
            raise ValueError(f"no node list expression: {entry!r}")
        choices = [list(_numbers(part[1:-1])) if part.startswith("[") else [part] for part in parts]
        count = 1
        for choice in choices:
            count *= len(choice)
        if count + len(names) > MOST_NODES:
            raise ValueError(f"more than {MOST_NODES} nodes: {entry!r}")
        names.extend("".join(chosen) for chosen in product(*choices))
    return tuple(names)


def seconds(duration: str) -> Number:
    """The seconds of `[[DD-]HH:]MM:SS[.fraction]`, of `DD-HH[:MM]`, or of a number of seconds. Raises `ValueError`."""
    days, dash, rest = duration.partition("-")
    if dash and rest.count(":") < 2:
        duration = f"{days}-{rest}" + ":00" * (2 - rest.count(":"))
    match = _DURATION.fullmatch(duration)
    if match is None:
        raise ValueError(f"no duration: {duration!r}")
    part = {name: Fraction(value or 0) for name, value in match.groupdict().items()}
    total = ((part["days"] * 24 + part["hours"]) * 60 + part["minutes"]) * 60 + part["seconds"]
    return int(total) if total.denominator == 1 else float(total)


def size_bytes(size: str, *, unit: str = "") -> int:
    """The bytes of `1294440K`, `199G`, `891.26M`: powers of 1024; `unit` is that of a bare number. Raises `ValueError`.

    SLURM rounds to two decimals where it gives any, so a fraction of a byte is rounded.
    """
    match = _SIZE.fullmatch(size)
    if match is None:
        raise ValueError(f"no size: {size!r}")
    factor: int = 1024 ** _POWERS[match[2] or unit]
    return round(Fraction(match[1]) * factor)


def resources(written: str) -> tuple[tuple[str, str], ...]:
    """The trackable resources of `cpu=8,mem=32000M,gres/gpu:v100=1`, in their order. Raises `ValueError`."""
    pairs = []
    for entry in written.split(","):
        name, equals, amount = entry.partition("=")
        if not equals or not name:
            raise ValueError(f"no resources: {written!r}")
        pairs.append((name, amount))
    return tuple(pairs)


def _entries(expression: str) -> Iterator[str]:
    """The parts between commas that are in no bracket."""
    depth, start = 0, 0
    for index, character in enumerate(expression):
        depth += (character == "[") - (character == "]")
        if character == "," and depth == 0:
            yield expression[start:index].strip()
            start = index + 1
    yield expression[start:].strip()


def _numbers(ranges: str) -> Iterator[str]:
    total = 0
    for entry in ranges.split(","):
        match = _RANGE.fullmatch(entry.strip())
        if match is None:
            raise ValueError(f"no range of nodes: {entry!r}")
        first, last, step, word = match.groups()
        if word is not None or last is None:
            yield entry.strip()
            continue
        numbers = range(int(first), int(last) + 1, int(step or 1) or 1)
        total += len(numbers)
        if not numbers or total > MOST_NODES:
            raise ValueError(f"no range of at most {MOST_NODES} nodes: {entry!r}")
        width = len(first)
        yield from (f"{number:0{width}d}" for number in numbers)
