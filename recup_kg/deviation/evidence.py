"""Evidence: -log10 of probabilities, of each value of each task."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from recup_kg.deviation.layout import Floats, Table
from recup_kg.deviation.model import Model
from recup_kg.deviation.options import ScoreOptions


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of each value of each task: z, degrees of freedom, two-sided p of Student's t, -log10 p (capped; 0 if not captured)."""

    distances: Floats
    orders: Floats
    probabilities: Floats
    parts: Floats

    @property
    def own(self) -> Floats:
        """The evidence of each task alone: the sum over its measurements (Fisher's combination, as a score and not as a test)."""
        found: Floats = self.parts.sum(axis=1)
        return found


def weigh(table: Table, model: Model, options: ScoreOptions) -> Evidence:
    """The evidence of each value of a run."""
    distances, orders = model.distances(table), model.orders(table)
    probability = student(distances, orders)
    return Evidence(distances, orders, probability, evidence(probability, options.cap))


def student(distances: Floats, orders: Floats) -> Floats:
    """Two-sided p of Student's t."""
    found: Floats = 2 * special.stdtr(orders, -np.abs(distances))
    return found


def normal(distances: Floats) -> Floats:
    """Two-sided p of the normal distribution."""
    found: Floats = 2 * special.ndtr(-np.abs(distances))
    return found


def evidence(probability: Floats, cap: float) -> Floats:
    """-log10 p, at most `cap`; 0 where p is not known."""
    found = np.minimum(-np.log10(np.maximum(probability, 10.0 ** (-cap - 1))), cap)
    return np.where(np.isnan(found), 0.0, np.maximum(found, 0.0))
