"""Variables that are read in pieces, and pieces of two files brought to the same lengths."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Any, Literal, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Memory: TypeAlias = np.ndarray[Any, np.dtype[np.uint8]]
Order: TypeAlias = Literal["C", "F"]
Block: TypeAlias = tuple[Array, ...]
Load: TypeAlias = Callable[[int, int, Memory | None], Array]

BYTES = 1 << 22
"""The size that pieces of a variable are read in."""


@dataclass(frozen=True, slots=True)
class Variable:
    """What a file says of a variable: `dtype` as NumPy or the format spells it, `shape` None where only reading tells it.

    `unreadable` is why its values can't be compared, None where they can. `where` turns a flat position into words; without it
    positions are indices.
    """

    name: str
    dtype: str
    shape: tuple[int, ...] | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    unreadable: str | None = None
    where: Callable[[int], str] | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Variables of a file that are read together, piece by piece.

    `blocks` gives consecutive flat pieces of all of them in the order that it is asked for; `order` is the one that costs least.
    `load`, where there is one, gives the elements from start to stop of the only variable, in order `order`, from any thread, in
    the memory that it is given or else in new one. `cells`, where there is one, gives what `blocks` does as columns of text in
    Arrow.
    """

    variables: tuple[Variable, ...]
    blocks: Callable[[Order], Iterator[Block]]
    order: Order = "C"
    load: Load | None = None
    cells: Callable[[], Iterator[tuple[Any, ...]]] | None = None


def aligned(one: Iterator[Block], two: Iterator[Block]) -> Iterator[tuple[int, Block, Block]]:
    """Pieces of both with the same numbers of elements, and where they start; ends with the shorter one."""
    start = 0
    left, right = _next(one), _next(two)
    while left is not None and right is not None:
        size = min(len(left[0]), len(right[0]))
        if size:
            yield start, tuple(part[:size] for part in left), tuple(part[:size] for part in right)
        start += size
        left = _rest(left, size, one)
        right = _rest(right, size, two)


def slabs(
    shape: Sequence[int], itemsize: int, chunk: Sequence[int] | None = None
) -> Iterator[tuple[slice, ...]]:
    """Selections that cover an array in C order, each contiguous in it, of about `BYTES`, along the chunks of its storage."""
    if prod(shape) == 0:
        return
    budget = max(1, BYTES // max(1, itemsize))
    axis = next((k for k in range(len(shape)) if prod(shape[k + 1 :]) <= budget), max(0, len(shape) - 1))
    if not shape:
        yield ()
        return
    step = max(1, budget // prod(shape[axis + 1 :]))
    if chunk is not None:
        step = max(chunk[axis], step // chunk[axis] * chunk[axis])
    for leading in product(*map(range, shape[:axis])):
        for start in range(0, shape[axis], step):
            yield (
                *(slice(i, i + 1) for i in leading),
                slice(start, min(start + step, shape[axis])),
                *(slice(0, n) for n in shape[axis + 1 :]),
            )


def place(position: int, shape: tuple[int, ...] | None, order: Order = "C") -> str:
    """A flat position as an index: [3], [1, 2], [] of a single value."""
    if shape is None or len(shape) == 1:
        return f"[{position}]"
    return str([int(index) for index in np.unravel_index(position, shape, order)]) if shape else "[]"


def _next(blocks: Iterator[Block]) -> Block | None:
    return next((block for block in blocks if len(block[0])), None)


def _rest(block: Block, size: int, blocks: Iterator[Block]) -> Block | None:
    return tuple(part[size:] for part in block) if len(block[0]) > size else _next(blocks)
