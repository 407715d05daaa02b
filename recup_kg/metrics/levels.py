"""Levels of reproducibility of a pair of runs: the terms of the ACM, and the seven modes of DALiuGE.

A level is reached only where evidence shows each of its conditions; what was not captured blocks it. ACM, Artifact Review and
Badging 1.1, https://www.acm.org/publications/policies/artifact-review-and-badging-current; DALiuGE, arXiv 2406.01146 and its
"R-Mode Standards".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from recup_kg.comparisons import Verdict
from recup_kg.quality import Condition, Level

STRUCTURE = "structure"
PROGRAMS = "programs and arguments"
INPUTS = "inputs"
OUTPUTS = "outputs"
MACHINES = "machines"
STATUS = "status"
TEAM = "team"
SETUP = "setup"
RESULTS = "results"

_RERUN = (STRUCTURE, STATUS)
_REPEAT = (*_RERUN, PROGRAMS)
_RECOMPUTE = (*_REPEAT, INPUTS, MACHINES, SETUP)
_REPRODUCE = (RESULTS,)

MODES: Mapping[str, tuple[str, ...]] = {
    "rerun": _RERUN,
    "repeat": _REPEAT,
    "recompute": _RECOMPUTE,
    "reproduce": _REPRODUCE,
    "replicate scientifically": (*_RERUN, *_REPRODUCE),
    "replicate totally": (*_REPEAT, *_REPRODUCE),
    "replicate computationally": (*_RECOMPUTE, *_REPRODUCE),
}
"""What must be the same for each mode of DALiuGE: the workflow's structure and that it ran; also the parameters of its tasks;
also the content of its inputs, and where and in which environment it ran; the content of the final data; and both."""


def levels(conditions: Sequence[Condition]) -> tuple[Level, ...]:
    """The levels of both schemes, in the order of what they ask for, each with what it fails on or what blocks it.

    The conditions are the verdicts on structure, programs and arguments, inputs, machines, status, setup, team and results.
    """
    known = {condition.name: condition for condition in conditions}
    return (*_acm(known), *(_mode(name, wanted, known) for name, wanted in MODES.items()))


def _mode(name: str, wanted: Sequence[str], known: Mapping[str, Condition]) -> Level:
    found = [_condition(known, one) for one in wanted]
    return _level("DALiuGE", name, found)


def _acm(known: Mapping[str, Condition]) -> tuple[Level, ...]:
    """Results agree, and team and setup are the same, or not."""
    results, team, setup = (_condition(known, name) for name in (RESULTS, TEAM, SETUP))
    return (
        _level("ACM", "repeatability", [results, team, setup]),
        _level("ACM", "reproducibility", [results, _other(team), setup]),
        _level("ACM", "replicability", [results, _other(team), _other(setup)]),
    )


def _level(scheme: str, name: str, wanted: Sequence[Condition]) -> Level:
    failed = tuple(one for one in wanted if one.verdict is Verdict.DIFFERENT)
    untold = tuple(one for one in wanted if one.verdict is Verdict.CANT_TELL)
    reached = Verdict.DIFFERENT if failed else Verdict.CANT_TELL if untold else Verdict.SAME
    return Level(scheme, name, reached, failed or untold)


def _condition(known: Mapping[str, Condition], name: str) -> Condition:
    return known.get(name, Condition(name, Verdict.CANT_TELL, "not captured"))


def _other(condition: Condition) -> Condition:
    """The condition that it is another one."""
    turned = {Verdict.SAME: Verdict.DIFFERENT, Verdict.DIFFERENT: Verdict.SAME}
    verdict = turned.get(condition.verdict, condition.verdict)
    return Condition(f"other {condition.name}", verdict, condition.reason)
