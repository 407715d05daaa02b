"""The overall verdict of a comparison with a group: coverage first, then tasks, scores, and how sure they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log
from statistics import median

from recup_kg.comparisons import SourceGap, Verdict
from recup_kg.group_comparisons import Distribution
from recup_kg.measurements import MeasuredRun
from recup_kg.scores import Scores

_MOST_NAMES = 3
_ALPHA = 0.05


@dataclass(frozen=True, slots=True)
class Membership:
    """Tasks by key and count: `missing` are in every reference and not in the run, `extra` in the run and in no reference."""

    missing: tuple[str, ...]
    extra: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the run has other tasks than all references."""
        return bool(self.missing or self.extra)


def membership(run: MeasuredRun, references: Sequence[MeasuredRun]) -> Membership:
    """Which tasks the run lacks or has alone; of tasks that share a key, the number counts. Named by identifiers."""
    own = Counter(task.key for task in run.tasks)
    counts = [Counter(task.key for task in reference.tasks) for reference in references]
    keys = {*own, *(key for count in counts for key in count)}
    least = {key: min(count[key] for count in counts) for key in keys}
    most = {key: max(count[key] for count in counts) for key in keys}
    lacking = {key: least[key] - own[key] for key in keys if own[key] < least[key]}
    alone = {key: own[key] - most[key] for key in keys if own[key] > most[key]}
    return Membership(_named(references[0], lacking), _named(run, alone))


def _named(run: MeasuredRun, counts: dict[str, int]) -> tuple[str, ...]:
    """The identifiers of as many tasks of each key as there are too many or too few."""
    found = []
    left = dict(counts)
    for task in run.tasks:
        if left.get(task.key, 0) > 0:
            left[task.key] -= 1
            found.append(task.identifier)
    return tuple(found)


def makespan_probability(makespan: Distribution) -> float | None:
    """Of a makespan as far from the median of all by chance: its rank among run and references (permutation, two-sided).

    Distances are of logarithms. None where the makespan of the run or of every reference was not captured.
    """
    known = [value for value in makespan.references if value is not None and value > 0]
    if makespan.value is None or makespan.value <= 0 or not known:
        return None
    logs = [log(value) for value in (makespan.value, *known)]
    middle = median(logs)
    far = [abs(value - middle) for value in logs]
    return sum(distance >= far[0] for distance in far) / len(far)


def overall(
    scores: Scores, members: Membership, gaps: Sequence[SourceGap], makespan: Distribution
) -> tuple[Verdict, str]:
    """The verdict and its reason. `gaps` are those of the run.

    A gap that touches what is compared lets nobody tell. The makespan alone makes a run different at half the level, as it is
    tested beside the scores (Bonferroni).
    """
    telling = [gap for gap in gaps if gap.touches]
    if telling:
        more = f" and {len(telling) - 1} more" if len(telling) > 1 else ""
        touched = ", ".join(telling[0].touches)
        return (
            Verdict.CANT_TELL,
            f"the capture of the run lacks what tells of {touched}: {telling[0].message}{more}",
        )
    p = makespan_probability(makespan)
    found = [*_tasks(members), *_scores(scores)]
    if p is not None and p <= (_ALPHA if found else _ALPHA / 2):
        found.append(f"{_lies(makespan)} (p = {p:.2g})")
    if found:
        return Verdict.DIFFERENT, "; ".join(found)
    if not scores.tasks:
        return Verdict.CANT_TELL, "no task of the run was captured"
    if scores.run.verdict is not Verdict.SAME:
        return Verdict.CANT_TELL, f"{_too_few(scores)}; {_lies(makespan)}"
    if p is not None and p <= _ALPHA:
        return (
            Verdict.CANT_TELL,
            f"no task or machine deviates, but the {_lies(makespan)}; more references would tell",
        )
    count = _several(scores.run.n, "reference")
    return Verdict.SAME, f"no task, no machine and not the run as a whole lies beyond what {count} vary by"


def _lies(makespan: Distribution) -> str:
    """How the makespan lies to those of the references."""
    known = [value for value in makespan.references if value is not None]
    if makespan.value is None or not known:
        return "makespan not captured"
    middle = median(known)
    if len(known) == 1 and middle:
        return f"makespan is {makespan.value / middle:.2f} times that of the reference"
    ratio = (
        f" is {makespan.value / middle:.2f} times the median" if middle else f" is {makespan.value:,.1f} s"
    )
    if min(known) <= makespan.value <= max(known):
        return f"makespan{ratio}, within the range of the references"
    return f"makespan{ratio}, beyond all {_several(len(known), 'reference')}"


def _tasks(members: Membership) -> Iterable[str]:
    if members.missing:
        yield f"{_several(len(members.missing), 'task')} of every reference did not run ({_some(members.missing)})"
    if members.extra:
        yield f"{_several(len(members.extra), 'task')} ran in no reference ({_some(members.extra)})"


def _scores(scores: Scores) -> Iterable[str]:
    nodes = [node.name for node in scores.nodes if node.verdict is Verdict.DIFFERENT]
    tasks = [task.identifier for task in scores.tasks if task.verdict is Verdict.DIFFERENT]
    if nodes:
        yield f"{_several(len(nodes), 'machine')} of {len(scores.nodes)} deviate{_s(nodes)} ({_some(nodes)})"
    if tasks:
        yield f"{_several(len(tasks), 'task')} of {len(scores.tasks)} deviate{_s(tasks)} ({_some(tasks)})"
    if scores.run.verdict is Verdict.DIFFERENT and not nodes and not tasks:
        yield f"the run as a whole lies beyond all references (p = {scores.run.p:.3g})"


def _too_few(scores: Scores) -> str:
    run = scores.run
    if run.n == 1:
        return f"one reference tells a difference, no deviation: at least {_several(run.needed or 1, 'more reference')} needed"
    if run.needed:
        return (
            f"the smallest p that {_several(run.n, 'reference')} can give is {run.p_floor:.2g}: "
            f"at least {_several(run.needed, 'more reference')} needed"
        )
    return f"{_several(run.n, 'reference')} can't tell"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return ", ".join(names[:_MOST_NAMES]) + more


def _several(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _s(things: Sequence[str]) -> str:
    return "s" if len(things) == 1 else ""
