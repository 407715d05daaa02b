"""Choices of the scores."""

from __future__ import annotations

from dataclasses import dataclass

from recup_kg.vocab import RECUP

ELSEWHERE = frozenset(
    RECUP + name for name in ("releaseDelay", "queueDelay", "waitTime", "preScriptTime", "postScriptTime")
)
"""Times that a task does not spend on the machine it runs on: they tell of the scheduler, not of the machine."""


@dataclass(frozen=True, slots=True)
class ScoreOptions:
    """`alpha` is the level of significance of p (runs) and of adjusted p (tasks, nodes).

    Of one measurement: `prior` is how many references the spread of the task's type counts as, `spread` the relative spread
    that is assumed as long as no two values tell, `floor` the smallest relative spread, `bound` the number of spreads at
    which deviations of single references are cut off, `cap` the largest evidence (-log10 p).

    Of what tasks on a node share: `shared` is the weight of its evidence, `clip` the largest distance that a task
    contributes, `uncertainty` what is added to the estimated variance of nodes (in squared spreads), `elsewhere` the
    measurements (IRIs) that say nothing of it. What a stronger node of the same machine shows with a distance of more than
    `obvious` counts only as `inherited` (a share of 1) for the others, unless one of them does not show it (a distance
    below `visible`).

    References are left out one at a time to score them, in `folds` parts where there are more. With `screen`, those are left
    out for good whose values are on average `apart` times as improbable as is usual for references.
    """

    alpha: float = 0.05
    prior: float = 4.0
    spread: float = 0.1
    floor: float = 0.02
    bound: float = 6.0
    cap: float = 12.0
    shared: float = 8.0
    uncertainty: float = 1.0
    clip: float = 6.0
    elsewhere: frozenset[str] = ELSEWHERE
    obvious: float = 3.0
    visible: float = 1.0
    common: float = 0.8
    inherited: float = 0.1
    folds: int = 40
    screen: bool = True
    apart: float = 3.0
