"""Evidence that tasks on one node share, and what of it a stronger node of the same machine explains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recup_kg.deviation.evidence import Evidence, evidence, normal, student
from recup_kg.deviation.layout import Booleans, Floats, Group, Integers, Table
from recup_kg.deviation.options import ScoreOptions

_ENOUGH = 4
"""From how many nodes on their variance is estimated."""
_FEW = (0.5, 1.0)
"""Variance between nodes and between tasks of a node, in squared spreads of a task, that is assumed for fewer."""
_OUTLYING = 9.0
"""Squared means of nodes are cut off here: the nodes of references can deviate as well."""
_WITHIN = 0.5
"""The smallest variance between tasks of one node that is believed."""


@dataclass(frozen=True, slots=True)
class Means:
    """By node and measurement: the mean of the clipped distances of its tasks, and how many have one."""

    mean: Floats
    count: Integers


@dataclass(frozen=True, slots=True)
class Variances:
    """By measurement, in squared spreads of a task: how means of nodes vary (`between`), how tasks on one node do (`within`)."""

    between: Floats
    within: Floats

    def distances(self, means: Means) -> Floats:
        """z of the mean of each node: mean / sqrt(between + within / count)."""
        found: Floats = means.mean / np.sqrt(self.between + self.within / np.maximum(means.count, 1))
        return found


@dataclass(frozen=True, slots=True)
class Pooled:
    """Evidence of each group; of each task, what its innermost group adds, and what it loses to `leaders` (places of groups).

    `whole` and `offered` are those of groups and of innermost groups before anything is taken from them.
    """

    whole: Floats
    groups: Floats
    offered: Floats
    added: Floats
    inherited: Floats
    innermost: Integers
    leaders: Integers


def means(table: Table, distances: Floats, options: ScoreOptions) -> Means:
    """The mean of each group and measurement, of distances cut off at `clip`."""
    clipped = np.clip(np.where(np.isnan(distances), 0.0, distances), -options.clip, options.clip)
    captured = ~np.isnan(distances)
    width = distances.shape[1]
    count = np.array([captured[group.rows].sum(axis=0) for group in table.groups], dtype=np.int64).reshape(
        -1, width
    )
    total = np.array([clipped[group.rows].sum(axis=0) for group in table.groups]).reshape(-1, width)
    return Means(np.where(count > 0, total / np.maximum(count, 1), np.nan), count)


def variances(found: Sequence[Means], width: int, options: ScoreOptions) -> Variances:
    """Moments over the nodes of all references: E mean^2 = between + within / count, least squares, neither below 0.

    The variance between nodes is raised by `uncertainty` standard errors of a variance of 1 that n values estimate, sqrt(2 / n).
    """
    between, within = np.full(width, _FEW[0]), np.full(width, _FEW[1])
    if found:
        squares = np.minimum(np.concatenate([one.mean for one in found]) ** 2, _OUTLYING)
        count = np.concatenate([one.count for one in found])
        for column in range(width):
            given = count[:, column] > 0
            number = int(given.sum())
            if number >= _ENOUGH:
                start, within[column] = _moments(squares[given, column], 1 / count[given, column])
                between[column] = start + options.uncertainty * np.sqrt(2 / number)
    return Variances(between, np.maximum(within, _WITHIN))


def _moments(squares: Floats, shares: Floats) -> tuple[float, float]:
    """The line squares = a + b shares with a, b >= 0 and least squares."""
    deviations = shares - shares.mean()
    spread = float(deviations @ deviations)
    slope = float(deviations @ squares) / spread if spread > 0 else float(squares.mean() / shares.mean())
    start = float(squares.mean() - slope * shares.mean())
    if slope < 0:
        return float(squares.mean()), 0.0
    if start < 0:
        return 0.0, float(shares @ squares) / float(shares @ shares)
    return start, slope


def pool(table: Table, found: Evidence, spread: Variances, local: Booleans, options: ScoreOptions) -> Pooled:
    """The evidence of groups, and what each task has of it.

    A task has that of its innermost group (its container, or its machine where no container is known). Of the groups within
    one machine the one with most evidence leads; where all of them show what it shows, it explains the others.
    """
    given = means(table, found.distances, options)
    distances = spread.distances(given)
    strength = evidence(normal(distances), options.cap)
    whole: Floats = strength[:, local].sum(axis=1)
    shown, leaders = _explained(table.groups, given, distances, whole, options)
    left = _remaining(given.mean, shown)
    rest = evidence(normal(spread.distances(Means(left, given.count))), options.cap)
    groups = _kept(strength, rest, shown, options)[:, local].sum(axis=1)
    innermost = _innermost(table)
    offered, added = _of_tasks(whole, innermost), _of_tasks(groups, innermost)
    lost = _lost(found, shown, innermost, options)
    of_tasks = np.where(innermost >= 0, leaders[innermost], -1) if len(groups) else innermost
    return Pooled(whole, groups, offered, added, lost, innermost, of_tasks)


def _of_tasks(groups: Floats, innermost: Integers) -> Floats:
    """That of the innermost group of each task, 0 where it has none."""
    return np.where(innermost >= 0, groups[innermost], 0.0) if len(groups) else np.zeros(len(innermost))


def _explained(
    groups: Sequence[Group], given: Means, distances: Floats, whole: Floats, options: ScoreOptions
) -> tuple[Floats, Integers]:
    """By group and measurement, the mean distance that its leader shows as well (0: none); and the leader (-1: itself)."""
    shown = np.zeros_like(distances)
    leaders = np.full(len(groups), -1)
    siblings: dict[int, list[int]] = {}
    for place, group in enumerate(groups):
        if group.within is not None:
            siblings.setdefault(group.within, []).append(place)
    for places in siblings.values():
        leader = max(places, key=lambda place: (whole[place], -place))
        direction = np.sign(np.nan_to_num(distances[leader]))
        aligned = np.where(given.count[places] > 0, distances[places] * direction, np.inf)
        common = (np.abs(np.nan_to_num(distances[leader])) > options.obvious) & (
            (aligned > options.visible).mean(axis=0) >= options.common
        )
        for place in places:
            if place != leader:
                shown[place] = np.where(
                    common & (given.count[place] > 0), np.nan_to_num(given.mean[leader]), 0.0
                )
                leaders[place] = leader if shown[place].any() else -1
    return shown, leaders


def _remaining(mean: Floats, shown: Floats) -> Floats:
    """What exceeds what is shown elsewhere, where both have the same sign."""
    same = (shown != 0) & (np.sign(mean) == np.sign(shown))
    found: Floats = np.where(same, np.sign(mean) * np.maximum(np.abs(mean) - np.abs(shown), 0.0), mean)
    return found


def _kept(strength: Floats, rest: Floats, shown: Floats, options: ScoreOptions) -> Floats:
    """The evidence of what remains, and the share of the inherited that counts."""
    less = np.minimum(rest, strength)
    found: Floats = np.where(
        shown != 0, options.inherited * strength + (1 - options.inherited) * less, strength
    )
    return found


def _lost(found: Evidence, shown: Floats, innermost: Integers, options: ScoreOptions) -> Floats:
    """How much of the own evidence of each task a stronger node explains."""
    if not len(shown):
        return np.zeros(len(innermost))
    explained = np.where((innermost >= 0)[:, None], shown[innermost], 0.0)
    clipped = np.clip(found.distances, -options.clip, options.clip)
    explained = np.where(np.sign(clipped) == np.sign(explained), explained, 0.0)
    rest = evidence(student(_remaining(clipped, explained), found.orders), options.cap)
    lost: Floats = (found.parts - _kept(found.parts, rest, explained, options)).sum(axis=1)
    return lost


def _innermost(table: Table) -> Integers:
    """The smallest group of each task (the last by name of equal ones), -1 where it has none."""
    found = np.full(len(table.keys), -1)
    order = sorted(
        range(len(table.groups)), key=lambda place: (-len(table.groups[place].rows), table.groups[place].name)
    )
    for place in order:
        found[table.groups[place].rows] = place
    return found
