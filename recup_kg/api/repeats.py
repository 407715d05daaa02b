"""Two forms of one thing in one run: a log and the text that was printed of it would count twice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from recup_kg.api.convert import Converted


def without_repeats(converted: Sequence[Converted]) -> tuple[list[Converted], list[tuple[Path, str]]]:
    """The sources without evidence that speaks of nothing but what another form of it does, and a line for each left out."""
    kept: list[Converted] = []
    repeated: list[tuple[Path, str]] = []
    for item in sorted(converted, key=lambda item: (-len(item.graph.lines), str(item.path))):
        same = (other for other in kept if other.described == item.described and not item.is_trace)
        fuller = next((other for other in same if _things(item) <= _things(other)), None)
        if fuller is None:
            kept.append(item)
        else:
            line = f"{item.path}: tells of the same as {fuller.path.name}, in another form; it was left out"
            repeated.append((item.path, line))
    order = {id(item): number for number, item in enumerate(converted)}
    return sorted(kept, key=lambda item: order[id(item)]), repeated


def _things(item: Converted) -> set[str]:
    """What the evidence has parts for, apart from what it says of its own capture."""
    base = f"<{item.described}/"
    subjects = {line.split(" ", 1)[0] for line in item.graph.lines if line.startswith(base)}
    return {name for name in subjects if not name.startswith((f"{base}gap/", f"{base}coverage/"))}
