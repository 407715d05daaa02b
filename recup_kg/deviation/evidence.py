"""Evidence: -log10 of probabilities, of one task and of what tasks share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from recup_kg.deviation.layout import Floats, Table
from recup_kg.deviation.model import Model
from recup_kg.deviation.options import ScoreOptions


def probabilities(distances: Floats, order: Floats) -> Floats:
    """Two-sided p of Student's t."""
    found: Floats = 2 * special.stdtr(order, -np.abs(distances))
    return found


def evidence(probability: Floats, cap: float) -> Floats:
    """-log10 p, at most `cap`; 0 where p is not known."""
    found: Floats = np.minimum(-np.log10(np.maximum(probability, 10.0 ** (-cap - 1))), cap)
    return np.where(np.isnan(found), 0.0, np.maximum(found, 0.0))


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of the tasks of a run: z and p of each value, evidence of each value, and the sums of clipped z of each node."""

    distances: Floats
    probabilities: Floats
    parts: Floats
    sums: Floats

    @property
    def own(self) -> Floats:
        """The evidence of each task alone."""
        found: Floats = self.parts.sum(axis=1)
        return found


def weigh(table: Table, model: Model, options: ScoreOptions) -> Evidence:
    """The evidence of each task by measurement, and of each node."""
    distances = model.distances(table)
    order = model.order[np.maximum(table.keys, 0)] if len(model.order) else np.ones_like(distances)
    probability = probabilities(distances, order)
    parts = evidence(probability, options.cap)
    clipped = np.clip(np.where(np.isnan(distances), 0.0, distances), -options.clip, options.clip)
    captured = ~np.isnan(distances)
    sums = [
        np.where(captured[rows].any(axis=0), clipped[rows].sum(axis=0), np.nan)
        / np.sqrt(captured[rows].sum(axis=0) + 2)
        for _, rows in table.members
    ]
    return Evidence(distances, probability, parts, np.array(sums).reshape(len(sums), distances.shape[1]))


def scales(sums: Sequence[Floats], width: int) -> Floats:
    """The robust spread of the sums of nodes over all references, by measurement: at least 1."""
    block = np.concatenate([np.zeros((0, width)), *sums])
    found = np.ones(width)
    if not len(block):
        return found
    captured = ~np.isnan(block).all(axis=0)
    found[captured] = 1.4826 * np.nanmedian(np.abs(block[:, captured]), axis=0)
    result: Floats = np.maximum(found, 1.0)
    return result


def pooled(found: Evidence, scale: Floats, options: ScoreOptions) -> Floats:
    """The evidence of each node: over the measurements, -log10 of the normal p of its scaled sum."""
    probability = 2 * special.ndtr(-np.abs(found.sums / scale))
    total: Floats = evidence(probability, options.cap).sum(axis=1)
    return total
