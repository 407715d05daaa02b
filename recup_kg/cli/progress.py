"""Progress bars on standard error, where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

Advance: TypeAlias = Callable[[str, float], None]
"""Called with what is going on and the share of the work that is done, from 0 to 1."""


def _silent(stage: str, share: float) -> None:
    return None


@contextmanager
def progress(title: str, *, quiet: bool) -> Iterator[Advance]:
    """A function to report progress to; it does nothing where nobody looks."""
    if quiet or not sys.stderr.isatty():
        yield _silent
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(title, total=1.0)
        yield lambda stage, share: bars.update(bar, description=stage[:50], completed=share)
