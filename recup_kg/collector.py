"""The garbage collector, held still while many objects are made that all live to the end of the work."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def paused_collector() -> Iterator[None]:
    """No garbage collection within; as a context or as a decorator.

    Records and lines hold no cycles, so the collector only walks them again and again: conversion of 100,000 tasks takes 1.2
    times as long with it (`python -m benchmarks.convert`).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
