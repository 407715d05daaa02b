"""How many lines were taken out and put in between two texts."""

from __future__ import annotations

from difflib import SequenceMatcher
from pathlib import Path

LARGEST = 1 << 23
"""Bytes of the larger text beyond which lines are only compared place by place."""
LONGEST = 2_000
"""Lines between the common start and end beyond which no shortest difference is sought."""


def line_difference(reference: Path, other: Path) -> str | None:
    """In words, of files that differ; None where they are too large."""
    if max(reference.stat().st_size, other.stat().st_size) > LARGEST:
        return None
    a, b = (
        path.read_text(encoding="utf-8", errors="surrogateescape").splitlines() for path in (reference, other)
    )
    while a and b and a[-1] == b[-1]:
        a.pop()
        b.pop()
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    a, b = a[start:], b[start:]
    if max(len(a), len(b)) > LONGEST:
        return None
    steps = SequenceMatcher(None, a, b, autojunk=False).get_opcodes()
    gone = sum(end - begin for kind, begin, end, _, _ in steps if kind != "equal")
    new = sum(end - begin for kind, _, _, begin, end in steps if kind != "equal")
    return f"{gone} lines removed, {new} added"
