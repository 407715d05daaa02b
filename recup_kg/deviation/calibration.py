"""Probabilities from leave-one-out scores, and their correction for how many were looked at."""

from __future__ import annotations

import math

import numpy as np

from recup_kg.comparisons import Verdict
from recup_kg.deviation.layout import Floats


def conformal(score: Floats, references: Floats) -> Floats:
    """(1 + references at least as far) / (1 + n) (Vovk, Gammerman, Shafer: Algorithmic Learning in a Random World, 2005)."""
    ordered = np.sort(references)
    found: Floats = (1 + len(ordered) - np.searchsorted(ordered, score, side="left")) / (1 + len(ordered))
    return found


def adjusted(probability: Floats) -> Floats:
    """Benjamini and Hochberg, J. R. Stat. Soc. B 57 (1995): p(i) m / i, made monotonous."""
    number = len(probability)
    order = np.argsort(probability, kind="stable")
    stepped = probability[order] * number / np.arange(1, number + 1)
    found = np.empty(number)
    found[order] = np.minimum(np.minimum.accumulate(stepped[::-1])[::-1], 1.0)
    return found


def needed(references: int, looked_at: int, peers: float, alpha: float) -> int | None:
    """How many more references would make the smallest adjusted p reach `alpha`; None where these do.

    `peers` is the mean number of scores that each reference gives: the floor is looked_at / (1 + n peers), and 1 / (1 + n).
    """
    for_parts = math.ceil((looked_at / alpha - 1) / max(peers, 1.0) - 1e-9)
    for_run = math.ceil(1 / alpha - 1 - 1e-9)
    least = max(for_parts, for_run)
    return None if references >= least else least - references


def verdict(probability: float | None, score: float, alpha: float, missing: int | None) -> Verdict:
    """The same where nothing differs at all; different from `alpha` down; else the same if the references suffice."""
    if score <= 0:
        return Verdict.SAME
    if probability is not None and probability <= alpha:
        return Verdict.DIFFERENT
    return Verdict.CANT_TELL if probability is None or missing else Verdict.SAME
