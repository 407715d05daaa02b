"""Fields of structured arrays as variables of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np

from recup_kg.results.blocks import Array, Block, Order, Part, Variable

Path: TypeAlias = tuple[str, ...]


def parts_of(
    name: str,
    dtype: np.dtype[np.generic],
    shape: tuple[int, ...],
    blocks: Callable[[Order], Iterator[Block]],
    order: Order = "C",
) -> tuple[Part, ...]:
    """One part for an array whose pieces `blocks` gives; one for all its fields where it is structured.

    A field is called `name.field`; one that is an array itself adds its axes after those of the whole.
    """
    if dtype.fields is None:
        return (Part((Variable(name, dtype.str, shape),), blocks, order),)
    leaves = tuple(_leaves(dtype, ()))
    scalar = [leaf for leaf in leaves if not leaf[2]]
    found = []
    if scalar:
        found.append(_part(name, shape, scalar, blocks, order))
    # Arrays in an element make more elements: they can't keep step with the fields that are scalar.
    found += [_part(name, (*shape, *leaf[2]), [leaf], blocks, "C") for leaf in leaves if leaf[2]]
    return tuple(found)


def _part(
    name: str,
    shape: tuple[int, ...],
    leaves: list[tuple[Path, np.dtype[np.generic], tuple[int, ...]]],
    blocks: Callable[[Order], Iterator[Block]],
    order: Order,
) -> Part:
    variables = tuple(
        Variable(".".join(part for part in (name, *path) if part), dtype.str, shape)
        for path, dtype, _ in leaves
    )

    def pieces(wanted: Order) -> Iterator[Block]:
        for (block,) in blocks(wanted):
            yield tuple(np.ascontiguousarray(_field(block, path)).reshape(-1) for path, _, _ in leaves)

    return Part(variables, pieces, order)


def _leaves(
    dtype: np.dtype[np.generic], path: Path
) -> Iterator[tuple[Path, np.dtype[np.generic], tuple[int, ...]]]:
    base, shape = (dtype.subdtype[0], dtype.subdtype[1]) if dtype.subdtype else (dtype, ())
    if base.fields is None or shape:
        yield path, base, shape
        return
    for field in base.names or ():
        yield from _leaves(base.fields[field][0], (*path, field))


def _field(block: Array, path: Path) -> Array:
    for name in path:
        block = block[name]
    return block
