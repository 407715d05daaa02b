"""Chains of causes."""

from __future__ import annotations

from collections.abc import Sequence

from recup_kg.comparisons import Comparison
from recup_kg.explanations import Cause
from recup_kg.scores import Scores
from recup_kg.store import Entry, Store


def chains(
    store: Store, run: Entry, typical: Comparison, scores: Scores | None, causes: Sequence[Cause]
) -> tuple[tuple[Cause, ...], tuple[str, ...]]:
    """The causes with chains."""
    return tuple(causes), ()
