"""Memory that each thread uses again for piece after piece: taken anew, its pages would cost
more than its numbers."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from recup_kg.results.blocks import Array

_KEPT = 1 << 22
"""Bytes of an array that are worth keeping; larger ones are taken anew."""
_memory = threading.local()


def scratch(name: str, size: int, dtype: DTypeLike) -> Array:
    """An array without values in it; overwritten by the next call with that name from the same thread."""
    kind = np.dtype(dtype)
    need = size * kind.itemsize
    if need > _KEPT:
        return np.empty(size, kind)
    kept: dict[str, np.ndarray[Any, np.dtype[np.uint8]]] = _memory.__dict__
    buffer = kept.get(name)
    if buffer is None or len(buffer) < need:
        buffer = kept[name] = np.empty(need, np.uint8)
    return buffer[:need].view(kind)
