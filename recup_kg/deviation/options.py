"""Choices of the scores."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ScoreOptions:
    """`alpha` is the level of significance of p (runs) and of adjusted p (tasks, nodes).

    `prior` is how many references the spread of the task's type counts as, `spread` the relative spread that is assumed
    as long as no two values tell, `cap` the largest evidence (-log10 p) of one measurement, `clip` the largest distance
    that a task contributes to what it shares with others, `shared` the weight of that. References are left out one at a
    time to score them, in `folds` parts where there are more.
    """

    alpha: float = 0.05
    prior: float = 4.0
    spread: float = 0.1
    cap: float = 12.0
    clip: float = 6.0
    shared: float = 2.0
    folds: int = 40
    screen: bool = True
