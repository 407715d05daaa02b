"""Variables of two files matched by name, read by one thread and measured piece by piece by others."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from math import prod
from typing import TypeAlias, TypeVar

import numpy as np

from recup_kg.result_comparisons import Bound
from recup_kg.results.blocks import Array, Block, Load, Order, Part, Variable, aligned
from recup_kg.results.cells import CELLS, measure_cells
from recup_kg.results.exact import measure
from recup_kg.results.statistics import Peaks, Statistics
from recup_kg.results.texts import measure_lines, measure_texts

PIECE = 1 << 19
"""Bytes that are measured at once: so few that they and what is computed of them stay in the cache of one core."""
RANGE = 1 << 21
"""Bytes of one variable that are read at once."""
IN_FLIGHT = 4
_T = TypeVar("_T")
Measure: TypeAlias = Callable[[Array, Array, int, Bound, Peaks], Statistics]


@dataclass(frozen=True, slots=True)
class Measured:
    """A variable of both files: what its elements differ by, and how many each has; `order` is that of their positions."""

    reference: Variable
    other: Variable
    statistics: Statistics
    counts: tuple[int, int]
    order: Order = "C"


def measure_parts(
    reference: Part, other: Part, names: Sequence[str], bound: Bound, pool: Executor
) -> tuple[Measured, ...]:
    """The named variables of two parts, which are read once."""
    pairs = [(_index(reference, name), _index(other, name)) for name in names]
    variables = [(reference.variables[one], other.variables[two]) for one, two in pairs]
    order: Order = "F" if reference.order == other.order == "F" else "C"
    totals = [Statistics() for _ in names]
    sizes = _sizes(variables[0])
    if sizes is not None and sizes[0] == sizes[1] and (loads := _loads(reference, other, order)):
        _by_range(loads, sizes[0], totals[0], bound, pool)
        return (Measured(*variables[0], totals[0], sizes, order),)
    counts = _by_block(reference, other, pairs, order, totals, bound, pool)
    return tuple(Measured(*pair, total, counts, order) for pair, total in zip(variables, totals, strict=True))


def measure_pieces(a: Array, b: Array, start: int, bound: Bound, peaks: Peaks | None = None) -> Statistics:
    """What two pieces differ by, in strides that stay in the cache."""
    measuring = _measure_of(a, b)
    # Differences of narrower numbers are doubles.
    stride = max(1, PIECE // max(a.dtype.itemsize, b.dtype.itemsize, 8)) if measuring is measure else CELLS
    total, peaks = Statistics(), peaks or Peaks()
    for begin in range(0, len(a), stride):
        end = begin + stride
        found = measuring(a[begin:end], b[begin:end], start + begin, bound, peaks)
        peaks.note(found)
        total.add(found)
    return total


def _measure_of(a: Array, b: Array) -> Measure:
    if a.dtype.kind == "O" or b.dtype.kind == "O":
        return _texts
    return measure


def _texts(a: Array, b: Array, start: int, bound: Bound, peaks: Peaks) -> Statistics:
    return measure_texts(_objects(a), _objects(b), start, bound)


def _objects(values: Array) -> Array:
    return values if values.dtype.kind == "O" else values.astype(object)


def _index(part: Part, name: str) -> int:
    return next(index for index, variable in enumerate(part.variables) if variable.name == name)


def _sizes(pair: tuple[Variable, Variable]) -> tuple[int, int] | None:
    one, two = (variable.shape for variable in pair)
    return None if one is None or two is None else (prod(one), prod(two))


def _loads(reference: Part, other: Part, order: Order) -> tuple[Load, Load] | None:
    if reference.load is None or other.load is None:
        return None
    for part in (reference, other):
        if part.order != order and len(part.variables[0].shape or ()) > 1:
            return None
    return reference.load, other.load


def _by_range(loads: tuple[Load, Load], count: int, total: Statistics, bound: Bound, pool: Executor) -> None:
    """Read both variables in turns, each from its start to its end, while what was read before is measured."""
    if not count:
        return
    widths = [load(0, 1, None).dtype.itemsize for load in loads]
    size, peaks = max(1, RANGE // max(widths)), Peaks()
    # As many as there are pieces under way: a piece is done with before its memory is read into again.
    memories = cycle([[np.empty(size * width, np.uint8) for width in widths] for _ in range(IN_FLIGHT)])

    def tasks() -> Iterator[Callable[[], Statistics]]:
        for start in range(0, count, size):
            end = min(start + size, count)
            a, b = (load(start, end, into) for load, into in zip(loads, next(memories), strict=True))
            yield partial(measure_pieces, a, b, start, bound, peaks)

    for found in _in_order(tasks(), pool):
        total.add(found)


def _by_block(
    reference: Part,
    other: Part,
    pairs: Sequence[tuple[int, int]],
    order: Order,
    totals: Sequence[Statistics],
    bound: Bound,
    pool: Executor,
) -> tuple[int, int]:
    in_arrow = reference.cells is not None and other.cells is not None
    one, two = (
        _Counted(part.cells() if in_arrow and part.cells else part.blocks(order))
        for part in (reference, other)
    )
    is_lines, peaks = reference.variables[0].dtype == "lines", [Peaks() for _ in pairs]

    def work(start: int, left: Block, right: Block) -> list[Statistics]:
        if is_lines:
            return [measure_lines(left[0], right[0], start, bound)]
        if in_arrow:
            return [measure_cells(left[i], right[j], start, bound) for i, j in pairs]
        return [
            measure_pieces(left[i], right[j], start, bound, known)
            for (i, j), known in zip(pairs, peaks, strict=True)
        ]

    tasks = (partial(work, start, left, right) for start, left, right in aligned(one, two))
    for found in _in_order(tasks, pool):
        for total, statistics in zip(totals, found, strict=True):
            total.add(statistics)
    for rest in (one, two):
        deque(rest, maxlen=0)
    return one.count, two.count


def _in_order(tasks: Iterator[Callable[[], _T]], pool: Executor) -> Iterator[_T]:
    """The results of the tasks, of which a few are under way at a time."""
    waiting: deque[Future[_T]] = deque()
    for task in tasks:
        waiting.append(pool.submit(task))
        if len(waiting) >= IN_FLIGHT:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


class _Counted:
    """Pieces, and how many elements of each variable went by."""

    def __init__(self, blocks: Iterator[Block]) -> None:
        self._blocks = blocks
        self.count = 0

    def __iter__(self) -> Iterator[Block]:
        return self

    def __next__(self) -> Block:
        block = next(self._blocks)
        self.count += len(block[0])
        return block


def same_type(one: str, two: str) -> bool:
    """Whether two types differ in their byte order at most."""
    if one == two:
        return True
    try:
        return np.dtype(one).newbyteorder("=") == np.dtype(two).newbyteorder("=")
    except TypeError:
        return False
