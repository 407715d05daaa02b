"""How well scores rank what is labelled: of pooled things, and of the first few of each run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import comb
from statistics import fmean, median

Ranked = Sequence[tuple[float, bool]]
"""The score of each thing, and whether it is labelled."""


def roc_auc(ranked: Ranked) -> float | None:
    """The share of pairs of a labelled and an unlabelled thing in which the labelled one scores higher, ties as half.

    None without such a pair. Hanley & McNeil, Radiology 143 (1982), doi 10.1148/radiology.143.1.7063747.
    """
    ordered = sorted(ranked)
    positives = sum(label for _, label in ordered)
    negatives = len(ordered) - positives
    if not positives or not negatives:
        return None
    above = below = 0.0
    for labelled, unlabelled in _ties(ordered):
        above += labelled * (below + unlabelled / 2)
        below += unlabelled
    return above / (positives * negatives)


def average_precision(ranked: Ranked) -> float | None:
    """The sum over thresholds of precision times the gain in recall; None where nothing is labelled.

    As scikit-learn has it, without interpolation: things of one score are taken together.
    """
    positives = sum(label for _, label in ranked)
    if not positives:
        return None
    total = taken = found = 0.0
    for labelled, unlabelled in _ties(sorted(ranked, reverse=True)):
        found, taken = found + labelled, taken + labelled + unlabelled
        total += labelled / positives * found / taken
    return total


def hit(ranked: Ranked, count: int) -> float | None:
    """The probability that one of the first `count` things is labelled when things of one score are in random order.

    None where nothing is labelled.
    """
    if not any(label for _, label in ranked):
        return None
    left = count
    for labelled, unlabelled in _ties(sorted(ranked, reverse=True)):
        if labelled:
            return (
                1 - comb(unlabelled, left) / comb(labelled + unlabelled, left)
                if left < labelled + unlabelled
                else 1.0
            )
        left -= unlabelled
        if left <= 0:
            return 0.0
    return 0.0


def mean(values: Iterable[float | None]) -> float | None:
    """The mean of those that there are."""
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def middle(values: Iterable[float | None]) -> float | None:
    """The median of those that there are."""
    known = [value for value in values if value is not None]
    return median(known) if known else None


def _ties(ordered: Ranked) -> Iterable[tuple[int, int]]:
    """How many labelled and unlabelled things have each score, in the order given."""
    counts: dict[float, list[int]] = {}
    for score, label in ordered:
        counts.setdefault(score, [0, 0])[0 if label else 1] += 1
    return [(labelled, unlabelled) for labelled, unlabelled in counts.values()]
