"""Error-bounded Merkle trees over the values of a variable (Tan et al., Middleware 2024, doi 10.1145/3652892.3700780).

The leaves are hashes of chunks of values: one of their bytes, and two of the bins floor(x / w) that they fall in, in a grid
and in one that is
shifted by half a bin. A chunk that is equal in either grid holds no value that is more than eps apart; one that differs in
both may.
A node is the hash of its two children. All hashes are the first 16 bytes of SHA-256.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from recup_kg.errors import UsageError
from recup_kg.results.blocks import Array

HASH = 16
"""Bytes of a hash."""
CHUNK = 1_024
"""Values of a chunk: 0.2 % of the data per grid where values are doubles."""
_LARGEST_BIN = 2.0**42
"""A bin beyond which the quotient is too coarse: such values are taken by their bits, so only equal ones agree."""
_WIDTH = 1 - 2.0**-8
"""The share of eps that a bin is wide. Quotients below 2^42 are off by 2^-11 at most, so values of one bin are within eps."""
_SMALLEST_EPS = 1e-290


@dataclass(frozen=True, slots=True)
class Leaves:
    """The hashes of consecutive chunks, one after the other: of the bytes, of the bins, and of the shifted bins."""

    exact: bytes = b""
    grid: bytes = b""
    shifted: bytes = b""

    def __len__(self) -> int:
        return len(self.exact) // HASH

    def __add__(self, other: Leaves) -> Leaves:
        return Leaves(self.exact + other.exact, self.grid + other.grid, self.shifted + other.shifted)

    @property
    def roots(self) -> tuple[str, str, str]:
        """The roots of the three trees, in hexadecimal."""
        return root(self.exact).hex(), root(self.grid).hex(), root(self.shifted).hex()


def check_eps(eps: float) -> float:
    """The bound, if bins can be made of it. Raises `UsageError`."""
    if not _SMALLEST_EPS <= eps < float("inf"):
        raise UsageError(f"eps is {eps:g}: give a finite number of at least {_SMALLEST_EPS:g}")
    return eps


def root(leaves: bytes) -> bytes:
    """The root of the tree over hashes of `HASH` bytes; a node without a partner moves up as it is."""
    level = [leaves[start : start + HASH] for start in range(0, len(leaves), HASH)] or [_hash(b"")]
    while len(level) > 1:
        pairs = [_hash(level[i] + level[i + 1]) for i in range(0, len(level) - 1, 2)]
        level = [*pairs, *level[len(level) - len(level) % 2 :]]
    return level[0]


def leaves(values: Array, eps: float, size: int = CHUNK) -> Leaves:
    """The hashes of the chunks of a flat array; the last chunk may be shorter."""
    if values.dtype.kind == "O":
        found = [_object_leaves(chunk, eps) for chunk in _chunks(values, size)]
        return Leaves(*(b"".join(column) for column in zip(*found, strict=True))) if found else Leaves()
    little = np.ascontiguousarray(values.astype(values.dtype.newbyteorder("<"), copy=False))
    exact = _hashes(little, size)
    grids = bins(values, eps)
    if grids is None:
        return Leaves(exact, exact, exact)
    width = grids[0].size // max(1, values.size)
    return Leaves(exact, _hashes(grids[0], size * width), _hashes(grids[1], size * width))


def bins(values: Array, eps: float) -> tuple[Array, Array] | None:
    """The bins of values in both grids, as 64-bit integers; of a complex number those of its parts. None where there is no
    distance.

    NaN, whatever its bits, is one bin; so is each infinity.
    """
    kind = values.dtype.kind
    if kind not in "iufc" or values.dtype.itemsize > (16 if kind == "c" else 8):
        return None
    width = eps * _WIDTH
    if kind == "c":
        width, real = width / 2**0.5, values.astype(np.complex128).view(np.float64)
    else:
        real = values.astype(np.float64)
    bits = np.where(np.isnan(real), np.nan, real).view(np.int64)
    if kind in "iu" and values.dtype.itemsize == 8:
        # A double may stand for several of them.
        bits = values.astype(np.uint64).view(np.int64)
    with np.errstate(all="ignore"):
        scaled = real / width
        inside = np.abs(scaled) < _LARGEST_BIN
        if kind in "iu":
            inside &= np.abs(real) < 2.0**53
        safe = np.where(inside, scaled, 0.0)
        first, second = (np.floor(safe + shift).astype("<i8") for shift in (0.0, 0.5))
    return np.where(inside, first, bits).astype("<i8"), np.where(inside, second, bits).astype("<i8")


def _chunks(values: Array, size: int) -> Iterator[Array]:
    return (values[start : start + size] for start in range(0, len(values), size))


def _hashes(values: Array, size: int) -> bytes:
    view, step = values.view(np.uint8).data, size * values.dtype.itemsize
    sha256 = hashlib.sha256
    return b"".join(sha256(view[start : start + step]).digest()[:HASH] for start in range(0, len(view), step))


def _object_leaves(chunk: Array, eps: float) -> tuple[bytes, bytes, bytes]:
    """Of texts: where all of them are numbers, their bins are those of the numbers."""
    texts = ["null" if value is None else str(value) for value in chunk.tolist()]
    exact = _hash("\x1f".join(texts).encode(errors="surrogateescape"))
    try:
        grids = bins(np.array(texts, np.float64), eps)
    except ValueError:
        return exact, exact, exact
    if grids is None:
        return exact, exact, exact
    return exact, _hash(grids[0].tobytes()), _hash(grids[1].tobytes())


def _hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:HASH]
