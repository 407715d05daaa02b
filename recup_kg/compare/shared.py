"""What tasks share that took longer, or shorter, than the rest: a machine, a file that they read, a step.

Of two runs nothing is significant; but where all tasks of a machine shift alike and the others do not, it is one
difference and not many. For each group of matched tasks, x being log(other / reference) of their run times: shift d =
median of x in the group less that of the rest (0 where there is no rest); standard error of a median 1.2533 s /
sqrt(n), s = 1.4826 MAD shrunken to that of all, at least `FLOOR`, of both sides. A group counts from `DISTANCE`
standard errors and `RATIO` times on. The group that leaves the least absolute residual is taken first, its shift
taken out, and so on. Linear in tasks and their inputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import exp, hypot, log, sqrt
from statistics import median

from recup_kg.align.tokens import without_run_tokens
from recup_kg.compare.facts import Facts

FEWEST = 3
"""Tasks that a group has at least."""
RATIO = 1.2
DISTANCE = 5.0
FLOOR = 0.05
"""Spread of logarithms of run times that is always assumed: repeats of one task differ by about 5 %."""
_ALIKE = log(1.5)
"""How far the ratio of a task may be from that of its group and still be explained by it."""
_MOST_SHIFTS = 5
_MOST_GROUPS = 50
_WEIGHT = 16
"""Tasks that the spread of all is worth beside the own spread of a group."""
_MAD = 1.4826
_MEDIAN_ERROR = 1.2533

MACHINE, FILE, STEP = "machine", "file", "step"
_KINDS = (MACHINE, FILE, STEP)


@dataclass(frozen=True, slots=True)
class Shared:
    """A group of tasks that took `ratio` times as long, the rest `rest` times (None: there is no rest).

    `names` are what exactly these tasks share, as (machine, file or step; name): more than one where they can't be told apart.
    `tasks` are identifiers of the reference; `reference` and `other` their run times together, in seconds.
    """

    names: tuple[tuple[str, str], ...]
    tasks: frozenset[str]
    ratio: float
    rest: float | None
    reference: float
    other: float

    @property
    def label(self) -> str:
        """What is shared, in words."""
        kind, name = self.names[0]
        return f"{kind} {name}"

    def explains(self, task: str, ratio: float) -> bool:
        """Whether a task that took `ratio` times as long did so as the group did."""
        return task in self.tasks and abs(log(ratio / self.ratio)) <= _ALIKE


def find_shared(
    reference: Facts, other: Facts, pairs: Mapping[str, str], seconds: float
) -> tuple[Shared, ...]:
    """The groups of matched tasks that shift together, by at least `seconds` in all; the one that explains most first."""
    times = dict(_times(reference, other, pairs))
    logs = {task: log(new / old) for task, (old, new) in times.items()}
    groups = _groups(reference, other, pairs, logs)
    left = dict(logs)
    found: list[Shared] = []
    while len(found) < _MOST_SHIFTS:
        best = _best(groups, left, times, seconds)
        if best is None:
            break
        found.append(_shared(best, groups[best], left, logs, times))
        middle = median(left[task] for task in best)
        rest = [value for task, value in left.items() if task not in best]
        target = median(rest) if rest else 0.0
        left.update({task: left[task] - middle + target for task in best})
    return tuple(found)


def _times(
    reference: Facts, other: Facts, pairs: Mapping[str, str]
) -> Iterator[tuple[str, tuple[float, float]]]:
    """The run times of matched tasks in both runs, where they are known, reliable and not 0."""
    for task, partner in pairs.items():
        old, new = reference.tasks[task].run_time, other.tasks[partner].run_time
        doubtful = reference.unreliable_run_time(task) or other.unreliable_run_time(partner)
        if old and new and old > 0 and new > 0 and not doubtful:
            yield task, (old, new)


def _groups(
    reference: Facts, other: Facts, pairs: Mapping[str, str], tasks: Iterable[str]
) -> dict[frozenset[str], tuple[tuple[str, str], ...]]:
    """The groups of tasks, and what exactly these share."""
    members: dict[tuple[str, str], list[str]] = {}
    for task in tasks:
        for node in other.nodes.get(pairs[task], ()):
            members.setdefault((MACHINE, node), []).append(task)
        for item in reference.use.inputs.get(task, ()):
            members.setdefault((FILE, reference.data[item].logical_name), []).append(task)
        step = reference.tasks[task].step.rsplit("/", 1)[-1]
        members.setdefault((STEP, without_run_tokens(step)), []).append(task)
    found: dict[frozenset[str], list[tuple[str, str]]] = {}
    for name, group in members.items():
        if len(set(group)) >= FEWEST:
            found.setdefault(frozenset(group), []).append(name)
    return {
        group: tuple(sorted(names, key=lambda name: (_KINDS.index(name[0]), name[1])))
        for group, names in found.items()
    }


def _best(
    groups: Iterable[frozenset[str]],
    logs: Mapping[str, float],
    times: Mapping[str, tuple[float, float]],
    seconds: float,
) -> frozenset[str] | None:
    """The group that counts and leaves least unexplained; None where none counts."""
    if not logs:
        return None
    candidates = []
    for group in _promising(groups, logs, median(logs.values())):
        residual = _residual(group, logs)
        changed = abs(sum(times[task][1] - times[task][0] for task in group))
        if residual is not None and changed >= seconds:
            candidates.append((residual, -len(group), sorted(group), group))
    return min(candidates)[3] if candidates else None


def _promising(
    groups: Iterable[frozenset[str]], logs: Mapping[str, float], middle: float
) -> Sequence[frozenset[str]]:
    """Groups whose middle lies apart; large ones always, as they are the middle. The most telling of too many."""
    large, small = [], []
    for group in groups:
        if 4 * len(group) >= len(logs):
            large.append((len(group), group))
        else:
            apart = abs(median(logs[task] for task in group) - middle)
            if apart >= log(RATIO):
                small.append((len(group) * apart, group))
    return [
        group
        for found in (large, small)
        for _, group in sorted(found, key=lambda item: (-item[0], sorted(item[1])[0]))[:_MOST_GROUPS]
    ]


def _residual(group: frozenset[str], logs: Mapping[str, float]) -> float | None:
    """What is left of the absolute logarithms when group and rest have a middle each; None where the group does not count."""
    inside = [logs[task] for task in group]
    outside = [value for task, value in logs.items() if task not in group]
    here, there = median(inside), median(outside) if outside else 0.0
    whole = _spread([*(value - here for value in inside), *(value - there for value in outside)])
    error = hypot(_error(inside, here, whole), _error(outside, there, whole) if outside else 0.0)
    if abs(here - there) < max(log(RATIO), DISTANCE * error):
        return None
    return sum(abs(value - here) for value in inside) + sum(abs(value - there) for value in outside)


def _error(values: Sequence[float], middle: float, whole: float) -> float:
    """Of the middle of values, whose spread is shrunken to that of the whole: of a few tasks it is small by chance."""
    own = _spread([value - middle for value in values])
    count = len(values)
    spread = sqrt((_WEIGHT * whole**2 + count * own**2) / (_WEIGHT + count))
    return _MEDIAN_ERROR * max(spread, FLOOR) / sqrt(count)


def _spread(residuals: Sequence[float]) -> float:
    return _MAD * median(map(abs, residuals))


def _shared(
    group: frozenset[str],
    names: tuple[tuple[str, str], ...],
    left: Mapping[str, float],
    logs: Mapping[str, float],
    times: Mapping[str, tuple[float, float]],
) -> Shared:
    rest = [value for task, value in left.items() if task not in group]
    return Shared(
        names=names,
        tasks=group,
        ratio=exp(median(logs[task] for task in group)),
        rest=exp(median(rest)) if rest else None,
        reference=sum(times[task][0] for task in group),
        other=sum(times[task][1] for task in group),
    )
